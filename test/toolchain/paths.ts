import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GoTool } from "./tools.ts";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const platform = `${process.platform}-${process.arch}`;

/** Where tools are kept between runs and checkouts. */
export function cacheFolder(): string {
  const { BULKHEAD_TOOLCHAIN_CACHE, XDG_CACHE_HOME } = process.env;
  return BULKHEAD_TOOLCHAIN_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir() || tmpdir(), ".cache"), "bulkhead", "toolchain");
}

/** One folder for each tool, version, platform and content of its module: a changed module is another tool. */
export function toolFolder(tool: GoTool): string {
  const folder = join(here, "go", tool.module);
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort()) {
    if (/^(go\.(mod|sum)|.*\.go|bridge-metadata\.json)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return join(cacheFolder(), `${tool.name}-${tool.version}-${platform}-${hash.digest("hex").slice(0, 12)}`);
}
