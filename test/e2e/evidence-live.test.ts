import { readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { containerType, evidenceConfig, type Keys, makeKeys, missesReport, programOf, release } from "./evidence-support.ts";
import { LoopbackRegistry } from "./registry-support.ts";
import { missing, type Outcome, Project, root, verdicts, yamlTools } from "./support.ts";

const cli = join(root, "packages/cli/dist/main.js");
const judging = ["no-moved-tag", "no-severe-vulnerabilities", "require-image-signature", "require-provenance", "require-scan-evidence"];

describe.skipIf(missing(...yamlTools, "crane", "cosign-2", "docker-registry") || missesReport)("a preview that asks registries", () => {
  let registry: LoopbackRegistry;
  let project: Project;
  let keys: Keys;
  const signers = { ci: { keyFile: "ci.pub" } };
  const imageOf = (tag: string): string => `${registry.host}/team/app:${tag}`;
  const judge = async (images: { readonly [name: string]: string }, live: unknown, ...registries: readonly string[]): Promise<Outcome> => {
    project.writeProgram("Pulumi.yaml", programOf(images));
    return project.judge({ config: evidenceConfig({ signers, live }, [registry.host, ...registries]) });
  };
  const refused = ({ events }: Outcome): readonly string[] => verdicts(events, "mandatory");
  const allOf = (...names: readonly string[]): readonly string[] => names.flatMap((name) => judging.map((rule) => `${rule} ${containerType}::${name}`)).sort();

  beforeAll(async () => {
    registry = await LoopbackRegistry.start("docker-registry");
    project = new Project({ "Pulumi.yaml": "{}", "bulkhead.json": JSON.stringify({ evidence: { signers } }) });
    keys = await makeKeys(registry);
    writeFileSync(join(project.program, "ci.pub"), keys.ci.publicKey);
  }, 240_000);
  afterAll(async () => {
    await registry?.stop();
    project?.remove();
  });

  test("passes without a lockfile what cosign attested, refuses the rest each by its own rule, and writes nothing", async () => {
    const digest = await release(registry, keys, { tag: "good" });
    await release(registry, keys, { tag: "stale", scanned: 61 });
    await release(registry, keys, { tag: "signer", signedBy: "stranger" });
    const good = { good: imageOf("good"), again: imageOf("good"), pinned: `${registry.host}/team/app@${digest}` };
    const passed = await judge(good, true);
    expect(refused(passed)).toEqual([]);
    expect(passed.code, passed.everything).toBe(0);
    const { code, events } = await judge({ ...good, stale: imageOf("stale"), signer: imageOf("signer") }, true);
    expect(code).not.toBe(0);
    expect(verdicts(events, "mandatory")).toEqual([`require-image-signature ${containerType}::signer`, `require-scan-evidence ${containerType}::stale`]);
    expect(events.find(({ policyName }) => policyName === "require-image-signature")?.message).toContain("(attached and not taken: ");
    expect(readdirSync(project.program).filter((name) => name.startsWith("bulkhead.evidence"))).toEqual([]);
  }, 600_000);

  test("holds the tag against the lockfile as it is now", async () => {
    await release(registry, keys, { tag: "moved" });
    project.writeProgram("pods.yaml", JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "moved" }, spec: { containers: [{ name: "moved", image: imageOf("moved") }] } }));
    const synced: Result = await run(process.execPath, [cli, "evidence", "sync", "--config", "bulkhead.json", "pods.yaml"], { cwd: project.program, env: { ...project.env, DOCKER_CONFIG: registry.dockerConfig }, timeout: 120_000 });
    expect(synced.code, synced.stderr).toBe(0);
    expect(refused(await judge({ moved: imageOf("moved") }, true))).toEqual([]);
    await release(registry, keys, { tag: "moved" });
    expect(refused(await judge({ moved: imageOf("moved") }, false))).toEqual([]);
    expect(refused(await judge({ moved: imageOf("moved") }, { timeoutSeconds: 20 }))).toEqual([`no-moved-tag ${containerType}::moved`]);
  }, 600_000);

  test("fails closed where the registry hangs, in the time that it has, and where there is none, though the lockfile knows the image", async () => {
    const silent = await listen();
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    try {
      const hangs = await judge({ good: imageOf("good"), hangs: `${host}/team/app:1`, too: `${host}/team/app:2` }, { timeoutSeconds: 2 }, host);
      // The engine sends the containers in an order of its own: one that comes after the time was used up fails as well.
      expect(refused(hangs)).toEqual(expect.arrayContaining([...allOf("hangs", "too")]));
      const said = hangs.events.filter(({ enforcementLevel, resourceUrn = "" }) => enforcementLevel === "mandatory" && !resourceUrn.endsWith("::good"));
      expect(said).toHaveLength(2 * judging.length);
      for (const { message } of said) expect(message).toContain("the 2 s for the whole run were used up");
      expect(hangs.code).not.toBe(0);
    } finally {
      await new Promise((resolve) => silent.close(resolve));
    }
    await registry.stop();
    const down = await judge({ moved: imageOf("moved"), good: imageOf("good") }, true);
    expect(refused(down)).toEqual(allOf("good", "moved"));
    for (const { message } of down.events.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")) expect(message).toContain("ECONNREFUSED");
    expect(refused(await judge({ moved: imageOf("moved") }, false))).toEqual([]);
  }, 600_000);
});

/** Takes connections and what is sent, and never says anything. */
async function listen(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
