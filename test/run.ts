/** `npm test [-- VITEST ARGUMENTS]`: brings the tools up, runs every suite and ends with one line of counts. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stopDocker } from "./toolchain/docker.ts";
import { stopEngine } from "./toolchain/engine.ts";
import { toolchain } from "./toolchain/environment.ts";
import { stopKubernetes } from "./toolchain/kubernetes.ts";
import { say } from "./toolchain/run.ts";
import { optionalTools, requiredTools, toolNames } from "./toolchain/tools.ts";

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly message: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
const required = process.env["BULKHEAD_E2E"] === "required";
/** Minutes: a machine that had to build the required tools has no time left for the others; the next run there builds them. */
const longForRequired = 15;
const output = mkdtempSync(join(tmpdir(), "bulkhead-test-"));

async function main(): Promise<number> {
  const start = Date.now();
  const fetched = await toolchain(requiredTools);
  const minutes = (Date.now() - start) / 60_000;
  const optional = await toolchain(optionalTools, required && minutes < longForRequired);
  const { env } = await toolchain(toolNames, false);
  const missing = [...fetched.missing, ...optional.missing];
  for (const { name, reason } of missing) say(`${name} is missing: ${reason}`);
  const file = join(output, "results.json");
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts", "--reporter=dot", "--reporter=json", `--outputFile.json=${file}`, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  const results = JSON.parse(readFileSync(file, "utf8")) as Results;
  return summarise(results, status ?? 2, missing.map((entry) => entry.name).filter((name) => !optionalTools.includes(name)));
}

function summarise(results: Results, status: number, missing: readonly string[]): number {
  const skipped = results.numPendingTests + results.numTodoTests;
  for (const suite of results.testResults) {
    const names = suite.assertionResults.filter((test) => test.status === "pending" || test.status === "skipped" || test.status === "todo");
    for (const { fullName } of names.slice(0, 20)) say(`skipped: ${suite.name.slice(root.length)}: ${fullName}`);
    if (names.length > 20) say(`skipped: ${suite.name.slice(root.length)}: and ${names.length - 20} more`);
  }
  // A file that cannot be loaded has no tests that could fail.
  const broken = results.testResults.filter((suite) => suite.status === "failed" && suite.assertionResults.every((test) => test.status !== "failed")).length;
  const absent = required ? missing.length : 0;
  if (absent > 0) say(`BULKHEAD_E2E=required, and these tools are missing: ${missing.join(", ")}`);
  const failed = results.numFailedTests + broken + absent;
  process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed > 0 || status !== 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} finally {
  await stopEngine();
  await stopDocker();
  await stopKubernetes();
  rmSync(output, { recursive: true, force: true });
}
