import type { CompiledRule, Direction, RuleName } from "./compiled";
import { ruleName } from "./compiled";
import type { Group } from "./groups";
import type { Layers } from "./layers";
import { concerns, portsAt } from "./layers";
import { has } from "./ports";

/** Why one end of a connection lets it through, or does not. */
export interface Reason {
  readonly allowed: boolean;
  /**
   * `no policy`: none applies to this end in this direction. `no pod`: an address outside, or a pod on its node's
   * network: policies do not apply to it. `node`: a pod and its own node. `rule`: the rules in `rules` let it through,
   * or the one there denies it. `no rule`: the policies in `rules` isolate the pods, and none of their rules fits.
   * `network`: the networks of Docker in `networks`.
   */
  readonly because: "no policy" | "no pod" | "node" | "rule" | "no rule" | "network";
  readonly rules: readonly RuleName[];
  readonly networks?: readonly string[];
}

/** `point`: a protocol's port on the line of ports. */
export function reasonFor(own: Group, peer: Group, { admin, policies, baseline }: Layers, direction: Direction, point: number): Reason {
  if (own.isFree) return { allowed: true, because: "no pod", rules: [] };
  const destination = direction === "ingress" ? own : peer;
  const fits = (rule: CompiledRule): boolean => concerns(rule, peer) && has(portsAt(rule, destination), point);
  const first = admin.find(fits);
  if (first !== undefined && first.action !== "pass") return { allowed: first.action === "accept", because: "rule", rules: [first.name] };
  if (policies.length > 0) {
    const rules = policies.flatMap((policy) => policy[direction] ?? []).filter(fits).map(({ name }) => name);
    if (rules.length > 0) return { allowed: true, because: "rule", rules };
    return { allowed: false, because: "no rule", rules: policies.map(({ name }) => ({ ...name, direction })) };
  }
  const last = baseline.find(fits);
  if (last !== undefined && last.action !== "pass") return { allowed: last.action === "accept", because: "rule", rules: [last.name] };
  return { allowed: true, because: "no policy", rules: [] };
}

/** The end of a sentence that begins with who sends or receives: `lets it through: NetworkPolicy shop/api ingress[0]`. */
export function describeReason({ allowed, because, rules, networks = [] }: Reason, direction: Direction): string {
  const names = rules.map(ruleName).join(", ");
  if (because === "no policy") return `lets it through: no policy applies to its ${direction}`;
  if (because === "no pod") return "lets it through: policies do not apply to it";
  if (because === "node") return "lets it through: a pod and its own node always reach each other";
  if (because === "network") return allowed ? `lets it through${networks.length > 0 ? `: network ${networks.join(", ")}` : ": the port is published"}` : "does not let it through: no network of its containers leads there";
  if (because === "no rule") return `does not let it through: isolated by ${names}, and none of their rules fits`;
  return allowed ? `lets it through: ${names}` : `does not let it through: denied by ${names}`;
}
