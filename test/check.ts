/** `npm run check`: types, lint, and generated files that are fresh. */
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [string, readonly string[]])[] = [
  ["types of the packages", ["node_modules/typescript/bin/tsc", "-b", "packages/core", "packages/rules", "packages/cli", "packages/policy-pack/tsconfig.build.json", "packages/components"]],
  ["types of the tests and scripts", ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "test/tsconfig.json"]],
  ["lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "--config-path=.biome.json", "--error-on-warnings", "--colors=off", "."]],
  ["generated files", ["test/generate.ts", "--check"]],
];
let failed = 0;
for (const [what, args] of steps) {
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  process.stderr.write(`${what}: ${status === 0 ? "ok" : "failed"}\n`);
  if (status !== 0) failed += 1;
}
process.exitCode = failed > 0 ? 1 : 0;
