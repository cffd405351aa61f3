import type { Field } from "../field";
import { isObject, known, knownValue, UNKNOWN, unknown, unset, unsupported } from "../field";
import type { Volume } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, field, isUnreadable, isUnset, listField, members, node, numberField, removing, stringField, unreadable } from "../node";
import { fileIsSecret, looksSecret } from "./secrets";

/** `cpus` is text such as "1.5"; a quota, shares or a set of processors bound a container too. */
export function cpuLimit(root: Node): Field<number> {
  const fields = [numberField(at(root, "cpus")), numberField(at(root, "cpuQuota")), numberField(at(root, "cpuShares"))] as const;
  const set = stringField(at(root, "cpuSet"));
  const positive = fields.find((limit) => limit.state === "value" && limit.value > 0);
  if (positive !== undefined) return positive;
  if (set.state === "value" && set.value !== "") return known(1, set.path);
  return [...fields, set].find((limit): limit is Field<never> => limit.state === "unknown") ?? fields[0];
}

/** A bind mount's propagation, in the words of Kubernetes; undefined where it is not known. */
function propagation(mount: unknown): string | undefined {
  if (mount === UNKNOWN) return undefined;
  const mode = stringField(at(node(mount), "bindOptions", "propagation"));
  if (mode.state === "unknown") return undefined;
  if (mode.state !== "value") return "None";
  return mode.value.endsWith("shared") ? "Bidirectional" : mode.value.endsWith("slave") ? "HostToContainer" : "None";
}

export function mountPropagation(mounts: Node): Field<readonly string[]> {
  const isUnwanted = (mode: string | undefined, wanted: readonly string[]): boolean => mode !== undefined && !wanted.includes(mode);
  return removing(listField(mounts, propagation), (wanted) => members(mounts).items.filter(({ value }) => isUnwanted(propagation(value), wanted)).map((mount) => at(mount, "bindOptions", "propagation")));
}

/** `NAME=value` texts; the names of those that look like credentials. */
export function literalSecrets(list: Node): Field<readonly string[]> {
  const { items, unknown: open } = members(list);
  const texts = items.map((item) => stringField(item));
  const pairs = texts.flatMap((text) => (text.state === "value" ? [text.value] : [])).map((text) => [text.split("=", 1)[0] ?? "", text.slice(text.indexOf("=") + 1), text.includes("=")] as const);
  return names(pairs.filter(([name, value, assigned]) => assigned && looksSecret(name, value)).map(([name]) => name), open || texts.some((text) => text.state === "unknown"), list);
}

/** The same for a map of names to values. */
export function literalMap(map: Node): Field<readonly string[]> {
  const open = unreadable<readonly string[]>(map);
  if (open !== undefined) return open;
  const entries = isObject(map.value) ? Object.entries(map.value) : [];
  const found = entries.filter(([name, value]) => (typeof value === "string" || typeof value === "number") && looksSecret(name, String(value))).map(([name]) => name);
  return names(found, entries.some(([, value]) => value === UNKNOWN), map);
}

/** Files that are uploaded with a credential written down, by their path: one that is nothing but a credential, or holds a private key. */
export function uploadedSecrets(list: Node): Field<readonly string[]> {
  const { items, unknown: all } = members(list);
  let open = all;
  const found = items.flatMap((item) => {
    const [file, content, encoded] = [at(item, "file"), at(item, "content"), at(item, "contentBase64")];
    if (isUnreadable(item) || [content, encoded].some(({ value }) => value === UNKNOWN)) open = true;
    const text = typeof content.value === "string" ? content.value : typeof encoded.value === "string" ? decoded(encoded.value) : "";
    const name = typeof file.value === "string" ? file.value : `#${String(item.path.at(-1))}`;
    return fileIsSecret(name, text) ? [name] : [];
  });
  return names(found, open, list);
}

function decoded(text: string): string {
  try {
    return atob(text);
  } catch {
    return "";
  }
}

/** What either of two places names. */
export function bothNames(first: Field<readonly string[]>, second: Field<readonly string[]>): Field<readonly string[]> {
  const [a, b] = [knownValue(first) ?? [], knownValue(second) ?? []];
  if (b.length === 0 && second.state !== "unknown") return first;
  if (a.length === 0 && first.state !== "unknown") return second;
  const open = [first, second].some((field) => field.state === "unknown" || (field.state === "value" && field.partial === true));
  const { path } = a.length > 0 ? first : second;
  return a.length + b.length === 0 ? unknown(path) : { ...known([...a, ...b], path), ...(open ? { partial: true } : {}) };
}

function names(found: readonly string[], open: boolean, place: Node): Field<readonly string[]> {
  if (found.length === 0 && open) return unknown(place.path);
  return { ...known(found, place.path), ...(open ? { partial: true } : {}) };
}

/** With networks of its own a container is taken off the default bridge (kreuzwerker/docker, networks_advanced). */
export function defaultBridge(mode: Field<string>, attached: Node): Field<boolean> {
  const { items, unknown: open } = members(attached);
  if (items.length > 0) return known(false, attached.path);
  if (open) return unknown(attached.path);
  if (mode.state === "value") return { ...mode, value: mode.value === "bridge" || mode.value === "default" || mode.value === "", to: () => undefined };
  return mode.state === "unset" ? known(true, mode.path) : (mode as Field<never>);
}

/** The interface of each port. All are published, one without `external` on a port that is free (kreuzwerker/docker, portSetToDockerPorts). */
export function publishedOn(ports: Node, all: Node): Field<readonly string[]> {
  const { items, unknown: open } = members(ports);
  const interfaces = items.map((item) => (isUnset(at(item, "ip")) ? known("0.0.0.0", item.path) : stringField(at(item, "ip"))));
  const values = interfaces.flatMap((ip) => (ip.state === "value" ? [ip.value] : []));
  const everything = booleanField(all);
  if (knownValue(everything) === true) values.push("0.0.0.0");
  const partial = open || everything.state === "unknown" || interfaces.some((ip) => ip.state !== "value");
  if (values.length === 0 && partial) return unknown(ports.path);
  return { ...known(values, ports.path), ...(partial ? { partial } : {}) };
}

/** What a mount of type tmpfs says of its size. */
export function scratch(item: Node): Pick<Volume, "sizeLimit" | "scratch"> {
  const type = at(item, "type");
  if (type.value === UNKNOWN) return { sizeLimit: unknown(type.path), scratch: true };
  const isTmpfs = type.value === "tmpfs";
  const size = field(at(item, "tmpfsOptions", "sizeBytes"), "a number", (value) => (typeof value === "number" ? value : undefined));
  return isTmpfs ? { sizeLimit: size, scratch: true } : { sizeLimit: unset(item.path), scratch: false };
}

const swarmInterfaces = "a Swarm service publishes its ports on every interface, and has no input for one";

/** Ports of a service are published everywhere or not at all; what is not published needs no interface. */
export function swarmPublishedOn(ports: Node): Field<readonly string[]> {
  const { items, unknown: open } = members(ports);
  if (open) return unknown(ports.path);
  return items.length === 0 ? known([], ports.path) : unsupported(ports.path, swarmInterfaces);
}

/** Ports that each node's own interface takes for the task that runs there (`publishMode: host`). */
export function hostPublished(ports: Node): Field<readonly number[]> {
  const list = listField(ports, (port) => {
    const mode = stringField(at(node(port), "publishMode"));
    if (port === UNKNOWN || mode.state === "unknown") return undefined;
    if (knownValue(mode) !== "host") return 0;
    const published = at(node(port), "publishedPort");
    return isUnset(published) ? 0 : knownValue(numberField(published));
  });
  return removing(list, () => members(ports).items.map((port) => at(port, "publishMode")).filter(({ value }) => value === "host"));
}

/** A task with no network of the program's, nor that of ports in the ingress mode, is on its node's default bridge (moby, executor/container/container.go). */
export function swarmBridge(networks: Node, ports: Node): Field<boolean> {
  const attached = members(networks);
  const published = members(ports);
  const modes = published.items.map((port) => stringField(at(port, "publishMode")));
  if (attached.items.length > 0 || modes.some((mode) => mode.state !== "unknown" && knownValue(mode) !== "host")) return known(false, networks.path);
  if (attached.unknown) return unknown(networks.path);
  return published.unknown || modes.some((mode) => mode.state === "unknown") ? unknown(ports.path) : known(true, networks.path);
}

const passwordOption = /^(pass|passwd|password2?)$/i;

/** Options of a volume's driver that carry a credential, among them those within `o` (mount.cifs, mount.nfs). By name only. */
export function driverCredentials(options: Node): Field<readonly string[]> {
  const own = literalMap(options);
  const flags = stringField(at(options, "o"));
  if (own.state !== "value" || flags.state !== "value") return own;
  const inside = flags.value.split(",").filter((flag) => passwordOption.test(flag.split("=", 1)[0]?.trim() ?? "") && flag.includes("=")).map((flag) => `o (${flag.split("=", 1)[0]?.trim() ?? ""})`);
  return { ...own, value: [...own.value, ...inside] };
}
