import type { Protocol } from "../model/cluster";
import type { PortSet } from "./ports";

export type Direction = "ingress" | "egress";
export type Action = "accept" | "deny" | "pass";

/** A policy, or one rule of it: `NetworkPolicy shop/api ingress[0]`. */
export interface RuleName {
  readonly kind: string;
  /** Absent for policies of the whole cluster. */
  readonly namespace?: string;
  readonly policy: string;
  readonly direction: Direction;
  /** Place in the policy's list; absent where the whole policy is meant. */
  readonly rule?: number;
  /** The rule's own name, where it has one. */
  readonly name?: string;
}

/** A port by the name that the pods give it; any protocol where none is said. */
export interface NamedPort {
  readonly name: string;
  readonly protocol?: Protocol;
}

export interface CompiledRule {
  readonly name: RuleName;
  readonly action: Action;
  /** Numbers of sets of peers; undefined is everybody. */
  readonly peers: readonly number[] | undefined;
  readonly ports: PortSet;
  readonly named: readonly NamedPort[];
}

/** A policy with its selectors as numbers of sets. */
export interface CompiledPolicy {
  readonly tier: "admin" | "policy" | "baseline";
  readonly priority: number;
  readonly name: Omit<RuleName, "direction">;
  readonly subject: number;
  /** Absent where the policy says nothing of this direction; a NetworkPolicy with an empty list lets nothing through. */
  readonly ingress?: readonly CompiledRule[];
  readonly egress?: readonly CompiledRule[];
}

/** What could not be evaluated as it stands, and how it is taken. */
export interface PolicyProblem {
  /** The policy: `NetworkPolicy shop/api`. */
  readonly policy: string;
  /** Where in it: `ingress[0].from[1].ipBlock.cidr`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly taken: string;
}

export function policyName({ kind, namespace, policy }: Pick<RuleName, "kind" | "namespace" | "policy">): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${policy}`;
}

/** `NetworkPolicy shop/api ingress[0]`, `ClusterNetworkPolicy deny-all egress[2] "to the internet"`. */
export function ruleName(name: RuleName): string {
  const rule = name.rule === undefined ? "" : ` ${name.direction}[${name.rule}]`;
  return `${policyName(name)}${rule}${name.name === undefined ? "" : ` ${JSON.stringify(name.name)}`}`;
}
