import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import { ask } from "../../packages/components/src/pids/connection.ts";
import { resolveDaemon } from "../../packages/components/src/pids/daemon.ts";
import { installPackages, Stack } from "./pids-support.ts";
import { missing, toolPath } from "./support.ts";

const name = `bulkhead-engine-${process.pid}`;
// Not required in CI: its build is given up after a quarter of an hour, and it wants root.
const skipped = missing("pulumi", "pulumi-language-nodejs", "pulumi-resource-docker", "engine-current");

const program = `
  const docker = require("@pulumi/docker");
  const pulumi = require("@pulumi/pulumi");
  const { HardenedContainer, PidsLimit } = require("@bulkhead/components");
  const config = new pulumi.Config();
  const base = { image: config.require("image"), command: ["sleep", "1000"] };
  const container = new docker.Container("raw", { ...base, name: "${name}-raw", networkMode: "none", start: false, mustRun: false, destroyGraceSeconds: 0 });
  new PidsLimit("raw", { container, limit: config.requireNumber("limit") });
  exports.web = new HardenedContainer("${name}-web", { ...base, memory: "32Mi", pidsLimit: config.requireNumber("limit") }).containerId;
`;

describe.skipIf(skipped)("a current engine, which answers from API 1.44 on and keeps images in containerd", { timeout: 240_000 }, () => {
  let stack: Stack;
  let identity = "";
  const daemon = skipped ? undefined : resolveDaemon({ host: toolPath("engine-current") }, {});
  const limits = async (): Promise<readonly string[]> => Promise.all((await stack.containers()).map((id) => stack.kernelLimit(id)));

  beforeAll(async () => {
    stack = new Stack({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }', "program.js": program }, name);
    stack.project.env["DOCKER_HOST"] = toolPath("engine-current");
    installPackages(stack.project.program, "linked");
    await importImage(stack.project.env);
    identity = (await stack.docker("image", "inspect", "--format", "{{.Id}} {{index .RepoDigests 0}}", imageName)).stdout.trim();
    await stack.pulumi(["stack", "init", "test"]);
    await stack.set("image", imageName);
    await stack.set("limit", 30);
  }, 120_000);
  afterAll(async () => {
    await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    await stack.remove();
  }, 240_000);

  test("it refuses an older API, and an image's id is its digest", async () => {
    if (daemon === undefined) throw new Error("there is no daemon");
    expect(await ask(daemon, { method: "GET", path: "/v1.43/info", seconds: 10 })).toMatchObject({ status: 400, body: { message: expect.stringContaining("Minimum supported API version is 1.44") } });
    const [id, digest] = identity.split(" ");
    expect(digest).toBe(`${imageName.split(":")[0]}@${id}`);
  });

  test("containers are made, limited and started; the kernel has what was asked for", async () => {
    const { code, said } = await stack.up();
    expect(code, said).toBe(0);
    expect(await limits()).toEqual(["30", "30"]);
    const web = (await stack.pulumi(["stack", "output", "web"])).stdout.trim();
    const status = (await stack.docker("exec", web, "cat", "/proc/1/status")).stdout;
    for (const line of ["CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2", "Uid:\t10001\t10001\t10001\t10001"]) expect(status).toContain(line);
  });

  test("neither an up nor a refresh finds anything to do", async () => {
    for (const command of ["up", "refresh"]) {
      const { code, said } = await stack.pulumi([command, "--yes", "--skip-preview", "--expect-no-changes"]);
      expect(code, said).toBe(0);
    }
  });

  test("a changed number is set in the same containers, and what someone else set is seen and put right", async () => {
    const before = await stack.containers();
    await stack.set("limit", 31);
    expect((await stack.up()).said).toContain("~ 3 updated");
    expect(await stack.containers()).toEqual(before);
    expect(await limits()).toEqual(["31", "31"]);
    for (const id of before) await stack.docker("update", "--pids-limit", "99", id);
    expect((await stack.refresh()).said).toContain("[diff: ~limit]");
    expect((await stack.up()).code).toBe(0);
    expect(await limits()).toEqual(["31", "31"]);
  });

  test("destroy leaves nothing", async () => {
    const { code, said } = await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    expect(code, said).toBe(0);
    expect(await stack.containers()).toEqual([]);
    expect(await stack.resources()).toEqual([]);
  });
});
