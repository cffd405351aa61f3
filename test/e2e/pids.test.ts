import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import { Gate, installPackages, pidsTools, Stack } from "./pids-support.ts";
import { missing, verdicts } from "./support.ts";

const name = `bulkhead-pids-${process.pid}`;
const skipped = missing(...pidsTools);

const program = `
  const docker = require("@pulumi/docker");
  const pulumi = require("@pulumi/pulumi");
  const { PidsLimit } = require("@bulkhead/components");
  const config = new pulumi.Config();
  const command = (config.get("command") ?? "sleep 1000").split(" ");
  const container = new docker.Container("web", { name: config.require("name"), image: ${JSON.stringify(imageName)}, command, memory: config.getNumber("memory"), memorySwap: config.getNumber("memory"), start: false, mustRun: false, destroyGraceSeconds: 0 });
  new PidsLimit("web", { container, limit: config.requireNumber("limit"), mustRun: !config.getBoolean("job") });
`;

async function stack(suffix: string, how: "copied" | "linked"): Promise<Stack> {
  const made = new Stack({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }', "program.js": program }, `${name}-${suffix}$`);
  installPackages(made.project.program, how);
  await importImage(made.project.env);
  await made.pulumi(["stack", "init", "test"]);
  await made.set("name", `${name}-${suffix}`);
  await made.set("limit", 64);
  return made;
}

describe.skipIf(skipped)("a pids limit in a Node program, on a live daemon", { timeout: 180_000 }, () => {
  let web: Stack;
  let id = "";
  beforeAll(async () => {
    web = await stack("web", "copied");
  });
  afterAll(() => web.remove());

  test("a preview needs no daemon", async () => {
    const { code, said } = await web.pulumi(["preview"], { DOCKER_HOST: "unix:///nowhere.sock" });
    expect(code, said).toBe(0);
    expect(said).toContain("bulkhead:PidsLimit");
  });

  test("the kernel enforces it in the container that runs", async () => {
    const { code, said } = await web.up();
    expect(code, said).toBe(0);
    [id = ""] = await web.containers();
    expect(await web.kernelLimit(id)).toBe("64");
    const limit = (await web.resources()).find(({ type }) => type.endsWith("PidsLimit"));
    expect(limit?.inputs).toMatchObject({ container: "urn:pulumi:test::program::docker:index/container:Container::web", containerId: id, limit: 64 });
  });

  test("neither another up nor a refresh finds anything to do", async () => {
    for (const command of ["up", "refresh"]) {
      const { code, said } = await web.pulumi([command, "--yes", "--skip-preview", "--expect-no-changes"]);
      expect(code, said).toBe(0);
    }
  });

  test("a changed number is set in the same container, while it runs", async () => {
    await web.set("limit", 32);
    const { said } = await web.up();
    expect(said).toContain("~ 1 updated");
    expect(await web.containers()).toEqual([id]);
    expect(await web.kernelLimit(id)).toBe("32");
  });

  test("what someone else set is seen by refresh and put right by up", async () => {
    await web.docker("update", "--pids-limit", "99", id);
    expect((await web.refresh()).said).toContain("[diff: ~limit]");
    expect((await web.up()).said).toContain("[diff: ~limit]");
    expect(await web.kernelLimit(id)).toBe("32");
    await web.docker("update", "--pids-limit", "-1", id);
    expect(await web.kernelLimit(id)).toBe("max");
    await web.refresh();
    await web.up();
    expect(await web.kernelLimit(id)).toBe("32");
  });

  test("other limits of the container are changed without it", async () => {
    await web.docker("update", "--memory", "64m", "--memory-swap", "64m", id);
    await web.set("memory", 64);
    await web.refresh();
    const { code, said } = await web.up();
    expect(code, said).toBe(0);
    expect(await web.kernelLimit((await web.containers())[0] ?? "")).toBe("32");
    [id = ""] = await web.containers();
  });

  test("a container that someone stopped is started again, and limited", async () => {
    await web.docker("stop", "--time", "0", id);
    expect((await web.refresh()).said).toContain("[diff: ~start]");
    await web.up();
    expect(await web.isRunning(id)).toBe(true);
    expect(await web.kernelLimit(id)).toBe("32");
  });

  test("a replaced container is limited as well", async () => {
    await web.set("command", "sleep 2000");
    const { code, said } = await web.up();
    expect(code, said).toBe(0);
    const [replaced = ""] = await web.containers();
    expect(replaced).not.toBe(id);
    expect(await web.kernelLimit(replaced)).toBe("32");
    id = replaced;
  });

  test("a container that someone removed: an error that says what to do, and that repairs it", async () => {
    await web.docker("rm", "--force", id);
    await web.set("limit", 40);
    const { code, said } = await web.up();
    expect(code).not.toBe(0);
    expect(said).toMatch(new RegExp(`cannot set the pids limit to 40 \\(container "${name}-web" ${id.slice(0, 12)}, Docker daemon .*\\): there is no such container.*pulumi refresh`));
    await web.refresh();
    expect((await web.up()).code).toBe(0);
    [id = ""] = await web.containers();
    expect(await web.kernelLimit(id)).toBe("40");
  });

  test("no daemon: an error that names it, and nothing is changed", async () => {
    await web.set("limit", 41);
    const { code, said } = await web.up({ DOCKER_HOST: "unix:///nowhere.sock" });
    expect(code).not.toBe(0);
    expect(said).toContain(`cannot reach the daemon (container "${name}-web" ${id.slice(0, 12)}, Docker daemon unix:///nowhere.sock): there is no such socket`);
    expect(await web.kernelLimit(id)).toBe("40");
    expect((await web.up()).code).toBe(0);
    expect(await web.kernelLimit(id)).toBe("41");
  });

  test("a limit that is none is refused before the daemon is asked", async () => {
    await web.set("limit", 0);
    const { code, said } = await web.pulumi(["preview"], { DOCKER_HOST: "unix:///nowhere.sock" });
    expect(code).not.toBe(0);
    expect(said).toContain("expected a whole number from 1 to 4194304, found 0");
    await web.set("limit", 41);
  });

  test("destroy leaves nothing", async () => {
    const { code, said } = await web.pulumi(["destroy", "--yes", "--skip-preview"]);
    expect(code, said).toBe(0);
    expect(await web.containers()).toEqual([]);
    expect(await web.resources()).toEqual([]);
  });
});

describe.skipIf(skipped)("the pack and a pids limit", { timeout: 180_000 }, () => {
  test("a container with one passes, a container without one does not, though no id is known yet", async () => {
    const source = `
      const docker = require("@pulumi/docker");
      const { PidsLimit } = require("@bulkhead/components");
      const made = ["bare", "limited"].map((name) => new docker.Container(name, { image: "a", start: false, mustRun: false }));
      new PidsLimit("limited", { container: made[1], limit: 64 });
    `;
    const web = new Stack({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }', "program.js": source }, name);
    installPackages(web.project.program, "copied");
    const { code, events, everything } = await web.project.judge({ config: { bulkhead: { preset: "strict" } } });
    web.project.remove();
    expect(verdicts(events).filter((verdict) => verdict.startsWith("require-pids-limit")), everything).toEqual(["require-pids-limit docker:index/container:Container::bare"]);
    expect(code).not.toBe(0);
  });
});

describe.skipIf(skipped)("a step that fails leaves no container running without a limit", { timeout: 180_000 }, () => {
  let web: Stack;
  const gate = new Gate();
  beforeAll(async () => {
    web = await stack("gate", "linked");
    process.env["DOCKER_HOST"] ??= web.project.env["DOCKER_HOST"];
    await gate.open();
  });
  afterAll(async () => {
    gate.close();
    await web.remove();
  });

  test.each([
    ["the update", /^POST .*\/update/, /cannot set the pids limit to 64 .*the daemon answered 500: refused by the gate\. Engine .*cgroup v[12]/],
    ["the start", /^POST .*\/start/, /cannot start the container .*refused by the gate/],
  ])("%s is refused, and the next up goes on", async (_, refused, message) => {
    gate.refused = refused;
    const { code, said } = await web.up({ DOCKER_HOST: gate.host });
    expect(code).not.toBe(0);
    expect(said).toMatch(message);
    const [id = ""] = await web.containers();
    expect(await web.isRunning(id)).toBe(false);
    gate.refused = undefined;
    const again = await web.up({ DOCKER_HOST: gate.host });
    expect(again.code, again.said).toBe(0);
    expect(await web.containers()).toEqual([id]);
    expect(await web.kernelLimit(id)).toBe("64");
    expect((await web.pulumi(["destroy", "--yes", "--skip-preview"])).code).toBe(0);
  });

  test("a job runs once", async () => {
    await web.set("job", "true");
    await web.set("command", "sleep 0");
    expect((await web.up()).code).toBe(0);
    const [id = ""] = await web.containers();
    await web.docker("wait", id);
    await web.refresh();
    const { code, said } = await web.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    expect(code, said).toBe(0);
    expect(await web.isRunning(id)).toBe(false);
    expect((await web.docker("inspect", "--format", "{{.HostConfig.PidsLimit}} {{.State.ExitCode}}", id)).stdout.trim()).toBe("64 0");
  });
});
