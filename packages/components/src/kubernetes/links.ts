import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, describe } from "../arguments/argument-error";
import { isLater } from "../arguments/shape";
import type { WorkloadLinkArgs } from "./link-args";
import type { End, Opening } from "./policies";
import { egressTo, egressToBlocks, ingressFrom } from "./policies";
import { claimPolicy } from "./policy-names";
import type { ReadInternet } from "./read-links";
import { readInternet, readLink } from "./read-links";
import type { ReadPort } from "./read-container";
import type { ReadWorkload } from "./read-workload";

/** A component with pods that links lead to and from. */
export interface Workload extends pulumi.ComponentResource {
  /** Labels of its pods. */
  readonly podLabels: pulumi.Output<{ [key: string]: string }>;
}

interface Linked extends End {
  readonly component: pulumi.Resource;
  readonly name: string;
  /** The namespace of what was created, where the arguments name none. */
  readonly resolved: pulumi.Output<string>;
  /** Of its policies, as of its other objects. */
  readonly annotations: ReadWorkload["annotations"];
  readonly ports: readonly ReadPort[];
  /** Names of the policies that are its children. */
  readonly made: Set<string>;
  /** Links that begin here, by the component that they lead to. */
  readonly links: Map<pulumi.Resource, Set<string>>;
}

/** Apart from the components, whose every property is an output of the package's schema. */
const workloads = new WeakMap<object, Linked>();

export function makeLinkable(component: pulumi.Resource, linked: Omit<Linked, "component" | "made" | "links">, { allowTo: to = [], allowFrom: from = [], allowToInternet: internet = [] }: ReadWorkload): void {
  const own: Linked = { ...linked, component, made: new Set(), links: new Map() };
  workloads.set(component, own);
  for (const { name, podLabels, namespace, bothEnds = true, ...opening } of to) connect(own, { ...own, name, labels: podLabels, namespace: namespace ?? own.namespace }, opening, `${own.name}: args.allowTo`, ["egress", ...(bothEnds ? ["ingress" as const] : [])]);
  for (const { name, podLabels, namespace, bothEnds = true, ...opening } of from) connect({ ...own, name, labels: podLabels, namespace: namespace ?? own.namespace }, own, opening, `${own.name}: args.allowFrom`, ["ingress", ...(bothEnds ? ["egress" as const] : [])]);
  for (const [index, given] of internet.entries()) connectToInternet(own, given, `${own.name}: args.allowToInternet[${index}]`);
}

/** @throws ArgumentError for an end that is no hardened workload, or a port that the other one does not declare. */
export function link(from: unknown, to: unknown, args: WorkloadLinkArgs, method: "allowTo" | "allowFrom"): void {
  const [source, target] = [linkedOf(from, method), linkedOf(to, method)];
  const path = `${(method === "allowTo" ? source : target).name}: ${method}`;
  const opening = readLink(args, `${path}.args`);
  const { port, protocol = "TCP" } = opening;
  if (source.component === target.component) throw new ArgumentError(path, "another workload", "the same one");
  const declared = target.ports.some((given) => isLater(given.port) || (given.port === port && (given.protocol ?? "TCP") === protocol));
  if (target.ports.length > 0 && !declared) throw new ArgumentError(`${path}.args.port`, `a port of ${target.name} (${target.ports.map((given) => `${given.port}/${given.protocol ?? "TCP"}`).join(", ")})`, `${port}/${protocol}`);
  const key = `${port} ${protocol}`;
  const made = source.links.get(target.component) ?? new Set();
  // The same link may be declared at both ends.
  if (made.has(key)) return;
  source.links.set(target.component, made.add(key));
  connect(source, target, opening, path, ["egress", "ingress"]);
}

export function linkToInternet(from: unknown, args: unknown): void {
  const source = linkedOf(from, "allowToInternet");
  const path = `${source.name}: allowToInternet.args`;
  connectToInternet(source, readInternet(args, path), path);
}

function connect(source: Linked, target: Linked, opening: Opening, path: string, ends: readonly ("egress" | "ingress")[]): void {
  const [from, to] = source.namespace === target.namespace ? [source, target] : [settled(source), settled(target)];
  const suffix = `${opening.port}${opening.protocol === undefined || opening.protocol === "TCP" ? "" : `-${opening.protocol.toLowerCase()}`}`;
  for (const end of ends) {
    const [own, other, verb] = end === "egress" ? ([source, target, "to"] as const) : ([target, source, "from"] as const);
    const name = nameOfLink(own, other, verb, suffix);
    const spec = end === "egress" ? egressTo(from, to, opening) : ingressFrom(from, to, opening);
    writePolicy(own, name, (end === "egress" ? from : to).namespace, spec, path);
  }
}

/** Of two components with one name, the second is called after its namespace too, or counted where that is not known yet. */
function nameOfLink(own: Linked, other: Linked, verb: "to" | "from", suffix: string): string {
  const called = (by: string): string => `${own.name}-${verb}-${other.name}${by}-${suffix}`;
  const plain = called("");
  // A peer that is given by its labels has the name that it was given.
  if (own.component === other.component || !own.made.has(plain)) return plain;
  const namespaced = typeof other.namespace === "string" ? called(`-${other.namespace}`) : plain;
  if (!own.made.has(namespaced)) return namespaced;
  let count = 2;
  while (own.made.has(called(`-${count}`))) count += 1;
  return called(`-${count}`);
}

function settled(linked: Linked): Linked {
  return { ...linked, namespace: linked.namespace ?? linked.resolved };
}

function connectToInternet(source: Linked, args: ReadInternet, path: string): void {
  writePolicy(source, `${source.name}-to-${args.name ?? "internet"}`, source.namespace, egressToBlocks(source.labels, args), path, { "bulkhead.dev/reason": args.reason });
}

function writePolicy({ component, made, annotations: given, name: own }: Linked, name: string, namespace: pulumi.Input<string> | undefined, spec: k8s.types.input.networking.v1.NetworkPolicySpec, path: string, added: { readonly [key: string]: string } = {}): void {
  if (made.has(name)) throw new ArgumentError(path, "a link with a name of its own", name);
  claimPolicy(component, name, { name: own, namespace }, path);
  made.add(name);
  const annotations = { ...given, ...added };
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
  new k8s.networking.v1.NetworkPolicy(name, { metadata, spec }, { parent: component });
}

function linkedOf(value: unknown, method: string): Linked {
  const found = typeof value === "object" && value !== null ? workloads.get(value) : undefined;
  if (found === undefined) throw new ArgumentError(method, "a hardened workload, such as a HardenedDeployment", describe(value));
  return found;
}
