/**
 * Bundles the CLI into one file, so that it starts without resolving modules: dist/main.js, or the file that is named.
 * The editor of `fix` stands next to it in edit.js: with its parser it is loaded only where there is something to fix.
 */
import { chmodSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outfile = resolve(process.argv[2] ?? join(root, "dist/main.js"));

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  minifySyntax: true,
  alias: { "@bulkhead/core": join(root, "../core/src/index.ts"), "@bulkhead/rules": join(root, "../rules/src/index.ts") },
  logLevel: "warning",
};
const editorElsewhere: Plugin = {
  name: "editor-elsewhere",
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/edit\.js$/ }, ({ kind }) => (kind === "dynamic-import" ? { path: "./edit.js", external: true } : undefined)),
};
await build({ ...common, entryPoints: ["src/fix/edit.ts"], outfile: join(dirname(outfile), "edit.js") });
await build({ ...common, entryPoints: ["src/main.ts"], outfile, banner: { js: "#!/usr/bin/env node" }, plugins: [editorElsewhere] });
chmodSync(outfile, 0o755);
