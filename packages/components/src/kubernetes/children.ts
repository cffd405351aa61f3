import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../arguments/shape";
import { annotationsOf, exemptionsOf } from "../arguments/weakening";
import { isEveryAddress } from "./addresses";
import { nameOfPort } from "./container";
import type { Workload } from "./links";
import { makeLinkable } from "./links";
import { ingressFromBlocks, isolation } from "./policies";
import { claimPolicy } from "./policy-names";
import type { ReadPort } from "./read-container";
import type { ReadWorkload, WorkloadKind } from "./read-workload";
import type { Plan } from "./workload";
import { isReplicated, metadataOf, workloadInputs } from "./workload";

type WorkloadResource = pulumi.CustomResource & { readonly metadata: pulumi.Output<{ readonly name: string; readonly namespace: string }> };
type WorkloadClass = new (name: string, args: never, opts: pulumi.CustomResourceOptions) => WorkloadResource;

const classes: { readonly [K in WorkloadKind]: WorkloadClass } = { Deployment: k8s.apps.v1.Deployment, StatefulSet: k8s.apps.v1.StatefulSet, DaemonSet: k8s.apps.v1.DaemonSet, Job: k8s.batch.v1.Job, CronJob: k8s.batch.v1.CronJob };

export interface WorkloadOutputs {
  readonly name: pulumi.Output<string>;
  readonly namespace: pulumi.Output<string>;
  readonly podLabels: pulumi.Output<{ [key: string]: string }>;
}

/**
 * Creates a workload with what belongs to it. These names are for ever: another name, or another parent, would delete
 * the users' objects and create new ones.
 */
export function createChildren(component: pulumi.Resource, plan: Plan): WorkloadOutputs {
  const { kind, name, selector } = plan;
  const args: ReadWorkload = plan.args;
  const opts = { parent: component };
  claimPolicy(component, `${name}-isolation`, { name, namespace: args.namespace }, `${name}: name`);
  const account = args.serviceAccount === undefined ? [new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata: metadataOf(plan), automountServiceAccountToken: false }, opts)] : [];
  // Before the pods: there is no moment at which they are open.
  const policy = new k8s.networking.v1.NetworkPolicy(`${name}-isolation`, { metadata: metadataOf(plan, {}, "-isolation"), spec: isolation(selector) }, opts);
  createHostPortPolicy(component, plan);
  const service = createService(plan, opts);
  const workload = new classes[kind](name, workloadInputs(plan) as never, { ...opts, dependsOn: [...account, policy, ...service] });
  if (isReplicated(plan)) new k8s.policy.v1.PodDisruptionBudget(`${name}-budget`, { metadata: metadataOf(plan), spec: { maxUnavailable: 1, selector: { matchLabels: selector } } }, opts);
  const namespace = workload.metadata.namespace;
  makeLinkable(component, { name, labels: selector, namespace: args.namespace, resolved: namespace, annotations: args.annotations, ports: portsOf(args) }, args);
  return { name: workload.metadata.name, namespace, podLabels: pulumi.output({ ...selector }) };
}

/** The isolation lets nobody in: a port of the node would be taken for nothing. */
function createHostPortPolicy(component: pulumi.Resource, plan: Plan): void {
  const { name, selector } = plan;
  const { hostPort, ports = [], namespace, owner }: ReadWorkload = plan.args;
  if (hostPort?.from === undefined) return;
  const { port, containerPort = port, from, ...terms } = hostPort;
  const called = `${name}-host-port`;
  claimPolicy(component, called, { name, namespace }, `${name}: args.hostPort.from`);
  const isOpen = from.some((cidr) => typeof cidr === "string" && isEveryAddress(cidr));
  const annotations = { "bulkhead.dev/reason": terms.reason, ...annotationsOf(isOpen ? exemptionsOf(terms, ["no-open-network-policy"], owner) : []) };
  const protocol = ports.find((declared) => declared.port === containerPort)?.protocol;
  new k8s.networking.v1.NetworkPolicy(called, { metadata: metadataOf(plan, annotations, "-host-port"), spec: ingressFromBlocks(selector, from, { port: containerPort, protocol }) }, { parent: component });
}

/** The ports that a link may lead to: all of the pod's, where the main container says what it listens on. */
function portsOf({ ports = [], sidecars = [] }: ReadWorkload): readonly ReadPort[] {
  return ports.length === 0 ? [] : [...ports, ...sidecars.flatMap((sidecar) => sidecar.ports ?? [])];
}

/** In front of a Deployment's ports; a StatefulSet's has no address of its own, as each pod has one. */
function createService(plan: Plan, opts: pulumi.CustomResourceOptions): readonly pulumi.Resource[] {
  const { kind, name, selector } = plan;
  const { ports = [], service = ports.length > 0 }: ReadWorkload & { readonly service?: boolean } = plan.args;
  if (!(kind === "StatefulSet" || (kind === "Deployment" && service))) return [];
  const spec = { type: "ClusterIP", ...(kind === "StatefulSet" ? { clusterIP: "None" } : {}), selector, ...(ports.length > 0 ? { ports: ports.map((port) => servicePort(port, ports)) } : {}) };
  return [new k8s.core.v1.Service(`${name}-service`, { metadata: metadataOf(plan), spec }, opts)];
}

function servicePort(port: ReadPort, all: readonly ReadPort[]): k8s.types.input.core.v1.ServicePort {
  const name = nameOfPort(port, all);
  return { port: port.servicePort ?? port.port, targetPort: whenKnown(port.port, (number): number | string => number), protocol: port.protocol ?? "TCP", ...(name === undefined ? {} : { name }) };
}

export type { Workload };
