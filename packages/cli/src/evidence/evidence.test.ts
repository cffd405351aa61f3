import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EvidenceLock } from "@bulkhead/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attested, newKey, openVex, slsa, slsaPredicate, trivyReport, vexPredicate, vulns, vulnsPredicate } from "../../../image-evidence/test/signing";
import type { Cli } from "../../test/cli";
import { createCli, pod } from "../../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const image = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;
const at = "2026-05-20T04:00:00Z";
const [ci, stranger] = [newKey(), newKey()];
const lockfile = "bulkhead.evidence.json";
const text = (value: unknown): string => JSON.stringify(value);
const files = {
  "report.json": text(trivyReport(image, at, "CVE-2026-1")),
  "signed.json": attested(ci, image, vulns, vulnsPredicate(at)).toString(),
  "provenance.json": attested(ci, image, slsa, slsaPredicate).toString(),
  "stranger.json": attested(stranger, image, vulns, vulnsPredicate(at)).toString(),
  "notime.json": text({ ...trivyReport(other, at), CreatedAt: undefined }),
  "ci.pub": ci.publicKey,
  "config.json": text({ evidence: { signers: { ci: { keyFile: "ci.pub" } } } }),
};
const now = ["--now", "2026-06-01"];
const evidence = (folder: string, ...args: readonly string[]) => cli.run(folder, ["evidence", ...args]);
const lockOf = (folder: string): string => readFileSync(join(folder, lockfile), "utf8");
const documents = (folder: string): readonly string[] => (existsSync(join(folder, "bulkhead.evidence.d")) ? readdirSync(join(folder, "bulkhead.evidence.d")) : []);

describe("misuse is said on standard error, and is exit 2", () => {
  test.each([
    ["evidence", "evidence needs a command: add, sync, verify, list, prune"],
    ["evidence ad", 'unknown command of evidence "ad"; did you mean add?'],
    ["evidence add", "evidence add needs a report, or - for standard input"],
    ["evidence add - -", "standard input can be read once"],
    ["evidence add --sign x", "unknown option --sign"],
    ["evidence sync --from stat", '--from: expected state, manifests, compose, Dockerfile, found "stat"; did you mean state?'],
    ["evidence sync --concurrency 33", "--concurrency: expected 1 to 32, found 33"],
    ["evidence list --expiring 2weeks", '--expiring: expected days such as 14d, found "2weeks"'],
    ["evidence verify a.json", "evidence verify takes no files: it verifies the lockfile"],
    ["evidence list --format xml", '--format: expected text, json, found "xml"'],
  ])("%s", (line, message) => {
    expect(cli.run(cli.folder({}), line.split(" "))).toEqual({ code: 2, stdout: "", stderr: `bulkhead: ${message}\n\`bulkhead --help\` says how to use it\n` });
  });

  test("help of all commands, and of one", () => {
    const folder = cli.folder({});
    for (const args of [["evidence", "--help"], ["help", "evidence"]]) expect(cli.run(folder, args)).toMatchObject({ code: 0, stdout: expect.stringContaining("sync [PATH...]"), stderr: "" });
    for (const name of ["add", "sync", "verify", "list", "prune"]) for (const args of [["evidence", name, "--help"], ["help", "evidence", name]]) expect(cli.run(folder, args)).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^bulkhead evidence ${name} [^]*--lockfile FILE[^]*Exit code: 0`)) });
  });

  test.each(["list", "verify", "prune"])("evidence %s needs a lockfile", (command) => {
    expect(evidence(cli.folder({}), command)).toEqual({ code: 2, stdout: "", stderr: `${lockfile}: expected a lockfile, found no such file\n` });
  });

  test("a signer who cannot be used is named where it stands", () => {
    const folder = cli.folder({ "config.json": text({ evidence: { signers: { ci: { keyFile: "none.pub" } } } }), "wrong.json": text({ evidence: { signers: { ci: { key: "secret words" } } } }), "report.json": files["report.json"] });
    expect(evidence(folder, "add", "--config", "config.json", "report.json")).toEqual({ code: 2, stdout: "", stderr: "config.json:1:31: evidence.signers.ci.keyFile: expected a file that can be read, found ENOENT\n" });
    const wrong = evidence(folder, "add", "--config", "wrong.json", "report.json");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("evidence.signers.ci.key: expected a public key in PEM, found a text that is no PEM") });
    expect(wrong.stderr).not.toContain("secret words");
    expect(existsSync(join(folder, lockfile))).toBe(false);
  });
});

describe("evidence add", () => {
  test("0 where everything is evidence; the lockfile is written, and the same again changes nothing", () => {
    const folder = cli.folder(files);
    expect(evidence(folder, "add", ...now, "report.json")).toEqual({ code: 0, stdout: "report.json: scan of sha256:aaaaaaaaaaaa... (not signed)\n", stderr: "" });
    const before = lockOf(folder);
    expect(evidence(folder, "add", ...now, "report.json").code).toBe(0);
    expect(lockOf(folder)).toBe(before);
    expect(cli.run(folder, ["evidence", "add", ...now, "-"], { stdin: files["report.json"] }).stdout).toContain("standard input: scan of");
  });

  test("VEX documents and scans count together, in whichever order they are added; where they do not it is said", () => {
    const vex = (id: string): string => attested(ci, image, openVex, vexPredicate(image, id, at)).toString();
    const folder = cli.folder({ ...files, "config.json": text({ evidence: { signers: { ci: { keyFile: "ci.pub" } }, vexAuthors: ["ci"] } }), "vex.json": vex("CVE-2026-1"), "vex2.json": vex("CVE-2026-2"), "signed.json": attested(ci, image, vulns, vulnsPredicate(at, "CVE-2026-1", "CVE-2026-2")).toString() });
    const add = (file: string) => evidence(folder, "add", ...now, "--config", "config.json", file);
    expect(add("vex.json")).toEqual({ code: 0, stdout: "vex.json: VEX document of sha256:aaaaaaaaaaaa... (signed)\n", stderr: "vex.json: there is no scan of its image yet: it counts for those that are added\n" });
    for (const file of ["report.json", "signed.json"]) expect(add(file)).toMatchObject({ code: 0, stderr: "" });
    expect(add("vex2.json").stderr).toContain("vex2.json: it does not count for report.json: of a report that nobody signed");
    const scans = (JSON.parse(lockOf(folder)) as EvidenceLock).images[image]?.scans ?? [];
    expect(scans.map(({ vulnerabilities, suppressed = [] }) => [vulnerabilities, suppressed.map(({ id }) => id)])).toEqual([[{}, ["CVE-2026-1", "CVE-2026-2"]], [{}, ["CVE-2026-1"]]]);
    expect(evidence(folder, "prune").stdout).toContain("0 documents taken out");
    expect(evidence(folder, "verify", ...now, "--config", "config.json").stdout).toBe("3 records verified, 0 rejected, 1 that nobody signed\n");
  });

  test("1 where something is none, with the reason; 2 where something cannot be read; the rest is taken", () => {
    const folder = cli.folder({ ...files, "broken.json": "{" });
    const none = evidence(folder, "add", ...now, "--config", "config.json", "notime.json", "stranger.json", "signed.json");
    expect(none).toMatchObject({ code: 1, stdout: "signed.json: scan of sha256:aaaaaaaaaaaa... (signed)\n" });
    expect(none.stderr).toMatch(/^notime\.json: no evidence \(no-time\): .+\nstranger\.json: no evidence \(untrusted-signer\): .+\n$/);
    expect(documents(folder)).toHaveLength(1);
    const broken = evidence(folder, "add", ...now, "--format", "json", "broken.json", "report.json", "none.json");
    expect(broken.code).toBe(2);
    expect(JSON.parse(broken.stdout)).toMatchObject({ lockfile, added: [{ file: "report.json", what: "scan", images: [image], trust: "local" }], refused: [], errors: [{ file: "none.json", found: "no such file" }, { file: "broken.json" }] });
  });

  test("--require-signed takes no report that nobody signed", () => {
    const folder = cli.folder(files);
    const result = evidence(folder, "add", ...now, "--require-signed", "--config", "config.json", "report.json", "signed.json");
    expect(result).toMatchObject({ code: 1, stdout: "signed.json: scan of sha256:aaaaaaaaaaaa... (signed)\n", stderr: expect.stringContaining("report.json: no evidence (not-signed)") });
  });

  test("a report of 200 MB is refused before it is read", () => {
    const folder = cli.folder({ "huge.json": "[" });
    truncateSync(join(folder, "huge.json"), 200 * 2 ** 20);
    expect(evidence(folder, "add", "huge.json")).toEqual({ code: 2, stdout: "", stderr: "huge.json: expected at most 64 MiB, found 200 MiB\n" });
    expect(existsSync(join(folder, lockfile))).toBe(false);
  });

  test("a lockfile that cannot be read is left as it is", () => {
    const conflict = "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n";
    const folder = cli.folder({ ...files, [lockfile]: conflict });
    expect(evidence(folder, "add", ...now, "report.json")).toMatchObject({ code: 2, stderr: expect.stringContaining(`${lockfile}: expected a JSON document`) });
    expect(lockOf(folder)).toBe(conflict);
  });
});

describe("what is known", () => {
  const gathered = (): string => {
    const folder = cli.folder({ ...files, "pod.yaml": pod("a") });
    expect(evidence(folder, "add", ...now, "--config", "config.json", "report.json", "signed.json", "provenance.json").code).toBe(0);
    return folder;
  };

  test("list: the newest scan with its age, and what expires", () => {
    const folder = gathered();
    expect(evidence(folder, "list", ...now)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sha256:a{64}\n {2}scanned 2026-05-20T04:00:00Z by trivy 0\.70\.0, 11 days ago \(.+\): .+\n {2}0 signatures, 1 of provenance\n$/) });
    expect(evidence(folder, "list", ...now, "--expiring", "14d")).toMatchObject({ code: 0, stdout: "" });
    expect(evidence(folder, "list", "--now", "2026-07-10", "--expiring", "14d")).toMatchObject({ code: 1, stdout: expect.stringContaining(image) });
    writeFileSync(join(folder, "strict.json"), text({ rules: { "require-scan-evidence": { maxAgeDays: 14 } } }));
    const { code, stdout } = evidence(folder, "list", ...now, "--config", "strict.json", "--expiring", "3d", "--format", "json");
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { images: [{ digest: image, scan: { ageDays: 11, expiresAt: "2026-06-03T04:00:00.000Z" } }] }]);
  });

  test("verify: what is signed is verified anew by those who are configured, and a hand that changed it is found out", () => {
    const folder = gathered();
    expect(evidence(folder, "verify", "--config", "config.json", ...now)).toEqual({ code: 0, stdout: "2 records verified, 0 rejected, 1 that nobody signed\n", stderr: "" });
    expect(evidence(folder, "verify", "--config", "config.json", "--require-signed", ...now)).toMatchObject({ code: 1, stdout: expect.stringContaining("nobody signed it\n") });
    expect(evidence(folder, "verify", ...now)).toMatchObject({ code: 1, stdout: expect.stringContaining("untrusted-signer: no signer is accepted") });
    writeFileSync(join(folder, lockfile), lockOf(folder).replaceAll("https://builder.example.com", "https://builder.example.org"));
    expect(evidence(folder, "verify", "--config", "config.json", ...now)).toMatchObject({ code: 1, stdout: expect.stringMatching(/^provenance of sha256:a{12}\.\.\. \(document sha256:.+\): differs-from-document: /) });
  });

  test("prune: what is used nowhere goes, with its documents; nothing goes where something cannot be read", () => {
    const folder = gathered();
    const before = lockOf(folder);
    expect(documents(folder)).toHaveLength(2);
    writeFileSync(join(folder, "broken.yaml"), "apiVersion: [");
    expect(evidence(folder, "prune", "pod.yaml", "broken.yaml").code).toBe(2);
    expect(evidence(folder, "prune", "pod.yaml")).toMatchObject({ code: 0, stdout: "0 references, 0 images and 0 documents taken out\n" });
    expect([lockOf(folder), documents(folder).length]).toEqual([before, 2]);
    writeFileSync(join(folder, "pod.yaml"), pod("a").replace("a".repeat(64), "b".repeat(64)));
    expect(evidence(folder, "prune")).toMatchObject({ code: 0, stdout: "0 references, 0 images and 0 documents taken out\n" });
    expect(evidence(folder, "prune", "pod.yaml", "--format", "json").code).toBe(0);
    expect([JSON.parse(lockOf(folder)), documents(folder)]).toEqual([{ schemaVersion: 1, references: {}, images: {} }, []]);
  });
});

describe("evidence sync", () => {
  // Nothing listens on port 1.
  const used = `apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  containers:\n    - { name: web, image: "127.0.0.1:1/team/app:1" }\n    - { name: odd, image: "127.0.0.1:1/../etc:1" }\n`;
  const compose = "services:\n  web: { image: '127.0.0.1:1/team/composed:1' }\n  late: { image: 'registry.example.com/app:${TAG}' }\n  built: { build: . }\n";

  test("a registry that cannot be asked is said; the lockfile stays, and what is no reference is never asked for", () => {
    const folder = cli.folder({ ...files, "pod.yaml": used });
    expect(evidence(folder, "add", ...now, "report.json").code).toBe(0);
    const before = lockOf(folder);
    const { code, stdout, stderr } = evidence(folder, "sync", "pod.yaml");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('pod.yaml: the image of container "odd" of Pod "a": not asked for: is not a valid image reference');
    expect(stderr).toMatch(/127\.0\.0\.1:1\/team\/app:1 \(fetching the manifest\): /);
    expect(lockOf(folder)).toBe(before);
  });

  test("--from takes only images of one kind of file", () => {
    const dockerfile = "FROM 127.0.0.1:1/team/base:1 AS build\nFROM scratch\nCOPY --from=build /app /app\nUSER 1000\n";
    const folder = cli.folder({ "pod.yaml": used, "compose.yaml": compose, "api.Dockerfile": dockerfile });
    const asked = (...args: readonly string[]): readonly string[] => (JSON.parse(evidence(folder, "sync", "--format", "json", ...args).stdout) as { readonly failed: readonly { readonly reference: string }[] }).failed.map(({ reference }) => reference);
    expect(asked()).toEqual(["127.0.0.1:1/team/app:1", "127.0.0.1:1/team/base:1", "127.0.0.1:1/team/composed:1"]);
    expect(asked("--from", "Dockerfile")).toEqual(["127.0.0.1:1/team/base:1"]);
    expect(asked("--from", "compose")).toEqual(["127.0.0.1:1/team/composed:1"]);
    expect(asked("--from", "manifests")).toEqual(["127.0.0.1:1/team/app:1"]);
    expect(asked("--from", "state")).toEqual([]);
    expect(asked("--image", "127.0.0.1:1/named:1")).toEqual(["127.0.0.1:1/named:1"]);
  }, 120_000);
});
