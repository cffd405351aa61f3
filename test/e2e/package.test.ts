import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../toolchain/run.ts";
import { missing, packFolder, Project, verdicts, yamlTools } from "./support.ts";

const image = "registry.example.com/app:1@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const program = {
  "Pulumi.yaml": JSON.stringify({
    name: "program", runtime: "yaml",
    resources: {
      provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } },
      web: { type: "docker:index/container:Container", properties: { name: "web", image, privileged: true }, options: { provider: "${provider}" } },
    },
  }),
};

describe.skipIf(missing(...yamlTools))("the pack that is shipped", () => {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-package-"));
  const project = new Project(program);
  afterAll(() => {
    project.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const refuses = async (pack: string): Promise<void> => {
    const { events, code } = await project.judge({ pack, config: { bulkhead: { preset: "baseline" } } });
    expect(verdicts(events)).toEqual(["no-privileged docker:index/container:Container::web"]);
    expect(code).not.toBe(0);
  };

  test("works from node_modules of a packed tarball in an empty folder", async () => {
    const packed = await run("npm", ["pack", "--pack-destination", folder, packFolder], { cwd: folder });
    expect(packed.code, packed.stderr).toBe(0);
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    writeFileSync(join(folder, "package.json"), '{"private": true}');
    const installed = await run("npm", ["install", "--no-audit", "--no-fund", `./${tarball}`], { cwd: folder });
    expect(installed.code, installed.stderr).toBe(0);
    const pack = join(folder, "node_modules/@bulkhead/policy-pack");
    expect(readdirSync(pack).sort()).toEqual(["PulumiPolicy.yaml", "README.md", "dist", "package.json"]);
    await refuses(pack);
  }, 300_000);

  test("works from a bare copy with production dependencies, as publishing ships it", async () => {
    const pack = join(folder, "copy");
    for (const name of ["PulumiPolicy.yaml", "package.json", "dist"]) cpSync(join(packFolder, name), join(pack, name), { recursive: true });
    const installed = await run("npm", ["install", "--omit=dev", "--no-audit", "--no-fund"], { cwd: pack });
    expect(installed.code, installed.stderr).toBe(0);
    await refuses(pack);
  }, 300_000);

  test("its policies can be imported with no side effect", async () => {
    const script = `const { policies } = require(${JSON.stringify(join(packFolder, "dist/index.js"))}); const all = policies({ preset: "restricted" }); console.log(JSON.stringify(all.map((policy) => policy.name)));`;
    const { stdout, code } = await run(process.execPath, ["-e", script], { timeout: 30_000 });
    expect(code).toBe(0);
    const names = JSON.parse(stdout) as readonly string[];
    expect(names).toContain("no-privileged");
    expect(names).toContain("bulkhead");
  });
});
