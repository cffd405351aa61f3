import type * as pulumi from "@pulumi/pulumi";
import { isLater } from "../arguments/shape";
import type { Exemption } from "../arguments/weakening";
import { annotationsOf, exemptionsOf } from "../arguments/weakening";
import type { Hardening, Inputs } from "../posture/hardenings";
import { hardenings } from "../posture/hardenings";
import { kubernetesWeakenings, rulesOfWeakening } from "../posture/kubernetes-weakenings";
import { componentLabel, nameLabel, objectName, slug } from "./names";
import { buildPod, checkVolumes } from "./pod";
import type { ReadOf, ReadWorkload, WorkloadKind } from "./read-workload";
import { readWorkload } from "./read-workload";

/** A workload whose arguments are read: all that its children are made of. */
export interface Plan<K extends WorkloadKind = WorkloadKind> {
  readonly kind: K;
  readonly name: string;
  readonly args: ReadOf<K>;
  /** Labels that the pods are selected by. They cannot be changed without replacing the workload. */
  readonly selector: { readonly [key: string]: string };
  readonly exemptions: readonly Exemption[];
}

/** @throws ArgumentError before anything is registered. */
export function planWorkload<K extends WorkloadKind>(kind: K, name: string, args: unknown): Plan<K> {
  const label = objectName(name, `Hardened${kind}`);
  const read = readWorkload(kind, label, args);
  checkVolumes(read, label, "storage" in read ? (read.storage ?? []).map(({ path }) => storageName(path)) : []);
  return { kind, name: label, args: read, selector: { [nameLabel]: label, [componentLabel]: kind.toLowerCase() }, exemptions: exemptionsOfWorkload(read) };
}

function exemptionsOfWorkload(args: ReadWorkload): readonly Exemption[] {
  return kubernetesWeakenings.flatMap(({ argument }) => {
    const given = args[argument];
    if (given === undefined) return [];
    const about = { userNamespace: args.userNamespace === true, ...(args.capabilities === undefined ? {} : { add: args.capabilities.add }), ...(args.hostPort === undefined ? {} : { hostPort: args.hostPort.port }) };
    return exemptionsOf(given, rulesOfWeakening(argument, about), args.owner);
  });
}

/** The inputs that the component itself is registered with, by which the pack knows what its children are exempt from. */
export function componentInputs(args: object | undefined, { exemptions }: { readonly exemptions: readonly Exemption[] }): pulumi.Inputs {
  return { ...args, ...(exemptions.length > 0 ? { exemptions } : {}) };
}

/** The metadata of a workload's objects. */
export function metadataOf({ args, name, selector }: Plan, exempt: { readonly [key: string]: string } = {}, suffix = ""): Inputs {
  const { namespace, labels, annotations }: ReadWorkload = args;
  const all = { ...annotations, ...exempt };
  return { name: `${name}${suffix}`, ...(namespace === undefined ? {} : { namespace }), labels: { ...labels, ...selector }, ...(Object.keys(all).length > 0 ? { annotations: all } : {}) };
}

/** Whether there may be two pods at once, which spreading and a disruption budget are for. */
export function isReplicated({ kind, args }: Plan): boolean {
  if (kind !== "Deployment" && kind !== "StatefulSet") return false;
  const replicas = replicasOf(kind, args);
  return isLater(replicas) || replicas > 1;
}

function replicasOf(kind: WorkloadKind, { replicas }: ReadWorkload): pulumi.Input<number> {
  return replicas ?? (kind === "Deployment" ? 2 : 1);
}

/** Rules that a weakening leaves unsatisfied in the main container alone: sidecars have no weakenings. The credential for the API server is the pod's. */
const ofMainContainer: ReadonlySet<string> = new Set(kubernetesWeakenings.filter(({ argument }) => argument !== "apiToken").flatMap(({ rules }) => rules.map(({ rule }) => rule)));

const storageName = (path: string): string => `storage-${slug(path)}`;

/** The inputs of the workload's own resource. `chosen` is for proving what each hardening is for. */
export function workloadInputs(plan: Plan, chosen: readonly Hardening[] = hardenings): { readonly metadata: Inputs; readonly spec: Inputs } {
  const annotations = annotationsOf(plan.exemptions, (rule) => (ofMainContainer.has(rule) ? plan.name : undefined));
  return { metadata: metadataOf(plan, annotations), spec: specs[plan.kind](plan as never, chosen) };
}

const podOf = (plan: Plan, chosen: readonly Hardening[], more: { readonly restartPolicy?: "Never"; readonly claimMounts?: readonly Inputs[] } = {}) => buildPod(plan.args, { name: plan.name, selector: plan.selector, spread: isReplicated(plan), ...more }, chosen);
const selectorOf = ({ selector }: Plan): Inputs => ({ selector: { matchLabels: selector } });
const number = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

const specs: { readonly [K in WorkloadKind]: (plan: Plan<K>, chosen: readonly Hardening[]) => Inputs } = {
  Deployment: (plan, chosen) => ({ replicas: replicasOf(plan.kind, plan.args), ...selectorOf(plan), template: podOf(plan, chosen) }),
  StatefulSet: (plan, chosen) => {
    const storage = (plan.args.storage ?? []).map((given) => ({ ...given, name: storageName(given.path) }));
    return {
      replicas: replicasOf(plan.kind, plan.args), ...selectorOf(plan), serviceName: plan.name,
      template: podOf(plan, chosen, { claimMounts: storage.map(({ name, path }) => ({ name, mountPath: path })) }),
      ...(storage.length > 0 ? { volumeClaimTemplates: storage.map(({ name, size, storageClass, accessMode = "ReadWriteOnce" }) => ({ metadata: { name }, spec: { accessModes: [accessMode], storageClassName: storageClass, resources: { requests: { storage: size } } } })) } : {}),
    };
  },
  DaemonSet: (plan, chosen) => ({ ...selectorOf(plan), updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: number(plan.args.maxUnavailable ?? "1") } }, template: podOf(plan, chosen) }),
  Job: (plan, chosen) => jobSpec(plan, chosen),
  CronJob: (plan, chosen) => {
    const { schedule, timeZone, concurrency = "Forbid", startingDeadlineSeconds = 300, suspend } = plan.args;
    return { schedule, timeZone, concurrencyPolicy: concurrency, startingDeadlineSeconds, suspend, jobTemplate: { metadata: { labels: plan.selector }, spec: jobSpec(plan, chosen) } };
  },
};

function jobSpec(plan: Plan<"Job" | "CronJob">, chosen: readonly Hardening[]): Inputs {
  const { retries = 3, deadlineSeconds = 3600, timeToLiveSeconds = 86_400 } = plan.args;
  return { backoffLimit: retries, activeDeadlineSeconds: deadlineSeconds, ttlSecondsAfterFinished: timeToLiveSeconds, template: podOf(plan, chosen, { restartPolicy: "Never" }) };
}
