/**
 * For bundles of this package: the libraries that verify signatures go into a file of their own, signatures.js, which is
 * loaded with the first signed document and not before.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { build } from "esbuild";

const libraries = ["@sigstore/bundle", "@sigstore/protobuf-specs", "@sigstore/verify", "re2js"];
const root = join(dirname(fileURLToPath(import.meta.url)), "..");

export const signaturesApart: Plugin = {
  name: "signatures-apart",
  setup: ({ onResolve }) => onResolve({ filter: /^(@sigstore\/|re2js$)/ }, ({ path }) => (libraries.includes(path) ? { path: "./signatures.js", external: true } : undefined)),
};

/** No name is exported by two of the libraries that is used: one object serves for all. */
export async function bundleSignatures(folder: string): Promise<void> {
  const contents = `module.exports = Object.assign({}, ${libraries.map((name) => `require(${JSON.stringify(name)})`).join(", ")});`;
  await build({
    absWorkingDir: root, stdin: { contents, resolveDir: root, loader: "js" }, outfile: join(folder, "signatures.js"),
    bundle: true, platform: "node", target: "node22", format: "cjs", minifySyntax: true, logLevel: "warning",
  });
}
