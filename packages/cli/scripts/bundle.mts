/** Bundles the CLI into one file, so that it starts without resolving modules. */
import { chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outfile: "dist/main.js",
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  minifySyntax: true,
  banner: { js: "#!/usr/bin/env node" },
  alias: { "@bulkhead/core": join(root, "../core/src/index.ts"), "@bulkhead/rules": join(root, "../rules/src/index.ts") },
  logLevel: "warning",
});
chmodSync(join(root, "dist/main.js"), 0o755);
