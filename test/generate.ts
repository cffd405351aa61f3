/** `npm run generate`: writes the generated files of all packages, or with `--check` says which are stale. The packages are built before. */
import { spawnSync } from "node:child_process";

const scripts = ["packages/rules/scripts/generate.mts", "packages/components/scripts/schema.mts", "packages/components/scripts/pages.mts"];
const failed = scripts.filter((script) => spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: "inherit" }).status !== 0);
process.exitCode = failed.length > 0 ? 1 : 0;
