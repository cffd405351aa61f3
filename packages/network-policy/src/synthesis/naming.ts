import { createHash } from "node:crypto";
import type { LearnedRule, Provenance } from "./rules";
import type { Subject } from "./subjects";

/** `allow-<workload>-<hash8>`: the same for the same workload, whatever it is allowed. */
export function policyNameOf({ name: { namespace, kind, name } }: Subject): string {
  const hash = createHash("sha256").update(JSON.stringify([namespace, kind, name])).digest("hex").slice(0, 8);
  const plain = name.toLowerCase().replace(/[^a-z0-9.-]+/g, "-").replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "").slice(0, 200).replace(/[^a-z0-9]+$/, "");
  return `allow-${plain === "" ? "pods" : plain}-${hash}`;
}

export const defaultDenyName = "default-deny";
const mostSources = 10;

/** Where each rule comes from, an annotation for each: the edges with the flows that showed them, or who declared it. */
export function sourcesOf(direction: "ingress" | "egress", rules: readonly LearnedRule[]): { readonly [annotation: string]: string } {
  return Object.fromEntries(rules.map(({ provenance }, index) => {
    const shown = provenance.slice(0, mostSources).map(describeProvenance);
    const left = provenance.length - shown.length;
    return [`bulkhead.dev/${direction}-${index}`, `${shown.join("; ")}${left > 0 ? `; and ${left} more` : ""}`];
  }));
}

/** `Deployment shop/web -> Deployment shop/api TCP 8080: 12 flows from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z (flows.jsonl:17)`. */
export function describeProvenance({ edge, first, last, count, at, declaredBy }: Provenance): string {
  if (declaredBy !== undefined) return `${edge}: declared by ${declaredBy}`;
  return `${edge}: ${flowCount(count)} from ${timeText(first)} to ${timeText(last)}${at.length === 0 ? "" : ` (${at.join(", ")})`}`;
}

/** `12 flows`. */
export function flowCount(count: number): string {
  return `${count} flow${count === 1 ? "" : "s"}`;
}

function timeText(time: number): string {
  return time === 0 ? "an unknown time" : new Date(time).toISOString().replace(".000Z", "Z");
}
