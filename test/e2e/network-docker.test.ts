import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cli, createCli } from "../../packages/cli/test/cli";
import { imageName, importImage } from "../toolchain/docker.ts";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { everyPair, needed, ports, Probe, Program, script, type Service, services, withPorts } from "./network-docker-support.ts";
import { pidsTools } from "./pids-support.ts";
import { missing } from "./support.ts";

const minute = 60_000;
const asRoot = process.platform === "linux" && process.getuid?.() === 0;
const skipped = missing(...pidsTools) || !asRoot;
if (!asRoot) process.stderr.write("skipped for want of root on Linux: networks of Docker learned from a recording\n");

const prefix = `bulkhead-learned-${process.pid}`;
describe.skipIf(skipped)("networks of Docker that are learned from a recording, and applied", { timeout: 5 * minute }, () => {
  const nameOf = (service: Service): string => `${prefix}-${service}`;
  let program: Program;
  let probe: Probe;
  let cli: Cli;
  let folder = "";
  const bulkhead = (...args: readonly string[]): Promise<Result> => run(process.execPath, [cli.bundle, "network", ...args], { cwd: folder, env: program.stack.project.env });
  const record = async (file: string): Promise<string> => {
    const { code, stdout, stderr } = await bulkhead("record", "--docker", "--duration", "4s", "--interval", "500ms", "--output", file, ...services.map(nameOf));
    expect(code, stderr).toBe(0);
    return stdout;
  };
  /** The program as it was, and as it is once each container has its own networks. */
  const source = (isLearned: boolean): string => `
    import * as docker from "@pulumi/docker";
    ${isLearned ? 'import { observedNetworks } from "./networks";\nimport "./links";\nconst networks = observedNetworks();' : `const shared = new docker.Network("${prefix}-shared", { driver: "bridge" });`}
    const run = (service: string, script: string, attached: Pick<docker.ContainerArgs, "networkMode" | "networksAdvanced">): docker.Container =>
      new docker.Container(service, { name: "${prefix}-" + service, image: ${JSON.stringify(imageName)}, command: ["sh", "-c", script], destroyGraceSeconds: 0, ...attached });
    ${services.map((service) => `run("${service}", ${JSON.stringify(script(service, (to) => to))}, ${isLearned ? `networks[${JSON.stringify(variable(service))}]` : `{ networkMode: "bridge", networksAdvanced: [{ name: shared.name, aliases: ["${service}"] }] }`});`).join("\n    ")}
  `;
  /** The property that stands for a container in the interface of a written module. */
  const variable = (service: Service): "networks" => (new RegExp(`/\\*\\* ${nameOf(service)}\\b[^\\n]*\\*/\\n {2}readonly (\\w+):`).exec(readFileSync(join(program.folder, "networks.ts"), "utf8"))?.[1] ?? "none") as "networks";

  beforeAll(async () => {
    cli = createCli();
    folder = cli.folder({});
    program = new Program(prefix);
    probe = new Probe(program.stack, nameOf);
    await importImage(program.stack.project.env);
    await program.stack.pulumi(["stack", "init", "test"]);
    await program.up(source(false), []);
    await probe.ready();
  }, 5 * minute);
  afterAll(async () => {
    await program.remove();
    cli.remove();
  }, 2 * minute);

  test("before: everybody reaches everybody on every port", async () => {
    expect(await probe.answered((service) => [service])).toEqual(withPorts(everyPair));
  });

  test("recorded, learned, compiled and applied: what is needed works, and who did not talk does not reach each other", async () => {
    expect(await record("flows.jsonl")).toMatch(/^4 containers, \d+ looks \(0 lost\), 2 flows\n/);
    const learned = await bulkhead("learn", "--flows", "flows.jsonl", "--format", "pulumi", "--output", program.folder);
    expect(learned.code, learned.stderr).toBe(0);
    expect(learned.stdout).toContain("2 internal networks for 4 containers:\n");
    expect(learned.stdout).toMatch(/share a network today, and were not seen to talk: 4\n/);
    expect(learned.stdout).toMatch(/\nnewly denied observed flows: 0\nunobserved edges admitted: 4\n( {2}.*\n){4}cannot be expressed safely: 0\n$/);
    await program.up(source(true), ["networks.ts", "links.ts"]);
    await probe.ready();
    const both = needed.flatMap(([from, to]) => [[from, to], [to, from]] as const);
    const answered = await probe.answered((service) => [service, nameOf(service)]);
    for (const [from, to] of needed) expect(answered).toContain(`${from} ${to} ${ports[to]}`);
    // Docker lets every port through between two on one network, in both directions: what the summary counted.
    expect(answered).toEqual(withPorts(both));
    expect(learned.stdout.match(/^ {2}container \S+ -> container \S+ every port/gm)).toHaveLength(both.length);
  });

  test("network check and network reach say of the stack what the connections did", async () => {
    writeFileSync(join(folder, "state.json"), (await program.stack.pulumi(["stack", "export"])).stdout);
    const checked = await bulkhead("check", "--flows", "flows.jsonl", "state.json");
    expect(checked.code, checked.stderr).toBe(0);
    expect(checked.stdout).toContain("rules and networks that no flow needed: 0\n");
    expect(checked.stdout).toMatch(/newly denied observed flows: 0\nunobserved edges admitted: 4\n/);
    const answered = new Set((await probe.answered((service) => [service])).map((connection) => connection.split(" ").slice(0, 2).join(" ")));
    for (const [from, to] of everyPair) {
      const { code } = await bulkhead("reach", "state.json", "--from", nameOf(from), "--to", `${nameOf(to)}:${ports[to]}`);
      expect([from, to, code]).toEqual([from, to, answered.has(`${from} ${to}`) ? 0 : 1]);
    }
  });

  test("the containers go on as before: another recording shows the same, and needs no other networks; without one of them check names what breaks", async () => {
    const said = await record("again.jsonl");
    expect(said).toMatch(/^3 containers, .*, 2 flows\n/);
    expect(said).toContain(`could not be entered: 1\n  ${nameOf("idle")}: it is on no network\n`);
    expect((await bulkhead("check", "--flows", "again.jsonl", "state.json")).code).toBe(0);
    const unchanged = await program.stack.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    expect(unchanged.code, unchanged.said).toBe(0);
    const state = JSON.parse(readFileSync(join(folder, "state.json"), "utf8")) as { readonly deployment: { readonly resources: readonly { readonly urn: string; readonly inputs?: { networksAdvanced?: readonly object[]; networkMode?: string } }[] } };
    for (const { urn, inputs } of state.deployment.resources) if (urn.endsWith("Container::db") && inputs !== undefined) Object.assign(inputs, { networksAdvanced: [], networkMode: "none" });
    writeFileSync(join(folder, "broken.json"), JSON.stringify(state));
    const broken = await bulkhead("check", "--flows", "flows.jsonl", "broken.json");
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain(`newly denied observed flows: 1\n  container ${nameOf("api")} -> container ${nameOf("db")} TCP 5432: `);
  });
});
