import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { PidsLimit } from "../pids";
import type { StackChange } from "./draft";
import { exemptionsFor } from "./harden";
import { copyOf } from "./known";
import type { Settings } from "./options";

const rule = "require-pids-limit";

/**
 * Gives each Docker container that this program makes a `PidsLimit`, which starts it. A transform of the engine sees no resource that
 * another one could depend on, but one of the SDK does; it does not see containers that a component of another process makes.
 */
export function limitProcesses(limit: number, settings: Settings, note: (resource: string, entries: readonly StackChange[]) => void): void {
  // Under mocks there may be no stack.
  if (pulumi.runtime.getStackResource() === undefined) return;
  pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
    if (type !== "docker:index/container:Container" || !isStarted(props)) return undefined;
    const exemptions = exemptionsFor(type, name, copyOf(props) as Record<string, unknown>, settings, Date.now());
    if (exemptions === undefined || exemptions.of([rule]) !== undefined) return undefined;
    const mustRun = (props["mustRun"] as boolean | undefined) ?? true;
    // Once the constructor has ended, there is a container to depend on.
    queueMicrotask(() => void new PidsLimit(name, { container: resource as docker.Container, limit, mustRun }, opts.parent === undefined ? {} : { parent: opts.parent }));
    note(`${type} ${name}`, [{ resource: `${type} ${name}`, outcome: "changed", path: "start", rules: [rule], what: `made without being started, and started by a PidsLimit of ${limit}` }]);
    return { props: { ...props, start: false, mustRun: false }, opts };
  });
}

/** Whether its own resource starts it and has nothing to wait for; the hardened components' containers are started by theirs. */
function isStarted(props: pulumi.Inputs): boolean {
  const isUnsetOr = (value: unknown, expected: boolean): boolean => value === undefined || value === null || value === expected;
  const isPlain = props["mustRun"] === undefined || typeof props["mustRun"] === "boolean";
  return isPlain && isUnsetOr(props["start"], true) && ["attach", "logs", "rm", "wait"].every((key) => isUnsetOr(props[key], false));
}
