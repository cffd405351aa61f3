import { createReadStream } from "node:fs";
import type { Cluster, FlowEnd, FlowSummary, Observations, Orientation, OrientSummary, Protocol } from "@bulkhead/network-policy";
import { FlowFormatError, observeOriented, Orienter, readFlows, readInventory } from "@bulkhead/network-policy";
import { reasonOf } from "../read/file";
import type { InputError } from "../read/problem";
import { readAll } from "../read/read";

export interface Inventory {
  readonly cluster: Cluster;
  readonly errors: readonly InputError[];
}

/** What runs, from manifests, compose files, what `kubectl get -o json` or `docker inspect` prints, and exported Pulumi state. */
export function readInventoryPaths(paths: readonly string[]): Inventory {
  const errors: InputError[] = [];
  function* documents(): Generator<{ readonly value: unknown; readonly from: string; readonly type?: string; readonly name?: string }> {
    for (const { file, documents: found, errors: wrong, text } of readAll(paths)) {
      const inspected = wrong.length > 0 && text !== undefined ? inspectedIn(text) : undefined;
      if (inspected !== undefined) {
        for (const value of inspected) yield { value, from: file };
        continue;
      }
      errors.push(...wrong);
      for (const { value, address: { type, name, urn } } of found) yield { value, from: urn ?? file, ...(type === undefined ? {} : { type }), ...(name === undefined ? {} : { name }) };
    }
  }
  return { cluster: readInventory(documents()), errors };
}

/** What `docker inspect` and `docker network inspect` print is a list of objects with an `Id`; undefined for anything else. */
function inspectedIn(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isEntry = (entry: unknown): boolean => typeof entry === "object" && entry !== null && typeof (entry as { readonly Id?: unknown }).Id === "string";
    return Array.isArray(value) && value.length > 0 && (value as readonly unknown[]).every(isEntry) ? value : undefined;
  } catch {
    return undefined;
  }
}

export interface Flows {
  readonly observations: Observations;
  /** One for each file, with what was found out of the directions of all in the last. */
  readonly readings: readonly FlowSummary[];
  readonly orientation: OrientSummary;
  /** What was given, with what the flows' own files say of what ran; undefined where nothing is known of it. */
  readonly inventory: Cluster | undefined;
}

/** Reads flows file by file, in bounded memory. `takesRecorded`: whether containers that a recording describes are part of the inventory. */
export async function readFlowFiles(files: readonly string[], given: Cluster | undefined, takesRecorded: boolean): Promise<Flows | { readonly error: InputError }> {
  const orienter = new Orienter(given === undefined ? {} : { declares: declaredIn(given) });
  const readings: FlowSummary[] = [];
  for (const file of files) {
    try {
      const reading = readFlows(file, file === "-" ? process.stdin : createReadStream(file));
      for await (const batch of reading.batches) for (const flow of batch) orienter.add(flow);
      const summary = reading.summary();
      orienter.listening(summary.listening);
      readings.push(summary);
    } catch (error) {
      if (error instanceof FlowFormatError) return { error: { file, expected: "flows of a known format", found: "records that look like none" } };
      if (isSystemError(error)) return { error: { file, expected: "a readable file", found: reasonOf(error) } };
      throw error;
    }
  }
  const orientation: Orientation = orienter.finish();
  const inventory = takesRecorded ? withRecorded(given, readings) : given;
  return { observations: observeOriented(orientation, inventory), readings, orientation: orientation.summary, inventory };
}

/** Recordings say what ran; other flows do not, and without an inventory that they know of it is none. */
function withRecorded(given: Cluster | undefined, readings: readonly FlowSummary[]): Cluster | undefined {
  const recorded = readings.flatMap((reading) => reading.recorded ?? []);
  if (recorded.length === 0 || (given === undefined && recorded.length < readings.length)) return given;
  const base = given ?? readInventory([]);
  const merged = <T extends { readonly name: string }>(lists: readonly (readonly T[])[]): readonly T[] => [...new Map(lists.flat().map((entry) => [entry.name, entry])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    ...base,
    containers: merged([...recorded.map(({ containers }) => containers), base.containers]),
    networks: merged([...recorded.map(({ networks }) => networks), base.networks]),
  };
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}

/** Ports of pods and of Services, by the address that a flow shows, or by the pod's namespace and the beginning of its name. */
function declaredIn({ workloads, services, containers }: Cluster): (end: FlowEnd, protocol: Protocol, port: number) => boolean {
  const byAddress = new Set<string>();
  const byNamespace = new Map<string, { readonly name: string; readonly ports: ReadonlySet<string> }[]>();
  for (const { namespace, name, addresses, ports } of workloads) {
    const own = ports.map(({ protocol, port }) => `${protocol} ${port}`);
    for (const { ip } of addresses) for (const port of own) byAddress.add(`${ip} ${port}`);
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), { name, ports: new Set(own) }]);
  }
  for (const { clusterIps, externalIps, ports } of services) for (const ip of [...clusterIps, ...externalIps]) for (const { protocol, port } of ports) byAddress.add(`${ip} ${protocol} ${port}`);
  for (const { name, networks, ports } of containers) for (const { protocol, port } of ports) for (const end of [name, ...networks.flatMap(({ ip }) => ip ?? [])]) byAddress.add(`${end} ${protocol} ${port}`);
  return ({ ip, namespace, pod, container }, protocol, port) => {
    if ([ip, container].some((end) => end !== undefined && byAddress.has(`${end} ${protocol} ${port}`))) return true;
    if (namespace === undefined || pod === undefined) return false;
    return (byNamespace.get(namespace) ?? []).some(({ name, ports }) => (pod === name || pod.startsWith(`${name}-`)) && ports.has(`${protocol} ${port}`));
  };
}

/** Lines on what the flows were, for people: what was used, and every record that was not, with its reason. */
export function describeReadings(files: readonly string[], { readings, orientation }: Flows): readonly string[] {
  const lines = readings.flatMap(({ format, read, used, ignored, malformed, lost }, index) => [
    `${files[index] ?? ""}: ${format}, ${read} records, ${used} used${lost > 0 ? `, ${lost} events lost` : ""}`,
    ...Object.entries(ignored).map(([reason, count]) => `  ${count} ignored: ${reason}`),
    ...(malformed.count > 0 ? [`  ${malformed.count} could not be read`, ...malformed.first.map(({ at, expected, found }) => `    ${at}: expected ${expected}, found ${found}`)] : []),
  ]);
  const { requests, repeated, replies, ambiguous, inferred } = orientation;
  return [...lines, `${requests} requests${inferred > 0 ? ` (of ${inferred} flows the direction was inferred)` : ""}, ${repeated} more observations of them, ${replies} replies, ${ambiguous.count} ambiguous`];
}
