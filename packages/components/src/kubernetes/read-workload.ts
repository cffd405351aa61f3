import { ArgumentError, describe } from "../arguments/argument-error";
import type { Read, Reader } from "../arguments/shape";
import { anyText, flag, input, integer, isLater, listOf, mapOf, matching, object, oneOf, optional, text } from "../arguments/shape";
import { absolutePath, capability, nonRootId, port, size } from "../arguments/values";
import { weakening, weakeningShape } from "../arguments/weakening";
import { annotationKey, dataKey, labelKey, labelName, labelValue, subdomain } from "./names";
import { checkContainer, checkPorts, initContainers, mainShape, protocol, refuseTwice, sidecars } from "./read-container";
import { readInternet, sources } from "./read-links";

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob";

const seconds = (least: number) => input(integer(least, 31_536_000));
const peers = listOf(object({ name: labelName, podLabels: input(notEmpty(mapOf(input(labelValue)))), namespace: optional(input(labelName)), port, protocol: optional(protocol), bothEnds: optional(flag) }));
const labels = mapOf(input(labelValue), labelKey);
const annotations = mapOf(input(anyText), annotationKey);

const workloadShape = {
  ...mainShape,
  namespace: optional(input(labelName)), labels: optional(labels), annotations: optional(annotations), podAnnotations: optional(annotations),
  user: optional(input(nonRootId)), group: optional(input(nonRootId)), serviceAccount: optional(input(subdomain)),
  initContainers: optional(initContainers), sidecars: optional(sidecars),
  nodeSelector: optional(mapOf(input(labelValue))),
  nodeRequirements: optional(listOf(object({ key: text, operator: oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"), values: optional(listOf(input(labelValue))) }))),
  tolerations: optional(listOf(object({ key: optional(input(text)), operator: optional(oneOf("Exists", "Equal")), value: optional(input(labelValue)), effect: optional(oneOf("NoSchedule", "PreferNoSchedule", "NoExecute")), tolerationSeconds: optional(input(integer(0, 31_536_000))) }))),
  priorityClass: optional(input(subdomain)), runtimeClass: optional(input(subdomain)), imagePullSecrets: optional(listOf(input(subdomain))), terminationGracePeriodSeconds: optional(seconds(0)),
  userNamespace: optional(flag), owner: weakeningShape.owner,
  allowTo: optional(peers), allowFrom: optional(peers), allowToInternet: optional(listOf(readInternet)),
  capabilities: optional(object({ add: notEmpty(listOf(capability)), ...weakeningShape })),
  writableRootFilesystem: optional(weakening), runAsRoot: optional(weakening), apiToken: optional(weakening),
  hostPort: optional(object({ port, containerPort: optional(port), from: optional(sources), ...weakeningShape })),
};
const replicatedShape = { replicas: optional(input(integer(0, 10_000))), spreadOver: optional(input(text)) };
const jobShape = { retries: optional(input(integer(0, 6))), deadlineSeconds: optional(seconds(1)), timeToLiveSeconds: optional(seconds(0)) };

const readers = {
  Deployment: object({ ...workloadShape, ...replicatedShape, service: optional(flag) }),
  StatefulSet: object({ ...workloadShape, ...replicatedShape, storage: optional(listOf(object({ path: absolutePath, size: input(size), storageClass: optional(input(subdomain)), accessMode: optional(oneOf("ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany")) }))) }),
  DaemonSet: object({ ...workloadShape, maxUnavailable: optional(matching(/^([1-9]\d*|[1-9]\d?%|100%)$/, "a number or a share such as 10%")) }),
  Job: object({ ...workloadShape, ...jobShape }),
  CronJob: object({
    ...workloadShape, ...jobShape, concurrency: optional(oneOf("Forbid", "Replace")), startingDeadlineSeconds: optional(seconds(10)), suspend: optional(input(flag)),
    schedule: input(matching(/^(@(hourly|daily|midnight|weekly|monthly|yearly|annually)|([-\d*,/A-Za-z?]+\s+){4}[-\d*,/A-Za-z?]+)$/, "a schedule in five fields, such as 0 3 * * *")), timeZone: optional(input(text)),
  }),
} as const;

const anyWorkload = object({ ...workloadShape, ...replicatedShape });
/** What every kind of workload has. */
export type ReadWorkload = Read<typeof anyWorkload>;
export type ReadOf<K extends WorkloadKind> = Read<(typeof readers)[K]>;

/** The arguments of a workload, or an `ArgumentError` for the first that cannot be used. */
export function readWorkload<K extends WorkloadKind>(kind: K, name: string, args: unknown): ReadOf<K> {
  const path = `${name}: args`;
  const read = readers[kind](args ?? {}, path) as ReadOf<K> & ReadWorkload;
  checkContainer(read, path, "storage" in read ? (read.storage ?? []).map((storage, index) => [`storage[${index}].path`, storage.path]) : []);
  for (const list of ["initContainers", "sidecars"] as const) for (const [index, container] of (read[list] ?? []).entries()) checkContainer(container, `${path}.${list}[${index}]`);
  refuseTwice([["name", name], ...(["initContainers", "sidecars"] as const).flatMap((list) => (read[list] ?? []).map((container, index) => [`${list}[${index}].name`, container.name] as const))], path, "a container's name of its own");
  checkPorts([["ports", read.ports ?? []], ...(read.sidecars ?? []).map(({ ports = [] }, index) => [`sidecars[${index}].ports`, ports] as const)], path);
  checkWeakenings(read, path);
  for (const [index, { operator, values = [], key }] of (read.nodeRequirements ?? []).entries()) {
    dataKey(key.replace("/", "."), `${path}.nodeRequirements[${index}].key`);
    const needed = operator === "Gt" || operator === "Lt" ? values.length === 1 : (operator === "In" || operator === "NotIn") === values.length > 0;
    if (!needed) throw new ArgumentError(`${path}.nodeRequirements[${index}].values`, operator.startsWith("Exists") || operator.startsWith("Does") ? `none for ${operator}` : `values for ${operator}`, `${values.length}`);
  }
  return read;
}

function checkWeakenings({ runAsRoot, user, apiToken, serviceAccount, hostPort, service, ports = [] }: ReadWorkload & { readonly service?: boolean }, path: string): void {
  if (runAsRoot !== undefined && user !== undefined) throw new ArgumentError(`${path}.user`, "no user beside runAsRoot", "one");
  if (apiToken !== undefined && serviceAccount === "default") throw new ArgumentError(`${path}.serviceAccount`, "an account of its own beside apiToken", '"default"');
  if (service === true && ports.length === 0) throw new ArgumentError(`${path}.service`, "ports beside it", "none");
  const inside = hostPort?.containerPort ?? hostPort?.port;
  if (inside !== undefined && ports.length > 0 && !ports.some((declared) => isLater(declared.port) || declared.port === inside)) throw new ArgumentError(`${path}.hostPort.${hostPort?.containerPort === undefined ? "port" : "containerPort"}`, `one of the ports ${ports.map((declared) => declared.port).join(", ")}`, String(inside));
}

function notEmpty<T extends object>(reader: Reader<T>): Reader<T> {
  return (value, path) => {
    const read = reader(value, path);
    if (Object.keys(read).length === 0) throw new ArgumentError(path, "at least one", describe(value));
    return read;
  };
}
