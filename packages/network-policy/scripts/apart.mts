/** For bundles that evaluate policies only where there is something to ask: `./network.js` is a file of its own, network.js. */
import type { BuildOptions, Plugin } from "esbuild";

export const networkApart: Plugin = {
  name: "network-apart",
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/network\.js$/ }, ({ path }) => ({ path, external: true })),
};

/** `import()` becomes `require`: the loader of ECMAScript modules need not be loaded for it. */
export const lazily: Pick<BuildOptions, "supported"> = { supported: { "dynamic-import": false } };
