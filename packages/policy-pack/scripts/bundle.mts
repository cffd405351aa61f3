/** Bundles the pack with the project's own packages; what it installs is the SDK alone. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";
import { build } from "esbuild";
import { bundleLive } from "../../image-evidence/scripts/live.mts";
import { lazily, networkApart } from "../../network-policy/scripts/apart.mts";
import { bundleSignatures, signaturesApart } from "../../image-evidence/scripts/signatures.mts";
import { withoutPages } from "../../rules/scripts/without-pages.mts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const source = (name: string): string => join(root, `../${name}/src/index.ts`);
const common: BuildOptions = {
  absWorkingDir: root,
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  alias: { "@bulkhead/core": source("core"), "@bulkhead/rules": source("rules"), "@bulkhead/image-evidence": source("image-evidence"), "@bulkhead/network-policy": source("network-policy") },
  logLevel: "warning",
};

await build({ ...common, entryPoints: ["src/main.ts", "src/index.ts"], external: ["@pulumi/*", "@grpc/*"], plugins: [withoutPages, signaturesApart, networkApart], ...lazily });
await build({ ...common, entryPoints: ["src/network.ts"], minifySyntax: true });

await bundleSignatures(join(root, "dist"));
await bundleLive(join(root, "dist"));

// The types of core go along, so that those of the pack need no other package.
const types = join(root, "dist/core");
rmSync(types, { recursive: true, force: true });
cpSync(join(root, "../core/dist"), types, { recursive: true, filter: (path) => !/\.(js|map|tsbuildinfo)$/.test(path) });
writeFileSync(join(root, "dist/index.d.ts"), readFileSync(join(root, "dist/types/index.d.ts"), "utf8").replaceAll('"@bulkhead/core"', '"./core/index"'));
