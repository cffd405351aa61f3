import type { Cluster, Protocol, ReachEnd } from "@bulkhead/network-policy";
import { createReachability, explain, parseIp, peerName, protocols } from "@bulkhead/network-policy";
import { choiceOf, Misuse, parseArguments, stringOf, suggest } from "../arguments";
import type { Io } from "../io";
import { formatInputError } from "../read/problem";
import { rowsOf, table } from "./edges";
import { readInventoryPaths } from "./inputs";
import { gapLines } from "./learn";

export const reachHelp = `bulkhead network reach PATH... [--from X] [--to Y:PORT] [options]

Who may talk to whom, as the policies in PATH decide it for the workloads in PATH: manifests, compose files, what
kubectl get -o json or docker inspect prints, or exported Pulumi state. With both ends, whether that one connection is let
through, and which rule of which policy decides.

  --from X         only from there: NAMESPACE/NAME, KIND NAMESPACE/NAME, an address, or a container
  --to Y:PORT      only to there; the port is that of the pods, not of a Service, and may end with /udp or /sctp
  --format FORMAT  table (default), json, or dot (a graph for Graphviz)

Exit 0: shown, or let through. 1: the connection that was asked for is denied. 2: misuse, or an input that cannot be read.
`;

const formats = ["table", "json", "dot"] as const;

/** @throws Misuse */
export async function reach(args: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(args, { from: { type: "string" }, to: { type: "string" }, format: { type: "string" } });
  const format = choiceOf(parsed, "format", formats) ?? "table";
  if (parsed.positionals.length === 0) throw new Misuse("network reach needs a file or a folder");
  const { cluster, errors } = readInventoryPaths(parsed.positionals);
  for (const error of errors) io.err(`${formatInputError(error)}\n`);
  if (errors.length > 0) return 2;
  for (const line of gapLines(cluster)) io.err(`${line}\n`);
  const [from, to] = [stringOf(parsed, "from"), stringOf(parsed, "to")];
  const target = to === undefined ? undefined : readTarget(to);
  const source = from === undefined ? undefined : endOf(from, cluster, "--from");
  const end = target === undefined ? undefined : endOf(target.end, cluster, "--to");
  if (source !== undefined && end !== undefined && target?.port !== undefined) return one(source, end, target.protocol, target.port, cluster, format, io);
  const { rows, notes } = rowsOf(cluster);
  for (const note of notes) io.err(`${note}\n`);
  const isOf = (name: string, wanted: ReachEnd | undefined): boolean => wanted === undefined || name === nameOf(wanted);
  const shown = rows.filter((row) => isOf(row.from, source) && isOf(row.to, end));
  if (format === "json") await io.out(`${JSON.stringify(shown, null, 2)}\n`);
  else await io.out(format === "dot" ? dot(shown) : table(shown));
  return 0;
}

async function one(from: ReachEnd, to: ReachEnd, protocol: Protocol, port: number, cluster: Cluster, format: (typeof formats)[number], io: Io): Promise<number> {
  const verdict = createReachability(cluster).allows(from, to, protocol, port);
  const why = explain(from, to, verdict);
  if (format === "json") await io.out(`${JSON.stringify({ from: nameOf(from), to: nameOf(to), protocol, port, allowed: verdict.allowed, partly: verdict.partly, why }, null, 2)}\n`);
  else await io.out(`${verdict.allowed ? "allowed" : verdict.partly ? "allowed to some of its pods only" : "denied"}: ${nameOf(from)} -> ${nameOf(to)} ${protocol} ${port}\n${why.map((line) => `  ${line}\n`).join("")}`);
  return verdict.allowed ? 0 : 1;
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
