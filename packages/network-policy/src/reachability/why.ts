import type { CompiledRule, Direction, RuleName } from "./compiled";
import { ruleName } from "./compiled";
import type { Group } from "./groups";
import type { Layers } from "./layers";
import { concerns, portsAt } from "./layers";
import { has, intersect, type PortSet, subtract } from "./ports";

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

/** Everything that lets any of these ports through at one end of a connection: the rules, and that no policy applies to the rest. */
export function reasonsFor(own: Group, peer: Group, { admin, policies, baseline }: Layers, direction: Direction, ports: PortSet): readonly Reason[] {
  if (own.isFree) return [{ allowed: true, because: "no pod", rules: [] }];
  const destination = direction === "ingress" ? own : peer;
  const accepting: RuleName[] = [];
  /** What no rule has decided, or was passed on. */
  const walk = (rules: readonly CompiledRule[], all: PortSet): PortSet => {
    let [left, open] = [all, all];
    for (const rule of rules) {
      const fits = concerns(rule, peer) ? intersect(left, portsAt(rule, destination)) : [];
      if (fits.length === 0) continue;
      if (rule.action === "accept") accepting.push(rule.name);
      if (rule.action !== "pass") open = subtract(open, fits);
      left = subtract(left, fits);
    }
    return open;
  };
  const open = walk(admin, ports);
  const adding = policies.flatMap((policy) => policy[direction] ?? []).filter((rule) => concerns(rule, peer) && intersect(open, portsAt(rule, destination)).length > 0);
  const rest = policies.length > 0 ? [] : walk(baseline, open);
  const rules = [...accepting, ...adding.map(({ name }) => name)];
  return [...(rules.length > 0 ? [{ allowed: true, because: "rule", rules } as const] : []), ...(rest.length > 0 ? [{ allowed: true, because: "no policy", rules: [] } as const] : [])];
}

/** The end of a sentence that begins with who sends or receives: `lets it through: NetworkPolicy shop/api ingress[0]`. */
export function describeReason(reason: Reason, direction: Direction): string {
  return `${reason.allowed ? "lets it through" : "does not let it through"}: ${becauseText(reason, direction)}`;
}

/** The reason alone: `NetworkPolicy shop/api ingress[0]`, `no policy applies to its egress`. */
export function becauseText({ allowed, because, rules, networks = [] }: Reason, direction: Direction): string {
  const names = rules.map(ruleName).join(", ");
  if (because === "no policy") return `no policy applies to its ${direction}`;
  if (because === "no pod") return "policies do not apply to it";
  if (because === "node") return "a pod and its own node always reach each other";
  if (because === "network") return !allowed ? "no network of its containers leads there" : networks.length > 0 ? `network ${networks.join(", ")}` : "the port is published";
  if (because === "no rule") return `isolated by ${names}, and none of their rules fits`;
  return allowed ? names : `denied by ${names}`;
}
