import type { Cluster } from "@bulkhead/network-policy";
import { choiceOf, Misuse, parseArguments, stringsOf } from "../arguments";
import type { Io } from "../io";
import { formatInputError } from "../read/problem";
import type { Row } from "./edges";
import { rowsOf, table } from "./edges";
import { readInventoryPaths } from "./inputs";

export const diffHelp = `bulkhead network diff OLD NEW [options]

Connections that one set of policies lets through and the other does not. OLD and NEW are files or folders with policies:
manifests, what kubectl get -o json prints, or exported Pulumi state. Workloads are those of both, and of --inventory.

  --inventory PATH  workloads and namespaces that stand in neither; may be repeated
  --format FORMAT   text (default) or json

Exit 0: the same connections. 1: they differ. 2: misuse, or an input that cannot be read.
`;

const formats = ["text", "json"] as const;

/** @throws Misuse */
export async function diff(args: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(args, { inventory: { type: "string", multiple: true }, format: { type: "string" } });
  const format = choiceOf(parsed, "format", formats) ?? "text";
  const [old, next, third] = parsed.positionals;
  if (old === undefined || next === undefined || third !== undefined) throw new Misuse("network diff takes two files or folders: OLD NEW");
  const shared = stringsOf(parsed, "inventory");
  const [before, after, rest] = [readInventoryPaths([old]), readInventoryPaths([next]), readInventoryPaths(shared)];
  const errors = [before, after, ...(shared.length > 0 ? [rest] : [])].flatMap((read) => read.errors);
  for (const error of errors) io.err(`${formatInputError(error)}\n`);
  if (errors.length > 0) return 2;
  const whole = withPolicies([rest.cluster, before.cluster, after.cluster]);
  const [left, right] = [rowsOf(whole(before.cluster)), rowsOf(whole(after.cluster))];
  for (const note of new Set([...left.notes, ...right.notes])) io.err(`${note}\n`);
  const [removed, added] = [missingIn(left.rows, right.rows), missingIn(right.rows, left.rows)];
  if (format === "json") await io.out(`${JSON.stringify({ removed, added }, null, 2)}\n`);
  else await io.out(`${table(removed, "- ")}${table(added, "+ ")}${removed.length} removed, ${added.length} added\n`);
  return removed.length + added.length > 0 ? 1 : 0;
}

/** The workloads of all, with the policies of one. */
function withPolicies(all: readonly Cluster[]): (policies: Cluster) => Cluster {
  const unique = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => [...new Map(items.map((item) => [keyOf(item), item])).values()];
  const [first] = all as readonly [Cluster, ...Cluster[]];
  const joined: Cluster = {
    ...first,
    namespaces: unique(all.flatMap(({ namespaces }) => namespaces), ({ name }) => name),
    workloads: unique(all.flatMap(({ workloads }) => workloads), ({ namespace, kind, name }) => `${kind} ${namespace}/${name}`),
    services: unique(all.flatMap(({ services }) => services), ({ namespace, name }) => `${namespace}/${name}`),
  };
  return ({ policies, clusterPolicies, containers, networks }) => ({ ...joined, policies, clusterPolicies, containers, networks });
}

function missingIn(rows: readonly Row[], others: readonly Row[]): readonly Row[] {
  const known = new Set(others.map((row) => JSON.stringify(row)));
  return rows.filter((row) => !known.has(JSON.stringify(row)));
}
