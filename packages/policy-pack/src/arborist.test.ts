import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const main = join(import.meta.dirname, "../dist/main.js");
const folder = mkdtempSync(join(tmpdir(), "bulkhead-arborist-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// A program of one package, which the SDK's code paths are those of.
mkdirSync(join(folder, "node_modules/left"), { recursive: true });
writeFileSync(join(folder, "package.json"), '{"name": "program", "version": "1.0.0", "dependencies": {"left": "1.0.0"}}');
writeFileSync(join(folder, "node_modules/left/package.json"), '{"name": "left", "version": "1.0.0"}');

/** What a script says of a process in which the pack was started; the pack says its port first. */
function inPack(script: string, before = ""): unknown {
  const program = `
    const sdk = require("node:module").createRequire(${JSON.stringify(join(main, "../../package.json"))});
    const loaded = () => Object.keys(require.cache).filter((file) => file.includes("@npmcli/arborist/")).length > 1;
    ${before}
    require(${JSON.stringify(main)});
    const say = (value) => { process.stdout.write("\\n" + JSON.stringify(value)); process.exit(0); };
    ${script}
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", program], { cwd: folder, encoding: "utf8", timeout: 60_000 });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

describe("arborist", () => {
  test("is not loaded by a pack that starts", () => {
    expect(inPack("say(loaded());")).toBe(false);
  });

  test("is there for the SDK once it asks", () => {
    const script = 'sdk("@pulumi/pulumi/runtime/closure/codePaths").computeCodePaths().then((paths) => say([loaded(), [...paths.keys()]]));';
    expect(inPack(script)).toEqual([true, ["node_modules/left"]]);
  });

  test("is left as it is where it was loaded before", () => {
    const before = 'const own = require("node:module").createRequire(sdk.resolve("@pulumi/pulumi"))("@npmcli/arborist");';
    const script = 'const arborist = require("node:module").createRequire(sdk.resolve("@pulumi/pulumi"))("@npmcli/arborist"); say(arborist === own && typeof arborist.Arborist);';
    expect(inPack(script, before)).toBe("function");
  });
});
