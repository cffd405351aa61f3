import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli, pod, privileged } from "../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const only = ["--rule", "no-privileged"];
const web = (rest: string): string => `services:\n  web:\n    image: app\n${rest}`;

describe("check", () => {
  test("0 where nothing is found, 1 with findings, 2 for what Compose refuses", () => {
    const folder = cli.folder({ "good/compose.yaml": web(""), "bad/compose.yaml": web("    privileged: yes\n"), "broken/compose.yaml": web("    networks: [x]\n") });
    expect(cli.run(folder, ["check", ...only, "good/compose.yaml"])).toMatchObject({ code: 0, stderr: "" });
    const bad = cli.run(folder, ["check", ...only, "bad/compose.yaml"]);
    expect(bad).toMatchObject({ code: 1, stderr: "" });
    expect(bad.stdout).toMatch(/Service "web" must not be privileged\n\s+bad\/compose\.yaml:4:5 {2}services\.web\.privileged\n/);
    expect(cli.run(folder, ["check", ...only, "broken/compose.yaml"])).toMatchObject({ code: 2, stderr: "broken/compose.yaml:4:16: services.web.networks: expected one of the networks of this project, found a name that is none of them\n" });
    expect(cli.json(folder, [...only, "."]).summary).toMatchObject({ findings: 1, coverage: { examined: 2, of: 2 } });
  });

  test("a variable that is not set is undecided, never a pass; .env beside the file sets it", () => {
    const text = web("    privileged: ${PRIVILEGED}\n");
    const folder = cli.folder({ "unset/compose.yaml": text, "set/compose.yaml": text, "set/.env": "PRIVILEGED=true\n" });
    expect(cli.json(folder, [...only, "unset"]).undecided.map(({ location }) => [location.path, location.line])).toEqual([["services.web.privileged", 4]]);
    expect(cli.run(folder, ["check", ...only, "unset", "--max-undecided", "0"], { env: { PRIVILEGED: "false" } }).code).toBe(1);
    expect(cli.json(folder, [...only, "set"]).findings).toHaveLength(1);
  });

  test("findings stand in the file that the value comes from", () => {
    const folder = cli.folder({ "compose.yaml": "services:\n  web:\n    extends: {file: base/common.yaml, service: base}\n", "base/common.yaml": "services:\n  base:\n    image: app\n    privileged: true\n", "compose.override.yaml": "services:\n  db: {image: db, privileged: true}\n" });
    expect(cli.json(folder, [...only, "compose.yaml"]).findings.map(({ subject, location }) => [subject.name, location.file, location.line])).toEqual([["web", "base/common.yaml", 4], ["db", "compose.override.yaml", 2]]);
  });

  test("a relative path is judged as where it leads from the folder of its own file", () => {
    const bind = (source: string): string => `services:\n  web:\n    image: app\n    volumes: ['${source}:/x']\n`;
    const up = "../".repeat(30);
    const folder = cli.folder({ "compose.yaml": bind(`${up}etc/ssl`), "socket.yaml": bind(`${up}var/run/docker.sock`), "own.yaml": bind("./data"), "beside.yaml": bind("../data"), "a/b/compose.yaml": "services:\n  web:\n    extends: {file: ../../beside.yaml, service: web}\n" });
    const rules = ["no-host-path", "no-sensitive-host-path", "no-runtime-socket"];
    const found = (file: string): readonly unknown[] => cli.json(folder, [...rules.flatMap((id) => ["--rule", id]), file]).findings.map(({ rule, also }) => [rule, ...also]);
    expect(["compose.yaml", "socket.yaml", "own.yaml", "beside.yaml", "a/b/compose.yaml"].map(found)).toEqual([[["no-sensitive-host-path", "no-host-path"]], [["no-runtime-socket", "no-host-path"]], [["no-host-path"]], [["no-host-path"]], [["no-host-path"]]]);
    const { findings: [finding] } = cli.json(folder, ["--rule", "no-sensitive-host-path", "compose.yaml"]);
    expect(finding).toMatchObject({ message: `mount "/x" of Service "web" must not mount "${up}etc/ssl" (here "/etc/ssl"), which the host keeps for itself`, location: { line: 4, path: "services.web.volumes[0]" } });
    expect(cli.run(folder, ["check", "--rule", "no-sensitive-host-path", "-"], { stdin: bind(`${up}etc`) }).code).toBe(1);
  });

  test("a secret whose file is the host's is a mount of the host's, found where the file is named", () => {
    const folder = cli.folder({ "compose.yaml": "services:\n  web:\n    image: app\n    secrets: [db, shadow]\nsecrets:\n  db:\n    file: ./db_password.txt\n  shadow:\n    file: /etc/shadow\n", "db_password.txt": "hunter2\n" });
    const ran = cli.run(folder, ["check", "--rule", "no-host-path", "--rule", "no-sensitive-host-path", "compose.yaml"]);
    expect(ran.stdout).toContain('the secret "shadow" of Service "web" must not mount "/etc/shadow", which the host keeps for itself\n');
    expect(ran.stdout).toContain("compose.yaml:9:5  secrets.shadow.file");
    expect(ran.stdout).not.toMatch(/db_password|hunter2/);
  });

  test("files that are named with -f are one project, each over the ones before, from the folder of the first", () => {
    const folder = cli.folder({
      "a/compose.yaml": web("    privileged: true\n    env_file: app.env\n"), "a/compose.override.yaml": web("    privileged: false\n"), "b/prod.yaml": "services:\n  web:\n    privileged: false\n    env_file: [prod.env]\n", "a/app.env": "A=1\n", "a/prod.env": "B=2\n",
      "b/more.yaml": "services:\n  db: {image: db, privileged: true}\n", "pod.yaml": pod("a", privileged),
    });
    const found = (...args: readonly string[]): readonly unknown[] => cli.json(folder, [...only, ...args]).findings.map(({ subject, location }) => [subject.name, location.file]);
    expect(found("a")).toEqual([]);
    expect(found("-f", "a/compose.yaml")).toEqual([["web", "a/compose.yaml"]]);
    expect(found("-f", "a/compose.yaml", "-f", "b/prod.yaml")).toEqual([]);
    expect(found("--file", "a/compose.yaml", "-f", "b/prod.yaml", "-f", "b/more.yaml", "pod.yaml", "a")).toEqual([["db", "b/more.yaml"], ["a", "pod.yaml"]]);
    expect(cli.json(folder, ["--rule", "no-secret-variables", "-f", "a/compose.yaml", "-f", "b/prod.yaml"]).undecided).toEqual([]);
    expect(cli.run(folder, ["check", ...only, "-f", "a/compose.yaml", "-f", "-"], { stdin: "services:\n  web: {privileged: false}\n" }).code).toBe(0);
    expect(cli.run(folder, ["check", ...only, "-f", "a/compose.yaml", "-f", "none.yaml"])).toMatchObject({ code: 2, stderr: "none.yaml: expected a readable file, found no such file\n" });
    expect(cli.run(folder, ["check", ...only, "-f", "b/prod.yaml"])).toMatchObject({ code: 2, stderr: "b/prod.yaml:2:3: services.web: expected an image or a build, found neither\n" });
    expect(cli.run(folder, ["check", ...only, "-f", "a/compose.yaml", "-f", "pod.yaml"])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^pod\.yaml:1:1: apiVersion: expected one of services, /) });
    expect(cli.run(folder, ["check", "-f", "-", "-"])).toMatchObject({ code: 2, stderr: expect.stringContaining("standard input can be read once") });
  });

  test("where the file of labels is not there, what exemptions it has is not known", () => {
    const folder = cli.folder({ "compose.yaml": web("    label_file: none.labels\n") });
    expect(cli.json(folder, ["--rule", "valid-exemption", "."]).undecided.map(({ location }) => location.path)).toEqual(["services.web.label_file"]);
  });

  test("from standard input, beside manifests, and what docker compose config prints", () => {
    const folder = cli.folder({ "pod.yaml": pod("a", privileged), "compose.yaml": web("    privileged: true\n") });
    expect(cli.run(folder, ["check", ...only, "-"], { stdin: web("    privileged: true\n") }).code).toBe(1);
    expect(cli.run(folder, ["check", ...only, "-"], { stdin: '{"services": {"web": {"image": "app", "privileged": true}}}' }).code).toBe(1);
    expect(cli.json(folder, [...only, "."]).findings.map(({ subject }) => subject.kind)).toEqual(["Service", "Pod"]);
  });

  test("what is fetched lowers the coverage", () => {
    const folder = cli.folder({ "compose.yaml": "include: ['https://example.com/app.git']\nservices:\n  web:\n    image: app\n" });
    expect(cli.json(folder, [...only, "compose.yaml"]).summary.coverage).toEqual({ examined: 1, of: 2 });
  });

  test("the examples: one has nothing, the other nearly everything", () => {
    const examples = join(import.meta.dirname, "../../../examples/compose");
    // Nobody has scanned an image that does not exist.
    expect(cli.json(examples, ["--preset", "strict", "--max-undecided", "0", "hardened.yaml"]).findings.map(({ rule }) => rule)).toEqual(["require-evidence-lockfile"]);
    const { findings, undecided } = cli.json(examples, ["insecure.yaml"]);
    const found = new Set(findings.flatMap(({ rule, also }) => [rule, ...also]));
    for (const id of ["no-privileged", "no-runtime-socket", "no-host-network", "no-joined-namespace", "no-conflicting-limits", "no-privileged-hooks", "no-privileged-build", "no-secret-build-args", "no-literal-secrets", "no-secret-variables", "no-host-devices"]) expect(found).toContain(id);
    expect(undecided).toEqual([]);
  });
});

describe("fix", () => {
  const text = "# kept\nservices:\n  web:\n    image: app:${TAG}   # kept too\n    privileged: true\n    cap_add: [SYS_ADMIN, CHOWN]\n    security_opt:\n      - seccomp:unconfined\n";

  test("puts right what stands in the file, and leaves the rest as it is", () => {
    const folder = cli.folder({ "compose.yaml": text });
    const ran = cli.run(folder, ["fix", "--write", "--rule", "no-privileged", "--rule", "no-dangerous-capabilities", "--rule", "no-privilege-escalation", "compose.yaml"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(folder, "compose.yaml"), "utf8")).toBe("# kept\nservices:\n  web:\n    image: app:${TAG}   # kept too\n    cap_add: [CHOWN]\n    security_opt:\n      - seccomp:unconfined\n      - no-new-privileges:true\n");
  });

  test("what comes from another file, or another service, is left and said", () => {
    const files = { "compose.yaml": "services:\n  base: {image: app, privileged: true}\n  web:\n    extends: base\n    user: '1'\n    tty: true\n  db:\n    extends: {file: db.yaml, service: db}\n", "db.yaml": "services:\n  db:\n    image: db\n    privileged: true\n" };
    const folder = cli.folder(files);
    const ran = cli.run(folder, ["fix", "--write", ...only, "--rule", "no-interactive-terminal", "compose.yaml"]);
    expect(ran.code).toBe(1);
    expect(readFileSync(join(folder, "compose.yaml"), "utf8")).toBe("services:\n  base: {image: app, privileged: true}\n  web:\n    extends: base\n    user: '1'\n  db:\n    extends: {file: db.yaml, service: db}\n");
    expect(readFileSync(join(folder, "db.yaml"), "utf8")).toBe(files["db.yaml"]);
    expect(ran.stdout).toContain('Service "db" must not be privileged');
  });
});
