/** Types and rules by the compiler, then the pack and the CLI as bundles. */
import { spawnSync } from "node:child_process";

const steps: readonly (readonly string[])[] = [
  ["node_modules/typescript/bin/tsc", "-b", "packages/core", "packages/rules", "packages/cli", "packages/policy-pack/tsconfig.build.json"],
  ["packages/policy-pack/scripts/bundle.mts"],
  ["packages/cli/scripts/bundle.mts"],
];
for (const args of steps) {
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exit(2);
}
