import type { NetworkSource } from "./source";

export interface LazyNetwork {
  readonly source: NetworkSource;
  /** To be awaited before the source is asked. */
  readonly load: () => Promise<void>;
}

/** A source that is opened only where something is to be asked of it: what evaluates policies is large. */
export function lazyNetwork(open: () => Promise<NetworkSource>): LazyNetwork {
  let opened: NetworkSource | undefined;
  const given = (): NetworkSource => {
    if (opened === undefined) throw new Error("who may talk to whom was asked before it was loaded");
    return opened;
  };
  return {
    source: {
      get flows() {
        return given().flows;
      },
      judge: (stack) => given().judge(stack),
    },
    load: async () => {
      opened ??= await open();
    },
  };
}
