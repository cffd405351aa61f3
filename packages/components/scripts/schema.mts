/** Writes `plugin/schema.json`: what `pulumi package add` reads, made of the exported components. `--check` compares it and writes nothing. Needs the compiled package. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { schemaOf } from "./analyze.mts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const file = join(folder, "plugin/schema.json");
const text = `${JSON.stringify(schemaOf(folder, createRequire(import.meta.url)("../dist/index.js") as object), null, 2)}\n`;
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  process.stderr.write("packages/components/plugin/schema.json is not what the components say: npm run generate\n");
  process.exitCode = 1;
}
