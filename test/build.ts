/** What the lockfile names, then types and rules by the compiler, then the pack and the CLI as bundles. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const steps: readonly (readonly string[])[] = [
  ["node_modules/typescript/bin/tsc", "-b", "packages/core", "packages/rules", "packages/image-evidence", "packages/network-policy", "packages/cli", "packages/policy-pack/tsconfig.build.json", "packages/components"],
  ["packages/policy-pack/scripts/bundle.mts"],
  ["packages/cli/scripts/bundle.mts"],
];
// pnpm keeps the lockfile that it installed from.
const installed = "node_modules/.pnpm/lock.yaml";
if (!existsSync(installed) || readFileSync(installed, "utf8") !== readFileSync("pnpm-lock.yaml", "utf8")) {
  const { status } = spawnSync("npm", ["exec", "--yes", "--package=pnpm@12.21.0", "--", "pnpm", "install", "--frozen-lockfile"], { stdio: ["ignore", 2, 2], env: { ...process.env, CI: "true" } });
  if (status !== 0) process.exit(2);
}
for (const args of steps) {
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exit(2);
}
