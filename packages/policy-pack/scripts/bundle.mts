/** Bundles the pack with the project's own packages; what it installs is the SDK alone. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleLive } from "../../image-evidence/scripts/live.mts";
import { bundleSignatures, signaturesApart } from "../../image-evidence/scripts/signatures.mts";
import { withoutPages } from "../../rules/scripts/without-pages.mts";

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
  alias: { "@bulkhead/core": join(root, "../core/src/index.ts"), "@bulkhead/rules": join(root, "../rules/src/index.ts"), "@bulkhead/image-evidence": join(root, "../image-evidence/src/index.ts") },
  plugins: [withoutPages, signaturesApart],
  logLevel: "warning",
});

await bundleSignatures(join(root, "dist"));
await bundleLive(join(root, "dist"));

// The types of core go along, so that those of the pack need no other package.
const types = join(root, "dist/core");
rmSync(types, { recursive: true, force: true });
cpSync(join(root, "../core/dist"), types, { recursive: true, filter: (path) => !/\.(js|map|tsbuildinfo)$/.test(path) });
writeFileSync(join(root, "dist/index.d.ts"), readFileSync(join(root, "dist/types/index.d.ts"), "utf8").replaceAll('"@bulkhead/core"', '"./core/index"'));
