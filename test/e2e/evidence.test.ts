import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EvidenceLock } from "@bulkhead/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { Cosign } from "./cosign-support.ts";
import { type Case, containerType, evidenceConfig, type Keys, makeKeys, missesReport, programOf, release as releaseTo } from "./evidence-support.ts";
import { LoopbackRegistry } from "./registry-support.ts";
import { missing, Project, root, verdicts, yamlTools } from "./support.ts";

const cli = join(root, "packages/cli/dist/main.js");

describe.skipIf(missing(...yamlTools, "crane", "cosign-2", "docker-registry") || missesReport)("evidence, from the registry to the preview", () => {
  let registry: LoopbackRegistry;
  let elsewhere: LoopbackRegistry;
  let project: Project;
  let keys: Keys;
  const digests: { [tag: string]: string } = {};

  async function release(entry: Case, at: LoopbackRegistry = registry): Promise<string> {
    const digest = await releaseTo(at, keys, entry);
    digests[entry.tag] = digest;
    return digest;
  }

  const evidence = (...args: readonly string[]): Promise<Result> => run(process.execPath, [cli, "evidence", ...args, "--config", "bulkhead.json"], { cwd: project.program, env: { ...project.env, DOCKER_CONFIG: registry.dockerConfig }, timeout: 120_000 });
  const lock = (): EvidenceLock => JSON.parse(readFileSync(join(project.program, "bulkhead.evidence.json"), "utf8")) as EvidenceLock;
  /** Containers of the program, and a manifest with the same images, of which sync takes them. */
  const use = (images: { readonly [name: string]: string }): void => {
    project.writeProgram("Pulumi.yaml", programOf(images));
    project.writeProgram("pods.yaml", Object.entries(images).map(([name, image]) => JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{ name, image }] } })).join("\n---\n"));
  };
  const settings = { signers: { ci: { keyFile: "ci.pub" } } };
  const judge = () => project.judge({ config: evidenceConfig(settings, [registry.host]) });

  beforeAll(async () => {
    [registry, elsewhere] = await Promise.all([LoopbackRegistry.start("docker-registry"), LoopbackRegistry.start("docker-registry")]);
    project = new Project({ "Pulumi.yaml": "{}", "bulkhead.json": JSON.stringify({ evidence: settings }) });
    keys = await makeKeys(registry);
    writeFileSync(join(project.program, "ci.pub"), keys.ci.publicKey);
  }, 240_000);
  afterAll(async () => {
    await Promise.all([registry?.stop(), elsewhere?.stop()]);
    project?.remove();
  });

  test("without a lockfile the preview is refused once; with what sync collects it passes", async () => {
    await release({ tag: "good" });
    use({ good: `${registry.host}/team/app:good`, again: `${registry.host}/team/app:good` });
    const before = await judge();
    expect(verdicts(before.events, "mandatory")).toEqual(["require-evidence-lockfile pulumi:pulumi:Stack::program-test"]);
    const synced = await evidence("sync", "--from", "manifests", "--require-signed", "pods.yaml");
    expect(synced, synced.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("1 scan, 1 signature, 1 of provenance") });
    expect(lock().references).toMatchObject({ [`${registry.host}/team/app:good`]: { digest: digests["good"] } });
    expect(await evidence("verify", "--require-signed")).toMatchObject({ code: 0, stdout: "3 records verified, 0 rejected, 0 that nobody signed\n" });
    const { code, events, everything } = await judge();
    expect(verdicts(events, "mandatory")).toEqual([]);
    expect(code, everything).toBe(0);
  }, 600_000);

  test("each fault is refused by its own rule, and by no other", async () => {
    const host = registry.host;
    for (const entry of [{ tag: "stale", scanned: 61 }, { tag: "database", database: 30 }, { tag: "critical", critical: true }, { tag: "signer", signedBy: "stranger" }, { tag: "scanner", scannedBy: "stranger" }, { tag: "other" }] as const) await release(entry);
    // The attestations of another image, put where those of this one are looked for.
    const bare = await registry.pushImage("team/app:swapped", "swapped", { oci: true });
    const tagOf = (digest = ""): string => digest.replace(":", "-");
    await new Cosign(registry, { tool: "cosign-2", format: "tag" }).sign(`${host}/team/app@${bare}`, keys.ci);
    await registry.use("crane", "tag", `${host}/team/app:${tagOf(digests["other"])}.att`, `${tagOf(bare)}.att`);
    const foreign = await release({ tag: "foreign" }, elsewhere);
    await release({ tag: "moved" });
    const pinned = (tag: string): string => `${host}/team/app@${digests[tag] ?? ""}`;
    use({
      good: `${host}/team/app:good`, stale: pinned("stale"), database: pinned("database"), critical: pinned("critical"), signer: pinned("signer"), scanner: pinned("scanner"), swapped: `${host}/team/app@${bare}`,
      moved: `${host}/team/app:moved`, foreign: `${elsewhere.host}/team/app@${foreign}`,
    });
    expect((await evidence("sync", "pods.yaml")).code).toBe(0);
    const locked = digests["moved"];
    await release({ tag: "moved" });
    const synced = await evidence("sync", "pods.yaml", "--format", "json");
    expect(synced.code, synced.stderr).toBe(1);
    expect(lock().references[`${host}/team/app:moved`]).toMatchObject({ digest: locked, moved: { digest: digests["moved"] } });
    const refused = (JSON.parse(synced.stdout) as { readonly images: readonly { readonly refused: readonly { readonly code: string; readonly image: string }[] }[] }).images.flatMap((image) => image.refused).map(({ code, image }) => `${code} ${image}`).sort();
    expect(refused).toEqual([`untrusted-signer ${digests["signer"]}`, `untrusted-signer ${digests["scanner"]}`, `wrong-subject ${bare}`, `wrong-subject ${bare}`].sort());
    const { code, events } = await judge();
    expect(code).not.toBe(0);
    expect(verdicts(events, "mandatory")).toEqual([
      `require-scan-evidence ${containerType}::stale`, `require-scan-evidence ${containerType}::database`, `no-severe-vulnerabilities ${containerType}::critical`, `require-image-signature ${containerType}::signer`,
      `require-scan-evidence ${containerType}::scanner`, `require-scan-evidence ${containerType}::swapped`, `require-provenance ${containerType}::swapped`, `no-moved-tag ${containerType}::moved`, `allowed-registries ${containerType}::foreign`,
    ].sort());
    const messageOf = (name: string): string => events.find(({ resourceUrn = "", enforcementLevel }) => resourceUrn.endsWith(`::${name}`) && enforcementLevel === "mandatory")?.message ?? "";
    expect(messageOf("stale")).toContain("61 days ago");
    expect(messageOf("database")).toContain("with a database of at most 7 days");
    expect((await evidence("sync", "pods.yaml", "--accept-moved")).code).toBe(0);
    expect(lock().references[`${host}/team/app:moved`]).not.toHaveProperty("moved");
  }, 900_000);

  test("what is used no more is pruned, and the rest verifies", async () => {
    use({ good: `${registry.host}/team/app:good` });
    expect((await evidence("prune", "pods.yaml")).code).toBe(0);
    expect(Object.keys(lock().images)).toEqual([digests["good"]]);
    expect(await evidence("verify")).toMatchObject({ code: 0, stdout: "3 records verified, 0 rejected, 0 that nobody signed\n" });
  }, 240_000);
});

describe.skipIf(missing("crane", "cosign-3", "referrers-registry") || missesReport)("evidence that cosign 3 attached, as bundles by the referrers API", () => {
  test("is collected, and verified again", async () => {
    const registry = await LoopbackRegistry.start("referrers-registry");
    const project = new Project({ "bulkhead.json": JSON.stringify({ evidence: { signers: { ci: { keyFile: "ci.pub" } } } }) });
    try {
      const way = { tool: "cosign-3", format: "bundle" } as const;
      const keys = await makeKeys(registry, way);
      writeFileSync(join(project.program, "ci.pub"), keys.ci.publicKey);
      await releaseTo(registry, keys, { tag: "1" }, way);
      const evidence = (...args: readonly string[]): Promise<Result> => run(process.execPath, [cli, "evidence", ...args, "--config", "bulkhead.json"], { cwd: project.program, env: { ...project.env, DOCKER_CONFIG: registry.dockerConfig }, timeout: 120_000 });
      expect(await evidence("sync", "--image", `${registry.host}/team/app:1`)).toMatchObject({ code: 0, stdout: expect.stringContaining("1 scan, 1 signature, 1 of provenance") });
      expect(await evidence("verify")).toMatchObject({ code: 0, stdout: "3 records verified, 0 rejected, 0 that nobody signed\n" });
    } finally {
      await registry.stop();
      project.remove();
    }
  }, 300_000);
});
