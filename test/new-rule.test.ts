import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "./e2e/support.ts";
import { run } from "./toolchain/run.ts";

const copy = mkdtempSync(join(tmpdir(), "bulkhead-new-rule-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const file = "packages/rules/src/container/no-foo.ts";
const node = (...args: readonly string[]) => run(process.execPath, args, { cwd: copy, timeout: 120_000, env: { ...process.env, NO_COLOR: "1" } });

/** Hashes of the files that are not compiled, by name. */
function sources(): ReadonlyMap<string, string> {
  const names = readdirSync(join(copy, "packages"), { recursive: true, encoding: "utf8" }).map((name) => `packages/${name.replaceAll("\\", "/")}`).filter((name) => !/\/(dist|node_modules)(\/|$)/.test(name) && statSync(join(copy, name)).isFile());
  return new Map(names.map((name) => [name, createHash("sha256").update(readFileSync(join(copy, name))).digest("hex")]));
}

/** What somebody writes into the template. */
function fill(template: string): string {
  const [head = "", examples = ""] = template.split("  examples: {");
  const filled = head
    .replace('title: ""', 'title: "Containers listen on no telnet port"')
    .replace('why: ""', 'why: "Telnet sends passwords as they are typed."')
    .replace('remediation: ""', 'remediation: "Remove the port."')
    .replace('whenNot: ""', 'whenNot: "For a museum."')
    .replace(/ {2}reads: .*\n {2}check: .*\n {2}fix: .*\n/, '  reads: ({ ports }) => ({ ports: forbids(ports) }),\n  check: ({ ports = [] }) => (ports.includes(23) ? "not listen on port 23" : undefined),\n')
    .replace("defineRule, exact", "defineRule, forbids");
  expect(examples).toContain("kubernetes: { bad: {}, good: {} }");
  return `${filled}  platforms: ["kubernetes"],\n  examples: {\n    kubernetes: { bad: { ports: [{ containerPort: 23 }] }, good: { ports: [{ containerPort: 80 }] } },\n  },\n});\n`;
}

test("one file that is written by hand is a rule that is tested, documented and in the pack", async () => {
  for (const name of ["core", "rules", "image-evidence", "network-policy", "policy-pack"]) cpSync(join(root, "packages", name), join(copy, "packages", name), { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(copy, "test"));
  for (const name of ["package.json", "tsconfig.base.json", "test/vitest.config.ts"]) cpSync(join(root, name), join(copy, name));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const before = sources();

  const made = await node("packages/rules/scripts/new-rule.mts", "container/no-foo");
  expect([made.code, made.stdout.split("\n")[0]]).toEqual([0, join(copy, file)]);
  expect((await node("packages/rules/scripts/new-rule.mts", "container/no-foo")).stderr).toContain("exists already");
  expect((await node("packages/rules/scripts/new-rule.mts", "No Foo")).stderr).toContain('expected FAMILY/ID such as container/no-foo, found "No Foo"');
  const compiled = await node("packages/rules/scripts/generate.mts");
  expect(compiled.code, compiled.stdout + compiled.stderr).toBe(0);

  writeFileSync(join(copy, file), fill(readFileSync(join(copy, file), "utf8")));
  const generated = await node("packages/rules/scripts/generate.mts");
  expect(generated.code, generated.stdout + generated.stderr).toBe(0);
  const tested = await node("node_modules/vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts", "--reporter=json", "--outputFile=results.json", "packages/rules/test/examples.test.ts", "-t", "^no-foo ");
  expect(tested.code, tested.stderr).toBe(0);
  const results = JSON.parse(readFileSync(join(copy, "results.json"), "utf8")) as { readonly numPassedTests: number; readonly numFailedTests: number };
  expect(results.numFailedTests).toBe(0);
  expect(results.numPassedTests).toBeGreaterThan(100);
  expect(readFileSync(join(copy, "packages/rules/docs/no-foo.md"), "utf8")).toContain('> container "web" of Deployment "shop/api" must not listen on port 23');
  expect(readFileSync(join(copy, "packages/rules/docs/README.md"), "utf8")).toContain("[no-foo](no-foo.md)");
  const bundled = await node("packages/policy-pack/scripts/bundle.mts");
  expect(bundled.code, bundled.stderr).toBe(0);
  const listed = await node("-e", 'console.log(JSON.stringify(require("./packages/policy-pack/dist/index.js").policies().map(({ name }) => name)))');
  expect(JSON.parse(listed.stdout)).toContain("no-foo");

  const after = sources();
  const changed = [...after].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name).sort();
  expect(changed).toEqual(["packages/rules/docs/README.md", "packages/rules/docs/no-foo.md", "packages/rules/src/container/no-foo.ts", "packages/rules/src/index.ts"]);
  expect([...before.keys()].filter((name) => !after.has(name))).toEqual([]);
}, 180_000);
