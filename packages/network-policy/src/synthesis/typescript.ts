import type { WorkloadName } from "../model/cluster";
import type { Edge } from "../model/edge";
import { edgeName } from "../model/edge";
import { describeProvenance } from "./naming";
import type { SeenEdge } from "./observe";
import type { Plan, SubjectPlan } from "./plan";

/** Code that links hardened components as flows have shown them. */
export interface LinkCode {
  readonly text: string;
  /** Edges that no link expresses, with the reason. */
  readonly left: readonly { readonly what: string; readonly reason: string }[];
}

/** The module where no flow asks for a link. */
export const noLinks = "/** No flow was seen that a link is needed for. */\nexport function linkObserved(): void {}\n";

/**
 * A module with one function: its argument has a component for each workload, and it declares the links. Wide blocks and
 * narrow ones become `allowToInternet`; what reaches a workload from outside has no link.
 */
export function workloadLinks(edges: readonly SeenEdge[], { subjects, namespaces }: Plan): LinkCode {
  const between = edges.filter(({ from, to }) => from.kind === "workload" && to.kind === "workload");
  const left = edges.filter((edge) => !between.includes(edge)).flatMap((edge) => leftOver(edge));
  const links = between.flatMap((edge) => {
    const { from, to, protocol, port } = edge;
    if (from.kind !== "workload" || to.kind !== "workload" || port === undefined || protocol === "ICMP") {
      left.push({ what: edgeName(edge), reason: "links have no ICMP" });
      return [];
    }
    if (nameOf(from.workload) === nameOf(to.workload)) {
      left.push({ what: edgeName(edge), reason: "a component has no link to itself: its pods need a policy of their own" });
      return [];
    }
    if (![from.workload, to.workload].every(({ namespace }) => namespaces.includes(namespace))) {
      left.push({ what: edgeName(edge), reason: "one end is in a namespace that no policy is written for; give it to the component's allowTo or allowFrom argument by its labels" });
      return [];
    }
    return [{ from: from.workload, to: to.workload, protocol, port, edge }];
  });
  const outer = subjects.flatMap((subject) => internetOf(subject));
  const named = new Map<string, WorkloadName>();
  for (const workload of [...links.flatMap(({ from, to }) => [from, to]), ...outer.map(({ workload }) => workload)]) named.set(nameOf(workload), workload);
  const variables = variablesOf([...named.keys()].sort(), ["linkObserved"]);
  const lines = [
    ...links.map(({ from, to, protocol, port, edge }) => `  ${variables.get(nameOf(from))}.allowTo(${variables.get(nameOf(to))}, { port: ${port}${protocol === "TCP" ? "" : `, protocol: ${JSON.stringify(protocol)}`} }); // ${comment(describeProvenance({ ...edge, edge: edgeName(edge) }))}`),
    ...outer.map(({ workload, args, from }) => `  ${variables.get(nameOf(workload))}.allowToInternet(${args}); // ${comment(from)}`),
  ];
  const text = variables.size === 0 ? noLinks : `${[
    'import type { HardenedCronJob, HardenedDaemonSet, HardenedDeployment, HardenedJob, HardenedStatefulSet } from "@bulkhead/components";',
    "", "type Workload = HardenedCronJob | HardenedDaemonSet | HardenedDeployment | HardenedJob | HardenedStatefulSet;",
    "", "/** The workloads of which flows were seen. */", "export interface Workloads {",
    ...[...variables].map(([name, variable]) => `  /** ${comment(name)} */\n  readonly ${variable}: Workload;`),
    "}", "", "/** Links that flows have shown: call it once, in the program that makes the workloads. */",
    `export function linkObserved({ ${[...variables.values()].join(", ")} }: Workloads): void {`, ...lines, "}", "",
  ].join("\n")}`;
  return { text, left: left.sort((a, b) => (a.what < b.what ? -1 : 1)) };
}

function leftOver(edge: Edge): { what: string; reason: string }[] {
  if (edge.to.kind === "address") return [];
  if (edge.from.kind === "entity" && edge.from.entity === "host") return [];
  return [{ what: edgeName(edge), reason: "no link leads here: it needs a policy of its own" }];
}

interface Internet {
  readonly workload: WorkloadName;
  readonly args: string;
  readonly from: string;
}

function internetOf({ subject, egress }: SubjectPlan): readonly Internet[] {
  return egress.flatMap(({ peers, ports, provenance }, index) => {
    const cidrs = peers.flatMap((peer) => (peer.kind === "block" ? [peer.cidr] : []));
    return (["TCP", "UDP", "SCTP"] as const).flatMap((protocol) => {
      const numbers = ports.filter((port) => port.protocol === protocol).flatMap(({ port }) => port ?? []);
      if (cidrs.length === 0 || numbers.length === 0) return [];
      const args = { name: `observed-${index}-${protocol.toLowerCase()}`, cidrs, ports: numbers, ...(protocol === "TCP" ? {} : { protocol }), reason: "seen in flows" };
      return subject.members.map((workload) => ({ workload, args: JSON.stringify(args), from: provenance.slice(0, 3).map(describeProvenance).join("; ") }));
    });
  });
}

function nameOf({ namespace, kind, name }: WorkloadName): string {
  return `${kind} ${namespace}/${name}`;
}

/** No text of a flow ends a comment. */
export function comment(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").replaceAll("*/", "* /");
}

/** A name in the program for each, and none of `others`: its last part where that is one alone. */
export function variablesOf(names: readonly string[], others: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>(others);
  const variables = new Map<string, string>();
  for (const name of names) {
    const short = identifier(name.slice(name.lastIndexOf("/") + 1));
    const candidates = [short, identifier(name.replace(/^\S+ /, "")), identifier(name)];
    let variable = candidates.find((candidate) => !taken.has(candidate)) ?? short;
    for (let count = 2; taken.has(variable); count++) variable = `${short}${count}`;
    taken.add(variable);
    variables.set(name, variable);
  }
  return variables;
}

const reserved = new Set("arguments eval undefined break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static await implements package private protected public interface".split(" "));

function identifier(text: string): string {
  const camel = text.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? "").toUpperCase()).replace(/^[A-Z]/, (first) => first.toLowerCase());
  return camel === "" || /^\d/.test(camel) || reserved.has(camel) ? `workload${camel}` : camel;
}
