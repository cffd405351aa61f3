/** For bundles of this package: the thread that asks registries (`evidence.live`) is a file of its own, live-worker.js. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { signaturesApart } from "./signatures.mts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Beside the bundle, and beside signatures.js, which it loads as well. */
export async function bundleLive(folder: string): Promise<void> {
  await build({
    absWorkingDir: root, entryPoints: ["src/source/live-worker.ts"], outfile: join(folder, "live-worker.js"),
    bundle: true, platform: "node", target: "node22", format: "cjs", minifySyntax: true, logLevel: "warning",
    alias: { "@bulkhead/core": join(root, "../core/src/index.ts") }, plugins: [signaturesApart],
  });
}
