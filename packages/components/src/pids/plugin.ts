import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Provider } from "@pulumi/pulumi/provider";
import { setShell } from "./pids-limit";
import type { PidsLimitProvider, Properties } from "./providers";
import { pidsLimitProvider } from "./providers";

const type = "bulkhead:index:PidsLimit";

/** Makes a provider of components, which stands in `folder`, serve the pids limit as well: a program of another language cannot run a dynamic resource. */
export function servePidsLimits(components: Provider, folder: string): Provider {
  setShell({ type, inputs: {}, options: originOf(folder) });
  const serving = (urn: string): PidsLimitProvider => {
    if (!urn.includes(`${type}::`)) throw new Error(`unknown resource type of ${urn}`);
    return pidsLimitProvider;
  };
  // The methods of the given provider are its class's: a copy would lose them.
  return Object.assign(components, {
    check: async (urn, olds, news) => serving(urn).check(olds, news as Properties),
    diff: async (id, urn, olds, news) => serving(urn).diff(id, olds as Properties, news as Properties),
    create: async (urn, inputs) => serving(urn).create(inputs as Properties),
    read: async (id, urn, state) => serving(urn).read(id, state as Properties),
    update: async (id, urn, olds, news) => serving(urn).update(id, olds as Properties, news as Properties),
    delete: async (_id, urn) => serving(urn).delete(),
  } satisfies Provider);
}

/** A plugin from a repository is installed as resource-HOST_OWNER_NAME.git-vVERSION, and the engine finds it by its address alone. */
export function originOf(folder: string): CustomResourceOptions {
  const [, host, owner, name, version, below] = /[\\/]resource-([^_\\/]+)_([^_\\/]+)_([^\\/]+?\.git)(?:_[^\\/]*)?-v(\d[^\\/]*)(?:[\\/](.+))?$/.exec(folder) ?? [];
  if (host === undefined || version === undefined) return {};
  return { version, pluginDownloadURL: ["git:/", host, owner, name, ...(below?.split(/[\\/]/) ?? [])].join("/") };
}
