import type { Denied, Learned, Observations } from "@bulkhead/network-policy";
import { calicoPolicies, ciliumPolicies, summarize, workloadLinks } from "@bulkhead/network-policy";
import { stringify } from "yaml";
import type { Format } from "./learn";

export interface OutputFile {
  readonly name: string;
  readonly text: string;
}

export interface Output {
  readonly files: readonly OutputFile[];
  /** What was let through when it was seen, and would not be. */
  readonly denied: readonly Denied[];
  /** The summary. */
  readonly lines: readonly string[];
}

/** The files of one format for workloads of Kubernetes. */
export function policyFiles(format: Exclude<Format, "compose" | "pulumi">, learned: Learned, observations: Observations): Output {
  const { plan, policies, verification: { denied } } = learned;
  const lines = [...dockerLines(observations), ...summarize(learned, observations)];
  if (format === "cilium") return { files: byNamespace(ciliumPolicies(plan)), denied, lines };
  if (format === "calico") return { files: byNamespace(calicoPolicies(plan)), denied, lines };
  if (format === "policies") return { files: byNamespace(policies), denied, lines };
  const { text, left } = workloadLinks(observations.edges, plan);
  return { files: [{ name: "links.ts", text }], denied, lines: [...lines, `without a link: ${left.length}`, ...left.map(({ what, reason }) => `  ${what}: ${reason}`)] };
}

function dockerLines({ edges }: Observations): readonly string[] {
  const count = edges.filter(({ from, to }) => from.kind === "container" || to.kind === "container").length;
  return count === 0 ? [] : [`connections of Docker containers, which these policies do not concern (--format compose or pulumi is for them): ${count}`];
}

interface Named {
  readonly metadata: { readonly namespace: string };
}

function byNamespace(policies: readonly Named[]): readonly OutputFile[] {
  const groups = new Map<string, Named[]>();
  for (const policy of policies) groups.set(policy.metadata.namespace, [...(groups.get(policy.metadata.namespace) ?? []), policy]);
  return [...groups].map(([namespace, list]) => ({ name: `${fileName(namespace)}.yaml`, text: list.map((policy) => `---\n${stringify(policy, { lineWidth: 0, aliasDuplicateObjects: false })}`).join("") }));
}

/** What a flow calls a namespace names no folder. */
function fileName(namespace: string): string {
  const name = namespace.replace(/[^A-Za-z0-9.-]/g, "-").replace(/^\.+/, "");
  return name === "" ? "namespace" : name;
}
