import * as pulumi from "@pulumi/pulumi";
import { ArgumentError } from "../arguments/argument-error";
import { isLater, whenKnown } from "../arguments/shape";
import { bytesOf, coresOf } from "../arguments/values";
import { inputsFor, merge } from "../posture/compose";
import type { Hardening, HardeningId, Inputs } from "../posture/hardenings";
import { defaultCpu, defaultScratchSize, defaultStorage } from "../posture/hardenings";
import { slug } from "./names";
import type { ReadContainer, ReadPort, ReadProbe } from "./read-container";

/** The share of its CPU limit that a container asks the scheduler for. */
const requestedShare = 4;
/** What a container asks the scheduler for on a node's disk. */
const requestedStorage = "64Mi";

/** A container's inputs, and the volumes that it mounts. */
export interface BuiltContainer {
  readonly inputs: Inputs;
  readonly volumes: readonly Inputs[];
}

/** `path` is where the container stands among the arguments. */
export function buildContainer(name: string, container: ReadContainer, path: string, chosen: readonly Hardening[]): BuiltContainer {
  const { image, command, args, ports, livenessProbe, readinessProbe, startupProbe } = container;
  const { mounts, volumes } = buildMounts(name, container);
  const env = buildEnvironment(container, path);
  const own = {
    name, image, command, args,
    ...(env.length > 0 ? { env } : {}),
    ...(ports !== undefined && ports.length > 0 ? { ports: ports.map((port) => ({ containerPort: port.port, protocol: port.protocol ?? "TCP", name: nameOfPort(port, ports) })) } : {}),
    livenessProbe: buildProbe(livenessProbe, ports), readinessProbe: buildProbe(readinessProbe, ports), startupProbe: buildProbe(startupProbe, ports),
    resources: buildResources(container, (id) => chosen.some((hardening) => hardening.id === id)),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
  };
  return { inputs: merge(inputsFor("container", chosen), own), volumes };
}

/** A Service and a container that have one port only need no name for it. */
export function nameOfPort({ name, port, protocol = "TCP" }: ReadPort, all: readonly ReadPort[]): pulumi.Input<string> | undefined {
  if (name !== undefined || all.length < 2) return name;
  return whenKnown(port, (number) => (protocol === "TCP" ? `port-${number}` : `${protocol.toLowerCase()}-${number}`));
}

function buildResources({ memory, cpu = defaultCpu, cpuRequest, ephemeralStorage = defaultStorage }: ReadContainer, has: (id: HardeningId) => boolean): Inputs {
  const limits = { ...(has("memory-limit") ? { memory } : {}), ...(has("cpu-limit") ? { cpu } : {}), ...(has("storage-limit") ? { "ephemeral-storage": ephemeralStorage } : {}) };
  const requests = {
    memory,
    cpu: cpuRequest ?? whenKnown(cpu, (limit) => `${Math.max(1, Math.floor((coresOf(limit) * 1000) / requestedShare))}m`),
    "ephemeral-storage": whenKnown(ephemeralStorage, (limit) => (bytesOf(limit) < bytesOf(requestedStorage) ? limit : requestedStorage)),
  };
  return { limits, requests };
}

function buildProbe(probe: ReadProbe | undefined, ports: readonly ReadPort[] = []): Inputs | undefined {
  if (probe === undefined) return undefined;
  const { path, port = ports[0]?.port, scheme, command, ...pace } = probe;
  if (command !== undefined) return { exec: { command }, ...pace };
  return path === undefined ? { tcpSocket: { port }, ...pace } : { httpGet: { path, port, ...(scheme === undefined ? {} : { scheme }) }, ...pace };
}

function buildEnvironment({ environment = {}, secretEnvironment = {}, configEnvironment = {} }: ReadContainer, path: string): readonly Inputs[] {
  return [
    ...Object.entries(environment).map(([name, value]) => ({ name, value: plainText(value, `${path}.environment.${name}`) })),
    ...Object.entries(secretEnvironment).map(([name, { secret, key }]) => ({ name, valueFrom: { secretKeyRef: { name: secret, key } } })),
    ...Object.entries(configEnvironment).map(([name, { configMap, key }]) => ({ name, valueFrom: { configMapKeyRef: { name: configMap, key } } })),
  ];
}

/** A pod's spec can be read by many who may not read a Secret. */
function plainText(value: pulumi.Input<string>, path: string): pulumi.Input<string> {
  if (!isLater(value)) return value;
  const later = pulumi.output(value);
  return pulumi.all([later, pulumi.isSecret(later)]).apply(([text, secret]) => {
    if (secret) throw new ArgumentError(path, "a value that is no secret; give the name of a Secret in secretEnvironment", "a secret");
    return text;
  });
}

/** `places` is where each volume stands among the container's arguments. */
export function buildMounts(owner: string, { scratch = [], configMaps = [], secrets = [], volumes = [] }: ReadContainer): { readonly mounts: readonly Inputs[]; readonly volumes: readonly Inputs[]; readonly places: readonly string[] } {
  const named = (kind: string, path: string): string => {
    const name = `${owner}-${kind}-${slug(path)}`;
    return name.length <= 63 ? name : `${kind}-${slug(`/${name}/${"-".repeat(30)}`)}`;
  };
  const entries: readonly { readonly mount: Inputs; readonly volume: Inputs }[] = [
    ...scratch.map(({ path, size = defaultScratchSize, inMemory = false, name = named("scratch", path) }) => ({ mount: { name, mountPath: path }, volume: { name, emptyDir: { sizeLimit: size, ...(inMemory ? { medium: "Memory" } : {}) } } })),
    ...configMaps.map(({ path, configMap }) => ({ mount: { name: named("config", path), mountPath: path, readOnly: true }, volume: { name: named("config", path), configMap: { name: configMap, defaultMode: 0o440 } } })),
    ...secrets.map(({ path, secret }) => ({ mount: { name: named("secret", path), mountPath: path, readOnly: true }, volume: { name: named("secret", path), secret: { secretName: secret, defaultMode: 0o440 } } })),
    ...volumes.map(({ path, claim, writable = false }) => ({ mount: { name: named("claim", path), mountPath: path, readOnly: !writable }, volume: { name: named("claim", path), persistentVolumeClaim: { claimName: claim, readOnly: !writable } } })),
  ];
  const places = Object.entries({ scratch, configMaps, secrets, volumes }).flatMap(([list, given]) => given.map((_, index) => `${list}[${index}]`));
  return { mounts: entries.map(({ mount }) => mount), volumes: entries.map(({ volume }) => volume), places };
}
