import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AnyRule, InventoryPart } from "@bulkhead/core";
import { createEvaluator, inventoryPart, isObject, readDocument, resolveRule } from "@bulkhead/core";
import { networkOf } from "@bulkhead/network-policy";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { readAll } from "../../packages/cli/src/read/read";
import { sharedData } from "../e2e/support.ts";

const analyzer = join(sharedData, "netpol-analyzer");
const outputs = join(analyzer, "test_outputs/connlist");

/** Kinds that decide about connections there, and that no rule here reads. */
const others = /UserDefinedNetwork$|^VirtualMachine|^NetworkAttachmentDefinition$/;

interface Topology {
  readonly kinds: ReadonlySet<string>;
  readonly parts: readonly (InventoryPart & { readonly workload: string })[];
}

/** Pods by their owner, as the analyzer names them: `shop/api[Deployment]`. */
function nameOf(document: unknown): string {
  const { kind, metadata } = document as { readonly kind?: string; readonly metadata?: { readonly namespace?: string; readonly name?: string; readonly ownerReferences?: readonly { readonly kind?: string; readonly name: string }[] } };
  const owner = { kind, name: metadata?.name, ...metadata?.ownerReferences?.[0] };
  return `${metadata?.namespace ?? "default"}/${owner.name}[${owner.kind}]`;
}

/** The members of a list; those of a PodList need not say that they are pods. */
function itemsOf(document: unknown): readonly object[] {
  const { apiVersion, kind, items } = document as { readonly apiVersion: string; readonly kind: string; readonly items?: unknown };
  return Array.isArray(items) ? items.filter(isObject).map((item) => ({ apiVersion, kind: kind.replace(/List$/, ""), ...item })) : [document as object];
}

function readTopology(folder: string): Topology {
  const kinds = new Set<string>();
  const parts: Topology["parts"][number][] = [];
  for (const { documents } of readAll([folder])) {
    for (const { value } of documents) {
      for (const item of itemsOf(value)) {
        kinds.add(String((item as { readonly kind?: unknown }).kind));
        for (const part of readDocument(item).flatMap((model) => inventoryPart(model) ?? [])) parts.push({ ...part, workload: nameOf(item) });
      }
    }
  }
  return { kinds, parts };
}

function topologies(suffix: string): readonly { readonly dir: string; readonly output: string }[] {
  if (!existsSync(outputs)) return [];
  const dirs = new Set(readdirSync(join(analyzer, "tests")));
  return readdirSync(outputs).filter((file) => file.endsWith(suffix)).map((file) => ({ dir: file.slice(0, -suffix.length), output: readFileSync(join(outputs, file), "utf8") })).filter(({ dir }) => dirs.has(dir));
}

/** Of these a part may be one that is not known here: addresses of nodes, names of domains. */
const ofCluster = /^(Admin|BaselineAdmin|Cluster)NetworkPolicy$/;

/** The workloads that a rule finds fault with, where the manifests are the whole world, and those that it cannot judge. */
function refused(rule: string, { parts, kinds }: Topology): { readonly found: ReadonlySet<string>; readonly open: ReadonlySet<string>; readonly onNode: ReadonlySet<string> } {
  const { settings } = resolveRule(rules.find(({ id }) => id === rule) as AnyRule, undefined, rule);
  const judged = createEvaluator(settings === undefined ? [] : [settings], { closedWorld: true, network: networkOf({ version: 1, edges: [] }) }).evaluateInventory(parts);
  const mayBeOpen = [...kinds].some((kind) => ofCluster.test(kind));
  expect(judged.flatMap(({ outcome }) => [...(mayBeOpen ? [] : outcome.undecided), ...outcome.errors]).map((entry) => entry.rule.id)).toEqual([]);
  const those = (has: (outcome: (typeof judged)[number]["outcome"]) => boolean): ReadonlySet<string> => new Set(judged.filter(({ outcome }) => has(outcome)).map(({ part }) => part.workload));
  const says = (outcome: (typeof judged)[number]["outcome"], text: string): boolean => outcome.findings.some(({ message }) => message.includes(text));
  // The analyzer says nothing of IPv6, and applies policies to pods on the network of their node, which Kubernetes does not.
  return { onNode: those((outcome) => says(outcome, "the network of its node")), found: those((outcome) => outcome.findings.length > 0 && !says(outcome, "fd00:ec2::254")), open: those(({ undecided }) => undecided.length > 0) };
}

const workloadsOf = (parts: Topology["parts"]): readonly string[] => [...new Set(parts.filter(({ members }) => members.some(({ about }) => about === "workload")).map(({ workload }) => workload))];

/** Whether a line of the analyzer's output lets a workload reach the metadata service at port 80. */
function reaches(line: string): string | undefined {
  const [, source = "", from = "", to = "", connections = ""] = /^(\S+) => ([\d.]+)-([\d.]+)\[External\] : (.*)$/.exec(line) ?? [];
  const number = (address: string): number => address.split(".").reduce((value, part) => value * 256 + Number(part), 0);
  const metadata = number("169.254.169.254");
  if (source === "" || number(from) > metadata || metadata > number(to)) return undefined;
  const tcp = /(?:^|,)TCP ([\d,-]+)/.exec(connections)?.[1] ?? "";
  const isOpen = connections === "All Connections" || tcp.split(",").some((range) => Number(range.split("-")[0]) <= 80 && 80 <= Number(range.split("-").at(-1)));
  return isOpen ? source : undefined;
}

describe.skipIf(!existsSync(outputs))("an independent analyzer of network policies says the same", () => {
  test("of who reaches the instance metadata, and of who is selected by a policy", () => {
    const count = { topologies: 0, cluster: 0, metadata: 0, selected: 0, skipped: 0, undecided: 0, onNode: 0 };
    const different: string[] = [];
    const compare = (dir: string, what: keyof typeof count, topology: Topology, rule: string, theirs: ReadonlySet<string>): void => {
      const { found: ours, open, onNode } = refused(rule, topology);
      for (const workload of workloadsOf(topology.parts)) {
        if (open.has(workload) || onNode.has(workload)) {
          count[open.has(workload) ? "undecided" : "onNode"] += 1;
          continue;
        }
        count[what] += 1;
        if (ours.has(workload) !== theirs.has(workload)) different.push(`${dir}: ${workload}: ${what}: ours ${ours.has(workload)}, theirs ${theirs.has(workload)}`);
      }
    };
    for (const { dir, output } of [...topologies("_connlist_output.txt"), ...topologies("_exposure_output.txt")]) {
      const topology = readTopology(join(analyzer, "tests", dir));
      const { kinds } = topology;
      if ([...kinds].some((kind) => others.test(kind))) {
        count.skipped += 1;
        continue;
      }
      count.topologies += 1;
      if ([...kinds].some((kind) => ofCluster.test(kind))) count.cluster += 1;
      const lines = output.split("\n").map((line) => line.trim().replace(/\s+/g, " "));
      compare(dir, "metadata", topology, "no-metadata-egress", new Set(lines.flatMap((line) => reaches(line) ?? [])));
      if (!lines.includes("Exposure Analysis Result:")) continue;
      const open = (direction: string): ReadonlySet<string> => new Set(lines.flatMap((line) => new RegExp(`^(\\S+) is not protected on ${direction}$`).exec(line)?.[1] ?? []));
      const [ingress, egress] = [open("Ingress"), open("Egress")];
      compare(dir, "selected", topology, "require-network-policy", new Set([...ingress].filter((workload) => egress.has(workload))));
    }
    process.stderr.write(`network policies: ${count.topologies} topologies compared, ${count.cluster} of them with policies of the cluster (${count.skipped} with other kinds left out): ${count.metadata} verdicts on metadata, ${count.selected} on selection, ${count.undecided} undecided, ${count.onNode} of pods on the network of their node, ${different.length} differ\n`);
    expect(different).toEqual([]);
    expect(count.metadata).toBeGreaterThan(100);
    expect(count.selected).toBeGreaterThan(50);
  });
});
