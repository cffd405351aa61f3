import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../toolchain/run.ts";
import { missing, Project, root } from "./support.ts";

const source = join(root, "packages/components");
const folder = mkdtempSync(join(tmpdir(), "bulkhead-components-"));
const installed = join(folder, "node_modules/@bulkhead/components");

/** Packs and installs, as a user has it: nothing of the workspace is in reach. */
describe("the components that are shipped", { timeout: 180_000 }, () => {
  let files: readonly string[];
  beforeAll(async () => {
    const packed = await run("npm", ["pack", "--pack-destination", folder, "--json", source], { cwd: folder });
    expect(packed.code, packed.stderr).toBe(0);
    const [{ filename, files: list } = { filename: "", files: [] }] = JSON.parse(packed.stdout) as readonly { readonly filename: string; readonly files: readonly { readonly path: string }[] }[];
    files = list.map(({ path }) => path).sort();
    writeFileSync(join(folder, "package.json"), '{"private": true}');
    const done = await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", `./${filename}`, `bulkhead@file:./${filename}`], { cwd: folder });
    expect(done.code, done.stderr).toBe(0);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("hold compiled JavaScript, types, pages and the plugin, and no sources", () => {
    expect([...new Set(files.map((file) => file.split("/")[0]))].sort()).toEqual(["LICENSE", "README.md", "dist", "docs", "package.json", "plugin"].filter((name) => name !== "LICENSE" || existsSync(join(source, "LICENSE"))));
    expect(files.filter((file) => file.startsWith("plugin/"))).toEqual(["plugin/PulumiPlugin.yaml", "plugin/package.json", "plugin/schema.json"]);
    expect(files.filter((file) => file.startsWith("dist/") && !/\.(js|d\.ts)$/.test(file))).toEqual([]);
    expect(files.filter((file) => file.startsWith("docs/") && !file.endsWith(".md"))).toEqual([]);
    expect(files.filter((file) => /tsconfig|\.test\.|tsbuildinfo/.test(file))).toEqual([]);
    for (const file of ["dist/index.js", "dist/index.d.ts", "dist/plugin.js", "dist/pids/providers.js"]) expect(files).toContain(file);
  });

  test("serve a program that imports them", async () => {
    const script = 'const all = require("@bulkhead/components"); console.log(Object.keys(all).sort().join(" "));';
    const { code, stdout, stderr } = await run(process.execPath, ["-e", script], { cwd: folder, timeout: 60_000 });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/\bHardenedContainer\b.*\bIsolatedNamespace\b.*\bPidsLimit\b.*\bPrivateNetwork\b/);
  });

  // The CLI reads what comes after an @ in a path as a version, so the plugin is installed under a name without a scope.
  test.skipIf(missing("pulumi", "pulumi-language-nodejs", "pulumi-language-yaml", "pulumi-resource-docker"))("are a plugin, where they are installed", async () => {
    const program = new Project({ "Pulumi.yaml": "name: added\nruntime: yaml\n" });
    try {
      const added = await program.pulumi(["package", "add", join(folder, "node_modules/bulkhead/plugin")]);
      expect(added.code, added.stdout + added.stderr).toBe(0);
      const settings = readFileSync(join(program.program, "Pulumi.yaml"), "utf8");
      expect(settings).toMatch(/packages:\n\s+bulkhead: /);
      program.writeProgram("Pulumi.yaml", `${settings}config:\n  docker:disableDockerDaemonCheck: { value: true }\nresources:\n  web:\n    type: bulkhead:HardenedContainer\n    properties: { image: "busybox:1.37.0", memory: 64Mi }\n`);
      const { code, stdout } = await program.judge({ config: { bulkhead: { preset: "restricted" } } });
      expect(code, stdout).toBe(0);
      for (const type of ["bulkhead:index:HardenedContainer", "docker:index:Container", "bulkhead:index:PidsLimit"]) expect(stdout).toContain(`${type} web create`);
    } finally {
      program.remove();
    }
  });

  test("never load TypeScript by themselves", () => {
    const loaded = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js") && /require\("(typescript|ts-node|@pulumi\/pulumi\/provider\/experimental[^"]*)"\)/.test(readFileSync(join(installed, "dist", file), "utf8")));
    expect(loaded).toEqual([]);
  });
});
