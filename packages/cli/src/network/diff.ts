import { choiceOf, Misuse, parseArguments, stringOf, stringsOf } from "../arguments";
import type { Io } from "../io";
import { formatInputError } from "../read/problem";
import type { Row } from "./edges";
import { comparable, rowsOf, table, withPolicies } from "./edges";
import { readInventoryPaths } from "./inputs";
import { picture } from "./picture";
import { output } from "./reach";

export const diffHelp = `bulkhead network diff OLD NEW [options]

Connections that one set of policies lets through and the other does not. OLD and NEW are files or folders with policies:
manifests, what kubectl get -o json prints, or exported Pulumi state. Workloads are those of both, and of --inventory.

  --inventory PATH  workloads and namespaces that stand in neither; may be repeated
  --format FORMAT   text (default), json, or html: a page with a picture that any browser opens, which loads nothing
  -o, --output FILE write there, whole or not at all, instead of to standard output

Exit 0: the same connections. 1: they differ. 2: misuse, or an input that cannot be read.
`;

const formats = ["text", "json", "html"] as const;

/** @throws Misuse */
export async function diff(args: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(args, { inventory: { type: "string", multiple: true }, format: { type: "string" }, output: { type: "string", short: "o" } });
  const format = choiceOf(parsed, "format", formats) ?? "text";
  const [old, next, third] = parsed.positionals;
  if (old === undefined || next === undefined || third !== undefined) throw new Misuse("network diff takes two files or folders: OLD NEW");
  const shared = stringsOf(parsed, "inventory");
  const [before, after, rest] = [readInventoryPaths([old]), readInventoryPaths([next]), readInventoryPaths(shared)];
  const errors = [before, after, ...(shared.length > 0 ? [rest] : [])].flatMap((read) => read.errors);
  for (const error of errors) io.err(`${formatInputError(error)}\n`);
  if (errors.length > 0) return 2;
  const whole = withPolicies([rest.cluster, before.cluster, after.cluster]);
  const sides = [whole(before.cluster), whole(after.cluster)] as const;
  const [one, other] = comparable(sides);
  const [left, right] = [rowsOf(sides[0], one), rowsOf(sides[1], other)];
  for (const note of new Set([...left.notes, ...right.notes])) io.err(`${note}\n`);
  const [removed, added] = [missingIn(left.rows, right.rows), missingIn(right.rows, left.rows)];
  const text = format === "json" ? `${JSON.stringify({ removed, added }, null, 2)}\n`
    : format === "html" ? picture({ before: { label: old, cluster: sides[0] }, after: { label: next, cluster: sides[1] } })
    : `${table(removed, "- ")}${table(added, "+ ")}${removed.length} removed, ${added.length} added\n`;
  return (await output(text, stringOf(parsed, "output"), io)) || (removed.length + added.length > 0 ? 1 : 0);
}

function missingIn(rows: readonly Row[], others: readonly Row[]): readonly Row[] {
  const known = new Set(others.map((row) => JSON.stringify(row)));
  return rows.filter((row) => !known.has(JSON.stringify(row)));
}
