import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cli, createCli } from "../../packages/cli/test/cli";
import { imageName, importImage, importSocatImage } from "../toolchain/docker.ts";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { everyPair, needed, ports, Probe, Program, script, type Service, services, withPorts } from "./network-docker-support.ts";
import { pidsTools } from "./pids-support.ts";
import { missing } from "./support.ts";

const minute = 60_000;
const asRoot = process.platform === "linux" && process.getuid?.() === 0;
if (!asRoot) process.stderr.write("skipped for want of root on Linux: links of hardened containers learned from a recording\n");

const prefix = `bulkhead-guarded-${process.pid}`;

describe.skipIf(missing(...pidsTools) || !asRoot)("links of hardened containers that are learned from a recording, with a guard", { timeout: 5 * minute }, () => {
  const wasCalled = (service: Service): string => `${prefix}-${service}`;
  let made: { readonly [service: string]: string } = {};
  let program: Program;
  let cli: Cli;
  let folder = "";
  let socat = "";
  const bulkhead = (...args: readonly string[]): Promise<Result> => run(process.execPath, [cli.bundle, "network", ...args], { cwd: folder, env: program.stack.project.env });
  /** The property that stands for a container in the interface of the written module. */
  const variable = (service: Service): string => new RegExp(`/\\*\\* ${wasCalled(service)}\\b[^\\n]*\\*/\\n {2}readonly (\\w+):`).exec(readFileSync(join(program.folder, "links.ts"), "utf8"))?.[1] ?? "none";

  beforeAll(async () => {
    cli = createCli();
    folder = cli.folder({});
    program = new Program(prefix);
    const { env } = program.stack.project;
    await importImage(env);
    const image = await importSocatImage(env);
    if ("missing" in image) throw new Error(image.missing);
    socat = image.image;
    await run("docker", ["network", "create", prefix], { env });
    for (const service of services) {
      const { code, stderr } = await run("docker", ["run", "--detach", "--name", wasCalled(service), "--network", prefix, "--network-alias", service, imageName, "sh", "-c", script(service, (to) => to)], { env });
      if (code !== 0) throw new Error(stderr);
    }
    await new Probe(program.stack, wasCalled).ready();
    await program.stack.pulumi(["stack", "init", "test"]);
  }, 5 * minute);
  afterAll(async () => {
    await program.remove();
    await run("docker", ["network", "rm", prefix], { env: program.stack.project.env });
    cli.remove();
  }, 2 * minute);

  test("the ports that were seen are reached, and no other, by nobody else and in no other direction", async () => {
    const recorded = await bulkhead("record", "--docker", "--duration", "4s", "--output", "flows.jsonl", ...services.map(wasCalled));
    expect(recorded.code, recorded.stderr).toBe(0);
    expect((await bulkhead("learn", "--flows", "flows.jsonl", "--format", "pulumi", "--output", program.folder)).code).toBe(0);
    const host = (to: Service): string => `$${to.toUpperCase()}`;
    const container = (service: Service): string => {
      const environment = needed.filter(([from]) => from === service).map(([, to]) => `${to.toUpperCase()}: ${to}.containerName`);
      return `const ${service} = new HardenedContainer("${prefix}-${service}", { image: ${JSON.stringify(imageName)}, memory: "64Mi", command: ["sh", "-c", ${JSON.stringify(script(service, host))}], environment: { ${environment.join(", ")} } });`;
    };
    await program.up(`
      import { HardenedContainer } from "@bulkhead/components";
      import { linkObserved } from "./links";
      ${[...services].reverse().sort((a, b) => needed.filter(([from]) => from === a).length - needed.filter(([from]) => from === b).length || (a === "web" ? 1 : -1)).map(container).join("\n      ")}
      linkObserved({ ${services.map((service) => `${variable(service)}: ${service}`).join(", ")} }, { image: ${JSON.stringify(socat)} });
      export const made = { ${services.map((service) => `${service}: ${service}.containerName`).join(", ")} };
    `, ["links.ts", "networks.ts"]);
    made = (JSON.parse((await program.stack.pulumi(["stack", "output", "--json"])).stdout) as { readonly made: typeof made }).made;
    const probe = new Probe(program.stack, (service) => made[service] ?? "");
    await probe.ready();
    expect(everyPair).toHaveLength(12);
    expect(withPorts(everyPair)).toHaveLength(24);
    expect(await probe.answered((service) => [made[service] ?? ""])).toEqual(needed.map(([from, to]) => `${from} ${to} ${ports[to]}`).sort());
  });

  test("another recording shows the guards between the two, and needs nothing that the stack does not have", async () => {
    const guards = (await program.stack.docker("ps", "--format", "{{.Names}}", "--filter", `name=^${prefix}-(web-.*api|api-.*db)`)).stdout.trim().split("\n");
    expect(guards).toHaveLength(2);
    const recorded = await bulkhead("record", "--docker", "--duration", "4s", "--output", "again.jsonl", ...services.map((service) => made[service] ?? ""), ...guards);
    expect(recorded.code, recorded.stderr).toBe(0);
    expect(recorded.stdout).toMatch(/^5 containers, .*, 4 flows\n/);
    const state = (await program.stack.pulumi(["stack", "export", "--file", join(folder, "state.json")])).code;
    expect(state).toBe(0);
    const checked = await bulkhead("check", "--flows", "again.jsonl", "state.json");
    expect(checked.code, checked.stderr).toBe(0);
    expect(checked.stdout).toContain("newly denied observed flows: 0\n");
  });
});
