/** Bundles the pack with the project's own packages; what it installs is the SDK alone. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts", "src/index.ts"],
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  external: ["@pulumi/*", "@grpc/*"],
  alias: { "@bulkhead/core": join(root, "../core/src/index.ts"), "@bulkhead/rules": join(root, "../rules/src/index.ts") },
  logLevel: "warning",
});
