import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { GitHosts } from "./git-hosts.ts";
import { pidsTools, Stack } from "./pids-support.ts";
import { missing, Project, root, toolPath, yamlTools } from "./support.ts";

const components = join(root, "packages/components");
const folder = mkdtempSync(join(tmpdir(), "bulkhead-repository-"));
const repository = join(folder, "example/components.git");
const { version } = JSON.parse(readFileSync(join(components, "package.json"), "utf8")) as { readonly version: string };

async function git(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run("git", args, { cwd: repository });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

function release(...args: readonly string[]): Promise<Result> {
  const env = { ...process.env, GIT_AUTHOR_NAME: "Test", GIT_AUTHOR_EMAIL: "test@example.com", GIT_COMMITTER_NAME: "Test", GIT_COMMITTER_EMAIL: "test@example.com" };
  return run(process.execPath, [join(components, "scripts/release.mts"), ...args], { cwd: folder, env });
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a release of the components", { timeout: 300_000 }, () => {
  beforeAll(async () => {
    mkdirSync(repository, { recursive: true });
    await git("init", "--quiet", "--bare");
    const { code, stdout, stderr } = await release("--repository", repository, "--branch", "releases");
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`v${version} is ${await git("rev-parse", `v${version}`)}`);
  }, 300_000);

  test("is a commit without a parent, which a tag and the branch name", async () => {
    expect(await git("rev-list", "--all")).toBe(await git("rev-parse", `v${version}`));
    expect((await git("for-each-ref", "--format=%(refname)")).split("\n")).toEqual(["refs/heads/releases", `refs/tags/v${version}`]);
  });

  test("holds compiled JavaScript, pages and what the CLI reads, and no sources", async () => {
    const files = (await git("ls-tree", "-r", "--name-only", "releases")).split("\n");
    expect(files.filter((file) => !/^(dist|docs)\//.test(file))).toEqual([".npmrc", "LICENSE", "PulumiPlugin.yaml", "README.md", "package-lock.json", "package.json", "schema.json"]);
    expect(files.filter((file) => !/\.(js|md)$/.test(file) && /^(dist|docs)\//.test(file))).toEqual([]);
    for (const file of ["dist/index.js", "dist/plugin.js", "dist/pids/providers.js", "docs/hardened-container.md"]) expect(files).toContain(file);
    expect(await git("show", "releases:schema.json")).toBe(readFileSync(join(components, "plugin/schema.json"), "utf8").trim());
    expect(await git("show", "releases:README.md")).not.toMatch(/\]\((\.\.\/|#)/);
  });

  test("installs exact versions, each with its hash, and runs none of their scripts", async () => {
    const manifest = JSON.parse(await git("show", "releases:package.json")) as { readonly name: string; readonly version: string; readonly main: string; readonly dependencies: { readonly [name: string]: string } };
    expect(manifest).toMatchObject({ name: "bulkhead", version, main: "dist/plugin.js" });
    expect(Object.keys(manifest.dependencies)).toEqual(["@pulumi/docker", "@pulumi/kubernetes", "@pulumi/pulumi"]);
    for (const exact of Object.values(manifest.dependencies)) expect(exact).toMatch(/^\d+\.\d+\.\d+$/);
    const { packages } = JSON.parse(await git("show", "releases:package-lock.json")) as { readonly packages: { readonly [path: string]: { readonly integrity?: string; readonly resolved?: string } } };
    const locked = Object.entries(packages).filter(([path]) => path !== "");
    expect(locked.length).toBeGreaterThan(3);
    for (const [path, { integrity, resolved }] of locked) expect([path, integrity?.startsWith("sha512-"), resolved]).toEqual([path, true, undefined]);
    expect(await git("show", "releases:.npmrc")).toContain("ignore-scripts=true");
  });

  test("is not made twice, and never changes", async () => {
    const again = await release("--repository", repository, "--branch", "releases");
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toContain("is already");
    const other = join(folder, "other");
    expect((await run("git", ["clone", "--quiet", "--branch", "releases", repository, other])).code).toBe(0);
    const changed = await run("sh", ["-c", `git rm --quiet README.md && git -c user.name=Test -c user.email=test@example.com commit --quiet --message changed && git tag --force v${version} && git checkout --quiet -b work`], { cwd: other });
    expect(changed.code, changed.stderr).toBe(0);
    const refused = await release("--repository", other);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`v${version} is there already and holds something else`)]);
    const occupied = await release("--repository", other, "--branch", "work");
    expect([occupied.code, occupied.stderr]).toEqual([2, expect.stringContaining("expected one that is not checked out, found work")]);
    await run("git", ["checkout", "--quiet", "releases"], { cwd: other });
    expect((await run("sh", ["-c", "git checkout --quiet --orphan mine && git rm -rf --quiet . && git -c user.name=Test -c user.email=test@example.com commit --quiet --allow-empty --message mine && git checkout --quiet releases"], { cwd: other })).code).toBe(0);
    const misnamed = await release("--repository", other, "--branch", "a..b");
    expect([misnamed.code, misnamed.stderr]).toEqual([2, '--branch: expected the name of a branch, found "a..b"\n']);
    const foreign = await release("--repository", other, "--branch", "mine");
    expect([foreign.code, foreign.stderr]).toEqual([2, expect.stringContaining("found mine, which has no PulumiPlugin.yaml")]);
  });
});

/** The CLI clones it, installs its dependencies and starts it: nothing of the workspace is in reach of the plugin. */
describe("the components, added from a repository", { timeout: 300_000 }, () => {
  const skipped = missing(...yamlTools);
  const hosts = new GitHosts(folder, ["github.com"]);
  const home = join(folder, "home");
  const projects: Project[] = [];
  /** The same place for all, as on a machine that has nothing but the providers. */
  const equip = (project: Project): Project => {
    Object.assign(project.env, hosts.env, { PULUMI_HOME: home });
    projects.push(project);
    return project;
  };

  beforeAll(async () => {
    if (skipped) return;
    await hosts.open();
    // The plugin asks for the providers in its own versions, which the CLI would download.
    for (const name of ["docker", "kubernetes"]) {
      const { version: wanted } = createRequire(join(components, "package.json"))(`@pulumi/${name}/package.json`) as { readonly version: string };
      const place = join(home, `plugins/resource-${name}-v${wanted}`);
      mkdirSync(place, { recursive: true });
      symlinkSync(toolPath(`pulumi-resource-${name}`), join(place, `pulumi-resource-${name}`));
    }
  });
  afterAll(() => {
    hosts.close();
    for (const project of projects) project.remove();
  });

  test.skipIf(skipped)("serve a YAML program, by name and version", async () => {
    const program = equip(new Project({ "Pulumi.yaml": "name: added\nruntime: yaml\n" }));
    const added = await program.pulumi(["package", "add", `github.com/example/components@${version}`]);
    expect(added.code, added.stdout + added.stderr).toBe(0);
    expect(hosts.requests).toContain("POST https://github.com/example/components.git/git-upload-pack");
    const settings = readFileSync(join(program.program, "Pulumi.yaml"), "utf8");
    expect(settings).toContain(`packages:\n  bulkhead: github.com/example/components@${version}\n`);
    program.writeProgram("Pulumi.yaml", `${settings}config:\n  docker:disableDockerDaemonCheck: { value: true }\nresources:\n  web:\n    type: bulkhead:HardenedContainer\n    properties: { image: "busybox:1.37.0", memory: 64Mi }\n`);
    const { code, stdout } = await program.judge({ config: { bulkhead: { preset: "restricted" } } });
    expect(code, stdout).toBe(0);
    for (const type of ["bulkhead:index:HardenedContainer", "docker:index:Container", "bulkhead:index:PidsLimit"]) expect(stdout).toContain(`${type} web create`);
  });

  test.skipIf(skipped)("serve a TypeScript program, by address and newest tag", async () => {
    const program = equip(new Project({ "Pulumi.yaml": "name: added\nruntime: nodejs\n", "package.json": '{"name": "added", "main": "index.ts"}' }));
    const modules = join(program.program, "node_modules");
    mkdirSync(join(modules, "@example"), { recursive: true });
    symlinkSync(join(components, "node_modules/@pulumi"), join(modules, "@pulumi"));
    for (const name of ["typescript", "@types"]) symlinkSync(join(root, "node_modules", name), join(modules, name));
    const added = await program.pulumi(["package", "add", "https://github.com/example/components"]);
    expect(added.stdout + added.stderr).toContain("Successfully generated an SDK for the bulkhead package");
    // What is left is to link it, which a language host that is older than the CLI cannot: the README of the toolchain says why.
    if (added.code !== 0) expect(added.stderr).toContain("error: linking package: grpc: error unmarshalling request");
    const sdk = join(program.program, "sdks/example-bulkhead");
    // Nor does its generator, compiled with Go 1.26, step out of a folder (pulumi/pulumi#21835).
    for (const file of ["index.ts", "input.ts", "output.ts"].map((name) => join(sdk, "types", name))) writeFileSync(file, readFileSync(file, "utf8").replaceAll(/from "\.\/(?=utilities"|types\/)/g, 'from "../'));
    const compiled = await run(process.execPath, ["scripts/postinstall.js"], { cwd: sdk, env: { ...program.env, PATH: [join(root, "node_modules/.bin"), program.env["PATH"]].join(delimiter) } });
    expect(compiled.code, compiled.stdout + compiled.stderr).toBe(0);
    symlinkSync(sdk, join(modules, "@example/bulkhead"));
    program.writeProgram("index.ts", `import { HardenedContainer } from "@example/bulkhead";\n\nexport const name = new HardenedContainer("web", { image: "busybox:1.37.0", memory: "64Mi" }).containerName;\n`);
    await program.pulumi(["stack", "init", "test"]);
    await program.pulumi(["config", "set", "docker:disableDockerDaemonCheck", "true"]);
    const { code, stdout, stderr } = await program.pulumi(["preview"]);
    expect(code, stdout + stderr).toBe(0);
    for (const type of ["bulkhead:index:HardenedContainer", "docker:index:Container", "bulkhead:index:PidsLimit"]) expect(stdout).toContain(`${type} web create`);
  });

  test.skipIf(skipped || missing(...pidsTools))("make containers whose limit the kernel enforces", async () => {
    const container = `bulkhead-repository-${process.pid}`;
    const resources = { [container]: { type: "bulkhead:HardenedContainer", properties: { image: imageName, memory: "64Mi", pidsLimit: 48, command: ["/bin/busybox", "sleep", "600"] } } };
    const stack = new Stack({ "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "yaml", resources }) }, container);
    equip(stack.project);
    try {
      await importImage(stack.project.env);
      const added = await stack.pulumi(["package", "add", `github.com/example/components@${version}`]);
      expect(added.code, added.said).toBe(0);
      await stack.pulumi(["stack", "init", "test"]);
      const { code, said } = await stack.up();
      expect(code, said).toBe(0);
      const [id = ""] = await stack.containers();
      expect(await stack.kernelLimit(id)).toBe("48");
      const destroyed = await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
      expect(destroyed.code, destroyed.said).toBe(0);
      expect(await stack.containers()).toEqual([]);
    } finally {
      await stack.remove();
    }
  });
});
