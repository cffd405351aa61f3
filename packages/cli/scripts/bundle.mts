/**
 * Bundles the CLI into one file, dist/cli.js, so that it starts without resolving modules, and what loads it:
 * dist/main.js, or the file that is named. Next to them stand what is loaded only where it is needed: the editor of
 * `fix` with its parser, `explain` with the pages, the examples and the standards, `evidence` with the readers of reports
 * and the client of registries, the thread that asks registries during `check`, `network` with the readers of flows, and the
 * evaluator of policies, for rules that ask it. `picture` is what a browser runs in the page that `network reach` writes.
 */
import { chmodSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { build } from "esbuild";
import { bundleLive } from "../../image-evidence/scripts/live.mts";
import { bundleSignatures, signaturesApart } from "../../image-evidence/scripts/signatures.mts";
import { withoutPages } from "../../rules/scripts/without-pages.mts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outfile = resolve(process.argv[2] ?? join(root, "dist/main.js"));

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  minifySyntax: true,
  alias: { "@bulkhead/core": join(root, "../core/src/index.ts"), "@bulkhead/rules": join(root, "../rules/src/index.ts"), "@bulkhead/image-evidence": join(root, "../image-evidence/src/index.ts"), "@bulkhead/network-policy": join(root, "../network-policy/src/index.ts") },
  logLevel: "warning",
};
const elsewhere: Plugin = {
  name: "elsewhere",
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/(cli|edit|evidence|explain|network|reachability)\.js$/ }, ({ path }) => ({ path, external: true })),
};
await build({ ...common, entryPoints: ["src/fix/edit.ts"], outfile: join(dirname(outfile), "edit.js") });
await build({ ...common, entryPoints: ["src/explain.ts"], outfile: join(dirname(outfile), "explain.js") });
await build({ ...common, entryPoints: ["src/evidence.ts"], outfile: join(dirname(outfile), "evidence.js"), plugins: [withoutPages, signaturesApart] });
await build({ ...common, entryPoints: ["src/network.ts"], outfile: join(dirname(outfile), "network.js"), plugins: [withoutPages, signaturesApart] });
const page = "src/network/picture/page";
await build({ ...common, entryPoints: { picture: `${page}/main.ts` }, outdir: dirname(outfile), platform: "browser", target: "es2023", format: "iife", minify: true, legalComments: "none" });
await build({ ...common, entryPoints: { picture: `${page}/page.css` }, outdir: dirname(outfile), platform: "browser", target: "es2023", minify: true });
await build({ ...common, entryPoints: ["src/reachability.ts"], outfile: join(dirname(outfile), "reachability.js") });
await build({ ...common, entryPoints: ["src/cli.ts"], outfile: join(dirname(outfile), "cli.js"), plugins: [elsewhere, withoutPages, signaturesApart] });
await bundleSignatures(dirname(outfile));
await bundleLive(dirname(outfile));
await build({ ...common, entryPoints: ["src/main.ts"], outfile, banner: { js: "#!/usr/bin/env node" }, plugins: [elsewhere] });
chmodSync(outfile, 0o755);
