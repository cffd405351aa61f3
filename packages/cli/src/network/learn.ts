import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BackEnd, Cluster, Denied, LearnInput, Observations } from "@bulkhead/network-policy";
import { edgeName, flowsLockName, learn as learnPolicies, parseCidr, writeFlowsLock } from "@bulkhead/network-policy";
import { writeWhole } from "@bulkhead/image-evidence";
import type { Arguments } from "../arguments";
import { choiceOf, countOf, flagOf, Misuse, parseArguments, stringOf, stringsOf } from "../arguments";
import type { Io } from "../io";
import { reasonOf } from "../read/file";
import { formatInputError } from "../read/problem";
import { describeReadings, readFlowFiles, readInventoryPaths } from "./inputs";
import type { OutputFile } from "./write";
import { policyFiles } from "./write";
import { dockerFiles } from "./write-docker";

export const learnHelp = `bulkhead network learn --flows FILE... [options]

The least set of policies for what flows have shown: one for each workload that allows what was seen, and one for each
namespace that denies everything else. Flows are those of Hubble, Calico (Goldmane), the AWS VPC CNI, Istio and Envoy,
Inspektor Gadget, conntrack -L -o extended, ss -Htnp, a CSV, or of a recording of Docker; - is standard input.

  --flows FILE...        files of flows, of any of these formats
  --inventory PATH       what runs: manifests, compose files, exported Pulumi state, what kubectl get -o json or docker inspect
                         prints; may be repeated. Without it workloads are taken from the flows' own labels, and containers
                         from what network record wrote
  --format FORMAT        policies (default: NetworkPolicy), cilium, calico, typescript (links of hardened components); for containers
                         of Docker: compose (a file to merge over the project's: the fewest internal networks that keep what was
                         seen), or pulumi (the same networks in TypeScript, and links of hardened containers)
  -o, --output DIR       write the files there, each whole or not at all, instead of to standard output
  --lock                 write the edges that were accepted to ${flowsLockName}, to be reviewed and kept: the rule
                         policies-match-flows holds policies against it
  --allow CIDR           a block that may be opened whole where an address in it was seen; may be repeated. No flow opens
                         more than eight narrow blocks, or the address of instance metadata, without it
  --namespace NAME       isolate only this namespace; may be repeated (default: all but kube-system and its like)
  --days N               days with flows, and days without a new connection, before policies are called stable (default: 7)

With an inventory, what it declares is opened too: what an Ingress or a route leads to, from the pods that were seen to serve
one of its class; what a ServiceMonitor or PodMonitor names, from Prometheus; the source ranges of a Service. Each rule says
in an annotation which flows, or which declaration, ask for it. Ports have the name that all pods give them.

The summary ends with the observed flows that the policies would deny, the edges that they admit and nobody has seen, and
what cannot be expressed safely.

Exit 0: every observed flow is allowed. 1: some would be denied. 2: misuse, or an input that cannot be read.
`;

const formats = ["policies", "cilium", "calico", "typescript", "compose", "pulumi"] as const;
export type Format = (typeof formats)[number];
const backEndOf: { readonly [format in Format]: BackEnd } = { policies: "kubernetes", cilium: "cilium", calico: "calico", typescript: "kubernetes", compose: "kubernetes", pulumi: "kubernetes" };

/** @throws Misuse */
export async function learn(args: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(args, {
    flows: { type: "string", multiple: true }, inventory: { type: "string", multiple: true }, format: { type: "string" }, output: { type: "string", short: "o" }, lock: { type: "boolean" },
    allow: { type: "string", multiple: true }, namespace: { type: "string", multiple: true }, days: { type: "string" },
  });
  const files = flowsOf(parsed, "learn");
  const format = choiceOf(parsed, "format", formats) ?? "policies";
  const options = readOptions(parsed, format);
  const given = readInventoryOption(parsed, io);
  if (given === "unreadable") return 2;
  const flows = await readFlowFiles(files, given, true);
  if ("error" in flows) {
    io.err(`${formatInputError(flows.error)}\n`);
    return 2;
  }
  const { observations, readings, inventory } = flows;
  const learned = learnPolicies({ observations, readings, options, ...(inventory === undefined ? {} : { inventory }) });
  const { files: written, denied, lines } = format === "compose" || format === "pulumi" ? dockerFiles(format, learned, observations, inventory) : policyFiles(format, learned, observations);
  const summary = [...describeReadings(files, flows), ...gapLines(inventory), ...lines];
  const folder = stringOf(parsed, "output");
  try {
    if (folder !== undefined) writeInto(folder, written);
    if (flagOf(parsed, "lock")) writeWhole(flowsLockName, [writeFlowsLock(acceptedOf(denied, observations), observations.workloads)]);
  } catch (error) {
    io.err(`${folder ?? flowsLockName}: expected a place that can be written, found ${reasonOf(error)}\n`);
    return 2;
  }
  const text = `${summary.join("\n")}\n`;
  if (folder === undefined) {
    io.err(text);
    for (const { text: content } of written) await io.out(content);
  } else await io.out(text);
  return denied.length > 0 ? 1 : 0;
}

/** Files of flows: those of the option, and what stands behind it. */
export function flowsOf(parsed: Arguments, command: string): readonly string[] {
  const given = stringsOf(parsed, "flows");
  if (given.length === 0) throw new Misuse(`network ${command} needs --flows FILE...`);
  return command === "learn" ? [...given, ...parsed.positionals] : given;
}

function readOptions(parsed: Arguments, format: Format): NonNullable<LearnInput["options"]> {
  const [allow, namespaces, days] = [stringsOf(parsed, "allow"), stringsOf(parsed, "namespace"), countOf(parsed, "days")];
  for (const block of allow) if (parseCidr(block) === undefined) throw new Misuse(`--allow: expected a block such as 203.0.113.0/24, found ${JSON.stringify(block)}`);
  return { backEnd: backEndOf[format], allow, ...(namespaces.length > 0 ? { isolates: (namespace) => namespaces.includes(namespace) } : {}), ...(days === undefined ? {} : { days, quietDays: days }) };
}

/** Undefined where none was asked for; what cannot be read is said. */
export function readInventoryOption(parsed: Arguments, io: Io): Cluster | undefined | "unreadable" {
  const paths = stringsOf(parsed, "inventory");
  if (paths.length === 0) return undefined;
  const { cluster, errors } = readInventoryPaths(paths);
  for (const error of errors) io.err(`${formatInputError(error)}\n`);
  return errors.length > 0 ? "unreadable" : cluster;
}

const shownGaps = 10;

export function gapLines(inventory: Cluster | undefined): readonly string[] {
  const gaps = inventory?.gaps ?? [];
  if (gaps.length === 0) return [];
  return [`not read of the inventory: ${gaps.length}`, ...gaps.slice(0, shownGaps).map(({ from, reason }) => `  ${from}: ${reason}`), ...(gaps.length > shownGaps ? [`  and ${gaps.length - shownGaps} more`] : [])];
}

/** What is let through of what was seen. */
function acceptedOf(denied: readonly Denied[], { edges }: Observations): Observations["edges"] {
  const names = new Set(denied.map(({ edge }) => edgeName(edge)));
  return edges.filter((edge) => !names.has(edgeName(edge)));
}

function writeInto(folder: string, files: readonly OutputFile[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of files) writeWhole(join(folder, name), [text]);
}
