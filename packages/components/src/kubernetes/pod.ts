import { ArgumentError } from "../arguments/argument-error";
import { isLater } from "../arguments/shape";
import { inputsFor, merge } from "../posture/compose";
import type { Hardening, Inputs } from "../posture/hardenings";
import { hardenings } from "../posture/hardenings";
import type { BuiltContainer } from "./container";
import { buildContainer, buildMounts } from "./container";
import type { ReadWorkload } from "./read-workload";

/** What a kind of workload adds to its pods. */
export interface PodOptions {
  readonly name: string;
  /** Labels that the pods are selected by. */
  readonly selector: { readonly [key: string]: string };
  readonly restartPolicy?: "Never";
  /** Whether the pods are replicas, to be spread. */
  readonly spread?: boolean;
  /** Mounts of volumes that each pod gets from its workload. */
  readonly claimMounts?: readonly Inputs[];
}

/** A workload's pod template. `chosen` is for proving what each hardening is for. */
export function buildPod(args: ReadWorkload, options: PodOptions, chosen: readonly Hardening[] = hardenings): { readonly metadata: Inputs; readonly spec: Inputs } {
  const { name, selector, restartPolicy } = options;
  const path = `${name}: args`;
  const main = buildMain(args, options, chosen);
  const init = (args.initContainers ?? []).map((container, index) => buildContainer(container.name, container, `${path}.initContainers[${index}]`, chosen));
  const sidecars = (args.sidecars ?? []).map((container, index) => withRestart(buildContainer(container.name, container, `${path}.sidecars[${index}]`, chosen)));
  const before = [...init, ...sidecars];
  const posture = inputsFor("pod", args.apiToken === undefined ? chosen : chosen.filter(({ id }) => id !== "no-service-account-token"));
  const spec = merge(posture, {
    serviceAccountName: args.serviceAccount ?? name,
    ...(args.apiToken === undefined ? {} : { automountServiceAccountToken: true }),
    ...(args.userNamespace === true ? { hostUsers: false } : {}),
    ...(chosen.some(({ id }) => id === "non-root-user") ? { securityContext: identity(args) } : {}),
    restartPolicy, ...placement(args, options),
    terminationGracePeriodSeconds: args.terminationGracePeriodSeconds,
    ...(args.imagePullSecrets === undefined ? {} : { imagePullSecrets: args.imagePullSecrets.map((secret) => ({ name: secret })) }),
    ...(before.length > 0 ? { initContainers: before.map(({ inputs }) => inputs) } : {}),
    containers: [main.inputs],
    ...volumesOf([...before, main]),
  });
  return { metadata: { labels: { ...args.labels, ...selector }, ...(args.podAnnotations === undefined ? {} : { annotations: args.podAnnotations }) }, spec };
}

function buildMain(args: ReadWorkload, { name, claimMounts = [] }: PodOptions, chosen: readonly Hardening[]): BuiltContainer {
  const { capabilities, writableRootFilesystem, runAsRoot, hostPort } = args;
  const kept = writableRootFilesystem === undefined ? chosen : chosen.filter(({ id }) => id !== "read-only-root");
  const { inputs, volumes } = buildContainer(name, args, `${name}: args`, kept);
  const context = {
    ...(capabilities === undefined ? {} : { capabilities: { add: [...new Set(capabilities.add)] } }),
    ...(writableRootFilesystem === undefined ? {} : { readOnlyRootFilesystem: false }),
    ...(runAsRoot === undefined ? {} : { runAsNonRoot: false, runAsUser: 0 }),
  };
  const mounts = [...((inputs["volumeMounts"] as readonly Inputs[] | undefined) ?? []), ...claimMounts];
  const more = { ...(Object.keys(context).length > 0 ? { securityContext: context } : {}), ...(hostPort === undefined ? {} : { ports: withHostPort(inputs["ports"], hostPort) }), ...(mounts.length > 0 ? { volumeMounts: mounts } : {}) };
  return { inputs: merge(inputs, more), volumes };
}

function withHostPort(declared: unknown, { port, containerPort = port }: NonNullable<ReadWorkload["hostPort"]>): readonly Inputs[] {
  const ports = (declared ?? []) as readonly Inputs[];
  const given = ports.findIndex((entry) => entry["containerPort"] === containerPort);
  if (given < 0) return [...ports, { containerPort, hostPort: port, protocol: "TCP" }];
  return ports.map((entry, index) => (index === given ? { ...entry, hostPort: port } : entry));
}

function withRestart({ inputs, volumes }: BuiltContainer): BuiltContainer {
  return { inputs: { ...inputs, restartPolicy: "Always" }, volumes };
}

function identity({ user, group }: ReadWorkload): Inputs {
  return { ...(user === undefined ? {} : { runAsUser: user }), ...(group === undefined ? {} : { runAsGroup: group, fsGroup: group }) };
}

/**
 * Volumes of one name are one volume, which several containers share.
 * @throws ArgumentError where they differ, or where each pod gets one of that name from its workload.
 */
export function checkVolumes(args: ReadWorkload, name: string, claims: readonly string[]): void {
  const containers = [["", name, args] as const, ...(["initContainers", "sidecars"] as const).flatMap((list) => (args[list] ?? []).map((container, index) => [`${list}[${index}].`, container.name, container] as const))];
  const seen = new Map<unknown, { readonly volume: Inputs; readonly place: string }>();
  for (const [argument, owner, container] of containers) {
    const { volumes, places } = buildMounts(owner, container);
    for (const [index, volume] of volumes.entries()) {
      const place = `${argument}${places[index]}`;
      const first = seen.get(volume["name"]);
      if (claims.some((claim) => claim === volume["name"])) throw new ArgumentError(`${name}: args.${place}`, "a volume with a name of its own", `${String(volume["name"])}, which storage has`);
      if (first !== undefined && !isSame(first.volume, volume)) throw new ArgumentError(`${name}: args.${place}`, `the same as ${first.place}, as both are the volume ${String(volume["name"])}`, "another");
      seen.set(volume["name"], first ?? { volume, place });
    }
  }
}

/** What is known later may be the same. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other || isLater(one) || isLater(other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const [left, right] = [Object.entries(one), Object.entries(other)];
  return left.length === right.length && left.every(([key, value]) => isSame(value, (other as Inputs)[key]));
}

/** Scratch space that several containers share is one volume. */
function volumesOf(containers: readonly BuiltContainer[]): { readonly volumes?: readonly Inputs[] } {
  const byName = new Map(containers.flatMap(({ volumes }) => volumes).map((volume) => [volume["name"], volume]));
  return byName.size > 0 ? { volumes: [...byName.values()] } : {};
}

function placement({ nodeSelector, nodeRequirements, tolerations, priorityClass, runtimeClass, spreadOver = "kubernetes.io/hostname" }: ReadWorkload, { spread = false, selector }: PodOptions): Inputs {
  return {
    nodeSelector, priorityClassName: priorityClass, runtimeClassName: runtimeClass,
    ...(nodeRequirements === undefined || nodeRequirements.length === 0 ? {} : { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: nodeRequirements }] } } } }),
    ...(tolerations === undefined ? {} : { tolerations: tolerations.map((toleration) => ({ operator: toleration.value === undefined ? "Exists" : "Equal", ...toleration })) }),
    ...(spread ? { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: spreadOver, whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: selector } }] } : {}),
  };
}
