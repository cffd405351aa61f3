import { afterAll, describe, expect, test } from "vitest";
import { importImage, imageName } from "../toolchain/docker.ts";
import { run } from "../toolchain/run.ts";
import { missing, Project, root, verdicts, yamlTools } from "./support.ts";
import { join } from "node:path";

const name = `bulkhead-test-${process.pid}`;
const skipped = missing(...yamlTools, "docker");

describe.skipIf(skipped)("pulumi up against a live Docker daemon", () => {
  const made: Project[] = [];
  const project = (resources: object): Project => {
    const next = new Project({ "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "yaml", resources }) });
    made.push(next);
    return next;
  };
  const docker = (...args: readonly string[]): ReturnType<typeof run> => run("docker", args, { env: made[0]?.env ?? process.env });
  afterAll(async () => {
    await docker("rm", "--force", name, `${name}-good`, `${name}-fixed`);
    await docker("volume", "rm", "--force", `${name}-volume`);
    for (const each of made) each.remove();
  });

  test("the insecure example's container is refused before the daemon is touched", async () => {
    const insecure = new Project(join(root, "examples/insecure"));
    made.push(insecure);
    const before = (await docker("ps", "--all", "--quiet")).stdout;
    const { code, events } = await insecure.judge({ command: ["up", "--yes", "--skip-preview", "--target", "**cache"] });
    expect(verdicts(events, "mandatory")).toContain("no-host-pid docker:index/container:Container::cache");
    expect(code).not.toBe(0);
    expect((await docker("ps", "--all", "--quiet")).stdout).toBe(before);
    expect((await docker("inspect", "cache")).code).not.toBe(0);
  });

  test("a privileged container is refused, a hardened one is made", async () => {
    const bad = project({ web: { type: "docker:index/container:Container", properties: { name, image: imageName, command: ["sleep", "1"], privileged: true } } });
    await importImage(bad.env);
    const refused = await bad.judge({ command: ["up", "--yes"] });
    expect(verdicts(refused.events, "mandatory")).toContain("no-privileged docker:index/container:Container::web");
    expect(refused.code).not.toBe(0);
    expect((await docker("inspect", name)).code).not.toBe(0);
    const good = project({ web: { type: "docker:index/container:Container", properties: { name: `${name}-good`, image: imageName, command: ["sleep", "60"], user: "10001:10001", readOnly: true, memory: 32, capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges:true"] } } });
    const created = await good.judge({ command: ["up", "--yes"], config: { bulkhead: { preset: "restricted" } } });
    expect(created.events).toEqual([]);
    expect(created.code).toBe(0);
    const host = JSON.parse((await docker("inspect", "--format", "{{json .HostConfig}}", `${name}-good`)).stdout) as { readonly CapDrop: readonly string[]; readonly ReadonlyRootfs: boolean };
    expect(host).toMatchObject({ CapDrop: ["ALL"], ReadonlyRootfs: true });
  });

  test("a container that is put right is made as it should be, and needs nothing the second time", async () => {
    const weak = project({ web: { type: "docker:index/container:Container", properties: { name: `${name}-fixed`, image: imageName, command: ["sleep", "60"], user: "10001:10001", privileged: true, envs: ["A=b"] } } });
    const config = { bulkhead: { preset: "restricted" }, ...Object.fromEntries(["no-privileged", "drop-all-capabilities", "no-privilege-escalation"].map((rule) => [rule, "remediate"])) };
    const made = await weak.judge({ command: ["up", "--yes"], config });
    expect(made.events).toEqual([]);
    expect([...new Set(made.remediated)].map((verdict) => verdict.split(" ")[0])).toEqual(["drop-all-capabilities", "no-privilege-escalation", "no-privileged"]);
    expect(made.code).toBe(0);
    const host = JSON.parse((await docker("inspect", "--format", "{{json .HostConfig}}", `${name}-fixed`)).stdout) as object;
    expect(host).toMatchObject({ Privileged: false, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"] });
    const again = await weak.judge({ command: ["up", "--yes", "--expect-no-changes"], config });
    expect(again.code, again.stdout).toBe(0);
  });

  test("policies about the whole stack come after the resources exist, where the preview is skipped", async () => {
    const program = project({ data: { type: "docker:index/volume:Volume", properties: { name: `${name}-volume` } } });
    const { code, events } = await program.judge({ command: ["up", "--yes", "--skip-preview"] });
    expect(verdicts(events)).toEqual(["bulkhead-coverage pulumi:pulumi:Stack::program-test"]);
    expect(code).toBe(0);
    expect((await docker("volume", "inspect", `${name}-volume`)).code).toBe(0);
  });
});
