import { writeWhole } from "@bulkhead/image-evidence";
import type { Cluster, Protocol, ReachEnd } from "@bulkhead/network-policy";
import { createReachability, explain, parseIp, peerName, protocols } from "@bulkhead/network-policy";
import { choiceOf, Misuse, parseArguments, stringOf, stringsOf, suggest } from "../arguments";
import type { Io } from "../io";
import { reasonOf } from "../read/file";
import { formatInputError } from "../read/problem";
import { rowsOf, table, withPolicies } from "./edges";
import { readInventoryPaths } from "./inputs";
import { gapLines } from "./learn";
import { picture } from "./picture";

export const reachHelp = `bulkhead network reach PATH... [--from X] [--to Y:PORT] [options]

Who may talk to whom, as the policies in PATH decide it for the workloads in PATH: manifests, compose files, what
kubectl get -o json or docker inspect prints, or exported Pulumi state. With both ends, whether that one connection is let
through, and which rule of which policy decides.

  --from X         only from there: NAMESPACE/NAME, KIND NAMESPACE/NAME, an address, or a container
  --to Y:PORT      only to there; the port is that of the pods, not of a Service, and may end with /udp or /sctp
  --format FORMAT  table (default), json, dot (a graph for Graphviz), or html: a page with a picture that any browser opens,
                   which loads nothing
  --before PATH    html: the policies as they were, to compare those of PATH with; may be repeated
  -o, --output FILE  write there, whole or not at all, instead of to standard output

Exit 0: shown, or let through. 1: the connection that was asked for is denied. 2: misuse, or an input that cannot be read.
`;

const formats = ["table", "json", "dot", "html"] as const;

/** @throws Misuse */
export async function reach(args: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(args, { from: { type: "string" }, to: { type: "string" }, format: { type: "string" }, before: { type: "string", multiple: true }, output: { type: "string", short: "o" } });
  const format = choiceOf(parsed, "format", formats) ?? "table";
  if (parsed.positionals.length === 0) throw new Misuse("network reach needs a file or a folder");
  const earlier = stringsOf(parsed, "before");
  if (earlier.length > 0 && format !== "html") throw new Misuse("--before needs --format html; network diff compares in text");
  if (format === "html" && ["from", "to"].some((name) => stringOf(parsed, name) !== undefined)) throw new Misuse("--from and --to do not go with --format html: its page shows everybody, and finds each");
  const { cluster, errors } = readInventoryPaths(parsed.positionals);
  const before = earlier.length === 0 ? undefined : readInventoryPaths(earlier);
  const wrong = [...errors, ...(before?.errors ?? [])];
  for (const error of wrong) io.err(`${formatInputError(error)}\n`);
  if (wrong.length > 0) return 2;
  for (const line of gapLines(cluster)) io.err(`${line}\n`);
  const emit = (text: string): Promise<number> => output(text, stringOf(parsed, "output"), io);
  if (format === "html") return emit(pictureOf(cluster, parsed.positionals, before?.cluster, earlier));
  const [from, to] = [stringOf(parsed, "from"), stringOf(parsed, "to")];
  const target = to === undefined ? undefined : readTarget(to);
  const source = from === undefined ? undefined : endOf(from, cluster, "--from");
  const end = target === undefined ? undefined : endOf(target.end, cluster, "--to");
  if (source !== undefined && end !== undefined && target?.port !== undefined) return one(source, end, target.protocol, target.port, cluster, format, emit);
  const { rows, notes } = rowsOf(cluster);
  for (const note of notes) io.err(`${note}\n`);
  const isOf = (name: string, wanted: ReachEnd | undefined): boolean => wanted === undefined || name === nameOf(wanted);
  const shown = rows.filter((row) => isOf(row.from, source) && isOf(row.to, end));
  return emit(format === "json" ? `${JSON.stringify(shown, null, 2)}\n` : format === "dot" ? dot(shown) : table(shown));
}

/** With earlier policies, the workloads of both. */
function pictureOf(after: Cluster, paths: readonly string[], before: Cluster | undefined, earlier: readonly string[]): string {
  const label = paths.join(" ");
  if (before === undefined) return picture({ after: { label, cluster: after } });
  const whole = withPolicies([before, after]);
  return picture({ before: { label: earlier.join(" "), cluster: whole(before) }, after: { label, cluster: whole(after) } });
}

/** To a file, or to standard output. 0, or 2 where the file cannot be written. */
export async function output(text: string, file: string | undefined, io: Io): Promise<number> {
  if (file === undefined) {
    await io.out(text);
    return 0;
  }
  try {
    writeWhole(file, [text]);
    return 0;
  } catch (error) {
    io.err(`${file}: expected a place that can be written, found ${reasonOf(error)}\n`);
    return 2;
  }
}

async function one(from: ReachEnd, to: ReachEnd, protocol: Protocol, port: number, cluster: Cluster, format: (typeof formats)[number], emit: (text: string) => Promise<number>): Promise<number> {
  const verdict = createReachability(cluster).allows(from, to, protocol, port);
  const why = explain(from, to, verdict);
  const text = format === "json"
    ? `${JSON.stringify({ from: nameOf(from), to: nameOf(to), protocol, port, allowed: verdict.allowed, partly: verdict.partly, why }, null, 2)}\n`
    : `${verdict.allowed ? "allowed" : verdict.partly ? "allowed to some of its pods only" : "denied"}: ${nameOf(from)} -> ${nameOf(to)} ${protocol} ${port}\n${why.map((line) => `  ${line}\n`).join("")}`;
  return (await emit(text)) || (verdict.allowed ? 0 : 1);
}

function nameOf(end: ReachEnd): string {
  return end.kind === "pod" ? end.ip : peerName(end);
}

/** @throws Misuse */
function readTarget(text: string): { readonly end: string; readonly port: number | undefined; readonly protocol: Protocol } {
  const match = /^(.*?)(?::(\d{1,5})(?:\/([a-z]+))?)?$/i.exec(text.replace(/^\[([^\]]+)\]/, "$1"));
  const isBareIp = parseIp(text) !== undefined;
  const [end, port, name] = isBareIp ? [text, undefined, undefined] : [match?.[1] ?? text, match?.[2], match?.[3]];
  const protocol = protocols.find((candidate) => candidate === (name ?? "tcp").toUpperCase());
  if (protocol === undefined || protocol === "ICMP") throw new Misuse(`--to: expected tcp, udp or sctp behind the port, found ${JSON.stringify(name)}`);
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) throw new Misuse(`--to: expected a port from 1 to 65535, found ${port}`);
  return { end, port: port === undefined ? undefined : Number(port), protocol };
}

/** @throws Misuse for what is not there, or is several. */
function endOf(text: string, { workloads, containers }: Cluster, option: string): ReachEnd {
  if (parseIp(text) !== undefined) return { kind: "address", ip: text, names: [] };
  if (containers.some(({ name }) => name === text)) return { kind: "container", name: text };
  const found = workloads.filter(({ kind, namespace, name }) => text === `${namespace}/${name}` || text === `${kind} ${namespace}/${name}` || text === name);
  const [only, another] = found;
  if (only === undefined) throw new Misuse(`${option}: there is no ${JSON.stringify(text)}${suggest(text, [...workloads.map(({ namespace, name }) => `${namespace}/${name}`), ...containers.map(({ name }) => name)])}`);
  if (another !== undefined) throw new Misuse(`${option}: ${JSON.stringify(text)} may be ${found.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).join(" or ")}`);
  return { kind: "workload", workload: { namespace: only.namespace, kind: only.kind, name: only.name } };
}

function dot(rows: readonly { readonly from: string; readonly to: string; readonly ports: string }[]): string {
  const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
  return `digraph reach {\n  rankdir=LR;\n  node [shape=box];\n${rows.map(({ from, to, ports }) => `  ${quote(from)} -> ${quote(to)} [label=${quote(ports)}];\n`).join("")}}\n`;
}
