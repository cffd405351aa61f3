import type { Drift, Field, Path, PolicyPeer, Requirement, TrafficPolicy, Workload } from "@bulkhead/core";
import { formatPath, known, unknown } from "@bulkhead/core";
import { indexClasses } from "../reachability/classes";
import { keyOf } from "../synthesis/identify";
import { answer } from "./answer";
import type { Atom, Direction } from "./convert";
import { isKnown, selectorOf } from "./convert";
import type { Fact } from "./facts";
import { isNamed, isolates, isSure, labelsIn, nameOf, namespaceOf, seenBy } from "./facts";
import type { Use, Uses } from "./uses";
import { doubtOf } from "./uses";

type Select = (where: Parameters<ReturnType<typeof indexClasses>["select"]>[0], pods: Parameters<ReturnType<typeof indexClasses>["select"]>[1]) => readonly string[];

/** What a policy lets through that no accepted flow needs: rules, peers, ports, and pods that a peer or the policy itself admits besides. */
export function policyDrift(uses: Uses): (policy: TrafficPolicy) => Field<readonly Drift[]> {
  const { facts } = uses;
  const select = selectAmong(facts.stack);
  const doubts = new Map<string, string>();
  for (const use of uses.all) {
    const { certain, perhaps } = use.policies;
    for (const policy of [...certain, ...perhaps]) {
      const fact = facts.factOf(policy);
      const key = `${fact.id} ${use.direction}`;
      const why = doubts.has(key) ? undefined : doubtOf(uses, use, fact);
      if (why !== undefined) doubts.set(key, why);
    }
  }
  return (policy) => {
    const fact = facts.factOf(policy);
    const [namespace, selector] = [namespaceOf(policy), selectorOf(policy.selector)];
    const all = (["ingress", "egress"] as const).filter((direction) => isolates(policy, direction) !== false).map((direction) => ({ direction, atoms: fact.atoms[direction].atoms.filter((atom) => !isNameServing(atom)) }));
    const { path } = policy.selector;
    const isWhole = all.every(({ direction }) => fact.atoms[direction].isWhole);
    if (isWhole && all.every(({ atoms }) => atoms.length === 0)) return known([], path);
    if (namespace === undefined || policy.namespace.state === "unknown") return unknown(policy.namespace.path);
    if (selector === undefined) return unknown(path, policy.selector.state === "unknown" ? policy.selector.reason : undefined);
    const found: Drift[] = [];
    let doubt = isWhole ? undefined : "has a rule of which not everything is known yet";
    for (const { direction, atoms } of all) {
      const why = isolates(policy, direction) === undefined ? "depends on the types of the policy" : doubts.get(`${fact.id} ${direction}`);
      const unneeded = [...unused(uses, fact, direction, atoms), ...admitted(uses, { fact, direction, atoms, own: select(namespace, selector), select, namespace })];
      if (why === undefined) found.push(...unneeded);
      else if (unneeded.length > 0) doubt ??= why;
    }
    return answer(found, path, doubt === undefined ? undefined : { reason: doubt, isElsewhere: false });
  };
}

/** Asking for names is for allow-dns-egress to judge: whoever connects to anything needs it. */
function isNameServing({ port }: Atom): boolean {
  return port !== undefined && port.value.port === 53 && port.value.endPort === undefined && (port.value.protocol === "UDP" || port.value.protocol === "TCP");
}

function unused(uses: Uses, { atoms: own }: Fact, direction: Direction, atoms: readonly Atom[]): readonly Drift[] {
  const found: Drift[] = [];
  const put = (path: Path, what: string): void => void found.push({ kind: "unneeded", path, text: `${formatPath(path)} (${what})` });
  for (const rule of new Set(atoms.map((atom) => atom.rule))) {
    const [all, whole] = [atoms.filter((atom) => atom.rule === rule), own[direction].atoms.filter((atom) => atom.rule === rule)];
    const idle = all.filter((atom) => uses.ofAtom(atom).length === 0);
    if (idle.length === 0) continue;
    if (idle.length === whole.length) {
      put(rule.path, `${direction === "ingress" ? "from" : "to"} ${listed(all.map(({ peer }) => describePeer(peer)))} at ${listed(all.map(describePort))}`);
      continue;
    }
    const isIdle = (atom: Atom): boolean => idle.includes(atom);
    const peers = [...new Set(idle.map(({ peer }) => peer))].filter((peer) => whole.filter((atom) => atom.peer === peer).every(isIdle));
    const ports = [...new Set(idle.map(({ port }) => port?.place))].filter((place) => whole.filter((atom) => atom.port?.place === place).every(isIdle));
    for (const peer of peers) if (peer !== undefined) put(peer.path, describePeer(peer));
    for (const place of ports) if (place !== undefined) put([...rule.ports.path, place], listed(idle.filter(({ port }) => port?.place === place).map(describePort)));
    for (const atom of idle) {
      if (peers.includes(atom.peer) || ports.includes(atom.port?.place)) continue;
      put(atom.peer?.path ?? rule.path, `${describePeer(atom.peer)} at ${describePort(atom)}`);
    }
  }
  return found;
}

interface Admission {
  readonly fact: Fact;
  readonly direction: Direction;
  readonly atoms: readonly Atom[];
  /** Names of the workloads that the policy selects. */
  readonly own: readonly string[];
  readonly namespace: string;
  readonly select: Select;
}

/** Workloads of the stack for which an atom that others need is of no use. */
function admitted(uses: Uses, { fact, direction, atoms, own, namespace, select }: Admission): readonly Drift[] {
  const found: Drift[] = [];
  for (const atom of atoms) {
    const needed = uses.ofAtom(atom);
    if (needed.length === 0) continue;
    const names = (side: (use: Use) => Workload | undefined): ReadonlySet<string> => new Set(needed.flatMap((use) => { const workload = side(use); return workload === undefined ? [] : [keyOf(nameOf(workload))]; }));
    const [owners, peers] = [names((use) => use.own.workload), names((use) => use.peer.workload)];
    const others = own.filter((name) => !owners.has(name));
    const what = `${describePort(atom)} ${direction === "ingress" ? "from" : "to"} ${describePeer(atom.peer)}`;
    if (others.length > 0) found.push({ kind: "unneeded", path: fact.member.selector.path, text: `${formatPath(fact.member.selector.path)} (it selects ${listed(others)} too, which no flow needs at ${what})` });
    const besides = peersOf(atom.peer, namespace, select).filter((name) => !peers.has(name) && !owners.has(name));
    const path = atom.peer?.path ?? atom.rule.path;
    if (besides.length > 0) found.push({ kind: "unneeded", path, text: `${formatPath(path)} (it admits ${listed(besides)} too, which no flow needs at ${describePort(atom)})` });
  }
  return [...new Map(found.map((drift) => [drift.text, drift])).values()];
}

function peersOf(peer: PolicyPeer | undefined, namespace: string, select: Select): readonly string[] {
  if (peer === undefined) return select(undefined, {});
  if (peer.kind === "addresses") return [];
  const [where, pods] = [peer.namespaces.state === "unset" ? namespace : selectorOf(peer.namespaces), selectorOf(peer.pods)];
  return where === undefined || pods === undefined ? [] : select(where, pods);
}

/** Only those whose labels are known, in namespaces whose labels are. */
function selectAmong({ workloads, namespaceLabels }: Uses["facts"]["stack"]): Select {
  const sure = workloads.filter((workload) => isSure(workload) && isNamed(workload));
  const names = [...new Set(sure.flatMap((workload) => namespaceOf(workload) ?? []))];
  const index = indexClasses(
    names.flatMap((name) => { const labels = namespaceLabels(name); return labels.state === "value" && isKnown(labels) ? [{ name, labels: labelsIn(labels) }] : []; }),
    sure.map((workload) => ({ ...nameOf(workload), ...seenBy(workload), ports: [] })),
  );
  return (where, pods) => index.select(where, pods).flatMap((id) => index.classes[id]?.workloads ?? []).map(keyOf);
}

function describePort({ port }: Atom): string {
  if (port === undefined) return "every port";
  const { port: number, endPort, protocol } = port.value;
  return `${protocol} ${number ?? "every port"}${endPort === undefined ? "" : `-${endPort}`}`;
}

function describePeer(peer: PolicyPeer | undefined): string {
  if (peer === undefined) return "everybody";
  if (peer.kind === "addresses") return peer.block.state === "value" ? peer.block.value.cidr : "addresses";
  const [pods, namespaces] = [peer.pods, peer.namespaces].map((field) => (field.state === "value" ? describeSelector(field.value) : ""));
  return `${pods === "" ? "all pods" : `pods with ${pods}`}${peer.namespaces.state === "unset" ? "" : namespaces === "" ? " of every namespace" : ` of namespaces with ${namespaces}`}`;
}

function describeSelector(requirements: readonly Requirement[]): string {
  return requirements.map(({ key, operator, values }) => (operator === "In" && values.length === 1 ? `${key}=${values[0]}` : `${key} ${operator}${values.length === 0 ? "" : ` (${values.join(", ")})`}`)).join(", ");
}

const most = 3;

function listed(items: readonly string[]): string {
  const unique = [...new Set(items)].sort();
  return unique.length > most ? `${unique.slice(0, most).join(", ")} and ${unique.length - most} more` : unique.join(", ");
}
