import * as pulumi from "@pulumi/pulumi";

/** A resource as it was registered. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly [key: string]: unknown };
}

/** Not in the SDK's types. */
interface Runtime {
  /** Until every registration is answered. */
  readonly waitForRPCs: () => Promise<void>;
}

/** Runs a program without an engine, and gives what it registered: the state of each resource is its inputs. */
export async function registered(program: () => void): Promise<readonly Registered[]> {
  const found: Registered[] = [];
  await pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: ({ type, name, inputs }) => {
      found.push({ type, name, inputs });
      return { id: `${name}-id`, state: inputs };
    },
  }, "shop", "test", false);
  program();
  await (pulumi.runtime as unknown as Runtime).waitForRPCs();
  return found;
}

/** Type and name of each child. */
export function childrenOf(component: pulumi.Resource): readonly string[] {
  const { __childResources: children = new Set() } = component as unknown as { readonly __childResources?: ReadonlySet<{ readonly __pulumiType: string; readonly __name: string }> };
  return [...children].map(({ __pulumiType: type, __name: name }) => `${type} ${name}`);
}
