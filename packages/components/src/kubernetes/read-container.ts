import { ArgumentError } from "../arguments/argument-error";
import type { Read } from "../arguments/shape";
import { anyText, flag, input, integer, isLater, listOf, mapOf, object, oneOf, optional, text } from "../arguments/shape";
import { absolutePath, bytesOf, coresOf, cpu, image, memory, port, size } from "../arguments/values";
import { defaultCpu, defaultScratchSize, defaultStorage } from "../posture/hardenings";
import { dataKey, labelName, portName, subdomain, variableName } from "./names";

export const protocol = oneOf("TCP", "UDP", "SCTP");

const probe = object({
  path: optional(input(text)), port: optional(input(port)), scheme: optional(oneOf("HTTP", "HTTPS")), command: optional(listOf(input(text))),
  periodSeconds: optional(input(integer(1, 86_400))), timeoutSeconds: optional(input(integer(1, 3600))), failureThreshold: optional(input(integer(1, 1000))), initialDelaySeconds: optional(input(integer(0, 86_400))),
});
const ports = listOf(object({ port: input(port), name: optional(portName), protocol: optional(protocol), servicePort: optional(input(port)) }));

const containerShape = {
  image: input(image), memory: input(memory), cpu: optional(input(cpu)), cpuRequest: optional(input(cpu)), ephemeralStorage: optional(input(size)),
  command: optional(listOf(input(text))), args: optional(listOf(input(anyText))),
  environment: optional(mapOf(input(anyText), variableName)),
  secretEnvironment: optional(mapOf(object({ secret: input(subdomain), key: input(dataKey) }), variableName)),
  configEnvironment: optional(mapOf(object({ configMap: input(subdomain), key: input(dataKey) }), variableName)),
  scratch: optional(listOf(object({ path: absolutePath, size: optional(input(size)), inMemory: optional(flag), name: optional(labelName) }))),
  configMaps: optional(listOf(object({ path: absolutePath, configMap: input(subdomain) }))),
  secrets: optional(listOf(object({ path: absolutePath, secret: input(subdomain) }))),
  volumes: optional(listOf(object({ path: absolutePath, claim: input(subdomain), writable: optional(flag) }))),
};
export const servingShape = { ports: optional(ports), livenessProbe: optional(probe), readinessProbe: optional(probe), startupProbe: optional(probe) };
export const mainShape = { ...containerShape, ...servingShape };

export const initContainers = listOf(object({ name: labelName, ...containerShape }));
export const sidecars = listOf(object({ name: labelName, ...mainShape }));

const main = object(mainShape);
export type ReadContainer = Read<typeof main>;
export type ReadProbe = Read<typeof probe>;
export type ReadPort = Read<typeof ports>[number];

/** What does not go together within a container. */
export function checkContainer(container: ReadContainer, path: string, others: readonly (readonly [argument: string, path: string])[] = []): void {
  const mounts = [...(["scratch", "configMaps", "secrets", "volumes"] as const).flatMap((list) => (container[list] ?? []).map((mount, index) => [`${list}[${index}].path`, mount.path] as const)), ...others];
  refuseTwice(mounts, path, "a path of its own");
  refuseTwice((["environment", "secretEnvironment", "configEnvironment"] as const).flatMap((map) => Object.keys(container[map] ?? {}).map((name) => [`${map}.${name}`, name] as const)), path, "a variable of its own");
  checkAmounts(container, path);
  for (const kind of ["livenessProbe", "readinessProbe", "startupProbe"] as const) checkProbe(container[kind], container.ports ?? [], `${path}.${kind}`);
  const { livenessProbe: live, readinessProbe: ready } = container;
  if (live !== undefined && ready !== undefined && question(live) === question(ready)) throw new ArgumentError(`${path}.livenessProbe`, "another question than the readiness probe's: a slow dependency would restart every replica", "the same");
}

/** The containers of a pod have one network between them. `ports` by where they stand among the arguments. */
export function checkPorts(lists: readonly (readonly [argument: string, ports: readonly ReadPort[]])[], path: string): void {
  const ports = lists.flatMap(([argument, list]) => list.map((port, index) => [`${argument}[${index}]`, port] as const));
  refuseTwice(ports.flatMap(([argument, { port: number, protocol: by = "TCP" }]) => (isLater(number) ? [] : [[`${argument}.port`, `${number}/${by}`] as const])), path, "a port of its own");
  refuseTwice(ports.flatMap(([argument, { name }]) => (name === undefined ? [] : [[`${argument}.name`, name] as const])), path, "a name of its own");
}

function checkAmounts({ memory: limit, cpu: most = defaultCpu, cpuRequest, ephemeralStorage = defaultStorage, scratch = [] }: ReadContainer, path: string): void {
  if (typeof cpuRequest === "string" && typeof most === "string" && coresOf(cpuRequest) > coresOf(most)) throw new ArgumentError(`${path}.cpuRequest`, `at most the limit of ${most}`, cpuRequest);
  for (const [index, { size: given = defaultScratchSize, inMemory = false }] of scratch.entries()) {
    const [most, of] = inMemory ? [limit, "memory"] : [ephemeralStorage, "ephemeralStorage"];
    if (typeof given === "string" && typeof most === "string" && bytesOf(given) > bytesOf(most)) throw new ArgumentError(`${path}.scratch[${index}].size`, `at most the container's ${of} of ${most}`, given);
  }
}

function checkProbe(given: ReadProbe | undefined, declared: readonly ReadPort[], path: string): void {
  if (given === undefined) return;
  const { path: page, port: asked, command, scheme } = given;
  if (command !== undefined) {
    if (command.length === 0) throw new ArgumentError(`${path}.command`, "a program", "an empty list");
    for (const key of ["path", "port", "scheme"] as const) if (given[key] !== undefined) throw new ArgumentError(`${path}.${key}`, "nothing beside a command", "a request");
    return;
  }
  if (page === undefined && asked === undefined) throw new ArgumentError(path, "a path, a port or a command", "none of them");
  if (page === undefined && scheme !== undefined) throw new ArgumentError(`${path}.scheme`, "a path beside it", "none");
  if (asked === undefined && declared.length === 0) throw new ArgumentError(`${path}.port`, "a port, as the container declares none", "nothing");
}

/** What a probe asks, whatever its pace. */
function question({ path, port: asked, command, scheme }: ReadProbe): string | object {
  return [path, asked, scheme, ...(command ?? [])].some(isLater) ? {} : JSON.stringify([path, asked, scheme, command]);
}

/** @throws ArgumentError at the second of two that are the same. */
export function refuseTwice(entries: readonly (readonly [argument: string, value: string])[], path: string, expected: string): void {
  const seen = new Map<string, string>();
  for (const [argument, value] of entries) {
    const first = seen.get(value);
    if (first !== undefined) throw new ArgumentError(`${path}.${argument}`, expected, `${value}, which ${first} has`);
    seen.set(value, argument);
  }
}
