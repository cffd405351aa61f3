import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../toolchain/run.ts";
import { missing, packFolder, Project, root, verdicts } from "./support.ts";

const example = join(root, "examples/custom-rule");
const folder = mkdtempSync(join(tmpdir(), "bulkhead-custom-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example as its `npm install` would leave it, with the packages of this repository. */
function installed(): string {
  const pack = join(folder, "acme");
  cpSync(example, pack, { recursive: true, filter: (path) => !path.includes("node_modules") });
  mkdirSync(join(pack, "node_modules/@bulkhead"), { recursive: true });
  for (const name of ["core", "rules", "policy-pack"]) symlinkSync(join(root, "packages", name), join(pack, "node_modules/@bulkhead", name));
  symlinkSync(join(packFolder, "node_modules/@pulumi"), join(pack, "node_modules/@pulumi"));
  return pack;
}

const pack = installed();
const image = "registry.example.com/app:1@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const web = "memory-below-maximum docker:index/container:Container::web";
const program = {
  "Pulumi.yaml": JSON.stringify({
    name: "program", runtime: "yaml",
    resources: {
      provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } },
      web: { type: "docker:index/container:Container", properties: { name: "web", image, memory: 2048 }, options: { provider: "${provider}" } },
    },
  }),
};

test("the example's tests, by Node's own runner, are the cases of its rule", async () => {
  const { code, stdout } = await run(process.execPath, ["--test", "--test-reporter=tap"], { cwd: pack, timeout: 60_000, env: { ...process.env, NODE_OPTIONS: "" } });
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(/^ok \d+ - memory-below-maximum > kubernetes > CronJob > init > fix 0$/m);
  expect(stdout).toMatch(/^ok \d+ - memory-below-maximum > docker > Container > good 0 > unknown memory$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(100);
});

test("the cases find a rule that does not do what its examples say", async () => {
  const broken = join(folder, "broken");
  cpSync(pack, broken, { recursive: true, verbatimSymlinks: true });
  const file = join(broken, "memory-below-maximum.js");
  writeFileSync(file, readFileSync(file, "utf8").replace("limit > options.mebibytes", "limit >= options.mebibytes"));
  const { code, stdout } = await run(process.execPath, ["--test", "--test-reporter=tap"], { cwd: broken, timeout: 60_000, env: { ...process.env, NODE_OPTIONS: "" } });
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/^not ok \d+ - memory-below-maximum > docker > Container > good 0$/m);
});

test("rules that cannot be together in a pack are refused by name", async () => {
  const start = (rules: string) => run(process.execPath, ["-e", `const { catalogue, createPack } = require("@bulkhead/policy-pack"); createPack({ name: "acme", rules: ${rules} });`], { cwd: pack, timeout: 30_000 });
  expect((await start("[...catalogue, catalogue[0]]")).stderr).toMatch(/Error: rules\[\d+\]: expected an id of its own, found "[a-z-]+", which is taken/);
  expect((await start("[{}]")).stderr).toContain("Error: rules[0]: expected a rule made with defineRule, found object");
});

describe.skipIf(missing("pulumi", "pulumi-language-nodejs", "pulumi-language-yaml", "pulumi-resource-docker"))("a pack with a rule of its own", () => {
  const project = new Project(program);
  afterAll(() => project.remove());

  test("refuses by that rule, and by the catalogue's beside it", async () => {
    const { events, code, stdout } = await project.judge({ pack });
    expect(verdicts(events, "mandatory")).toEqual([web]);
    expect(verdicts(events, "advisory")).toContain("read-only-root-filesystem docker:index/container:Container::web");
    expect(code).not.toBe(0);
    expect(stdout).toContain('Container "web" must have a memory limit of at most 1024 MiB');
  });

  test("its options, level and preset come from what the engine configures", async () => {
    const wider = await project.judge({ pack, config: { bulkhead: { preset: "baseline" }, "memory-below-maximum": { mebibytes: 4096 } } });
    expect([verdicts(wider.events), wider.code]).toEqual([[], 0]);
    const advised = await project.judge({ pack, config: { all: "disabled", "memory-below-maximum": { enforcementLevel: "advisory", mebibytes: 512 } } });
    expect([verdicts(advised.events, "advisory").filter((verdict) => !verdict.startsWith("bulkhead")), advised.code]).toEqual([[web], 0]);
    expect(advised.stdout).toContain("at most 512 MiB");
    const wrong = await project.judge({ pack, config: { "memory-below-maximum": { mebibytes: 0 } } });
    expect(wrong.code).not.toBe(0);
  }, 300_000);

  test("its fix is applied at the level remediate", async () => {
    const { remediated, code } = await project.judge({ pack, config: { all: "disabled", "memory-below-maximum": "remediate" } });
    expect([remediated, code]).toEqual([[web], 0]);
  });

  test("three files and the packed packages are enough, in an empty folder", async () => {
    const own = join(folder, "own");
    mkdirSync(own);
    for (const name of ["core", "policy-pack"]) {
      const packed = await run("npm", ["pack", "--pack-destination", own, join(root, "packages", name)], { cwd: folder });
      expect(packed.code, packed.stderr).toBe(0);
    }
    const tarball = (name: string): string => `file:./${readdirSync(own).find((file) => file.startsWith(`bulkhead-${name}-`)) ?? ""}`;
    const rule = readFileSync(join(example, "memory-below-maximum.js"), "utf8").replace("module.exports =", "const memoryBelowMaximum =");
    writeFileSync(join(own, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(join(own, "package.json"), JSON.stringify({ name: "acme", version: "1.0.0", main: "index.js", dependencies: { "@bulkhead/core": tarball("core"), "@bulkhead/policy-pack": tarball("policy-pack") } }));
    writeFileSync(join(own, "index.js"), `${rule}\nrequire("@bulkhead/policy-pack").createPack({ name: "acme", rules: [memoryBelowMaximum] });\n`);
    const installation = await run("npm", ["install", "--no-audit", "--no-fund"], { cwd: own });
    expect(installation.code, installation.stderr).toBe(0);
    const { events, code } = await project.judge({ pack: own, config: { bulkhead: { preset: "baseline" } } });
    expect([verdicts(events), code === 0]).toEqual([[web], false]);
    writeFileSync(join(own, "typed.ts"), `
      import { type AnyRule, defineRule, exact } from "@bulkhead/core";
      import { catalogue, createPack } from "@bulkhead/policy-pack";
      const rule: AnyRule = defineRule({
        id: "typed", title: "T", severity: "low", since: "1.0.0", challenge: "C2", preset: "strict", frameworks: {}, why: "W.", remediation: "R.", about: "container",
        reads: ({ privileged }) => ({ privileged: exact(privileged) }), check: ({ privileged }) => (privileged === true ? "not be privileged" : undefined), examples: {},
      });
      createPack({ name: "acme", rules: [...catalogue, rule] });
      // @ts-expect-error
      createPack({ name: "acme", rules: [1] });
    `);
    writeFileSync(join(own, "tsconfig.json"), JSON.stringify({ compilerOptions: { noEmit: true, strict: true, skipLibCheck: true, module: "node16", target: "es2022", types: [] }, files: ["typed.ts"] }));
    const compiled = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", own], { cwd: own });
    expect(compiled.stdout).toBe("");
  }, 300_000);
});
