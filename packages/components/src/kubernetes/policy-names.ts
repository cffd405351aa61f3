import * as pulumi from "@pulumi/pulumi";
import { ArgumentError } from "../arguments/argument-error";

interface Owner {
  readonly name: string;
  readonly namespace: pulumi.Input<string> | undefined;
}
interface Claim extends Owner {
  readonly component: pulumi.Resource;
}

/** By the engine's connection, which each run of a program has its own of: the names of the policies that it wrote. */
const runs = new WeakMap<object, Map<string, Claim[]>>();

/**
 * A policy's name is joined from names that may hold the words it is joined by: `a` to `b-to-c` and `a-to-b` to `c` would be called alike.
 * @throws ArgumentError where a component of another name has called one so, in the same namespace or as the same kind of component.
 */
export function claimPolicy(component: pulumi.Resource, policy: string, { name, namespace }: Owner, path: string): void {
  const run = pulumi.runtime.getMonitor() as object | undefined;
  if (run === undefined) return;
  const names = runs.get(run) ?? new Map<string, Claim[]>();
  runs.set(run, names);
  const claims = names.get(policy) ?? [];
  names.set(policy, claims);
  const other = claims.find((claim) => claim.name !== name && (claim.namespace === namespace || claim.component.constructor === component.constructor));
  if (other !== undefined) throw new ArgumentError(path, `a name of its own for its NetworkPolicy: rename ${name} or ${other.name}`, `${policy}, as one of ${other.name} is called already`);
  claims.push({ component, name, namespace });
}
