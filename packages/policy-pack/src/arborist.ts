import Module, { createRequire } from "node:module";

/**
 * The SDK loads @npmcli/arborist, some 450 files, whenever it starts (runtime/closure/codePaths.js), and calls it where
 * a function goes into state with its packages. A pack does not do that, and starts with a third less of processor time
 * if arborist is loaded once somebody calls it. What was loaded before is left alone. Returns whether it is put off.
 */
export function putOffArborist(): boolean {
  try {
    const sdk = createRequire(createRequire(require.resolve("@pulumi/policy")).resolve("@pulumi/pulumi"));
    const file = sdk.resolve("@npmcli/arborist");
    if (require.cache[file] !== undefined) return false;
    const load = (): { readonly [name: string | symbol]: unknown } => {
      if (require.cache[file] === later) delete require.cache[file];
      return sdk(file);
    };
    const later = new Module(file);
    later.loaded = true;
    // As a module of the kind that the SDK's import takes as it is, without a look at its names.
    later.exports = new Proxy({}, { get: (_, name) => name === "__esModule" || load()[name] });
    require.cache[file] = later;
    return true;
  } catch {
    // An SDK without it has nothing to be put off.
    return false;
  }
}
