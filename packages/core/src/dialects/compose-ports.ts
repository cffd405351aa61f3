import type { Field } from "../field";
import { isObject, knownValue, UNKNOWN } from "../field";
import type { Node } from "../node";
import { at, isUnset, members, node, removing, stringField } from "../node";
import { collected } from "./collected";

type Range = readonly [first: number, last: number];

/** One entry of `ports`: the interface it is published on, the ports inside of the container and those of the host. */
interface Port {
  readonly ip: string | undefined;
  readonly targets: Range | undefined;
  readonly published: Range | undefined;
}

/** `[[ip:]host:]container[/protocol]`, each port a number or a range; an IPv6 address may stand in brackets. */
function parseShort(text: string): Port {
  const [address = ""] = text.split("/", 1);
  const parts = address.split(":");
  const ip = parts.slice(0, -2).join(":").replace(/^\[|\]$/g, "");
  return { ip: ip === "" ? "0.0.0.0" : ip, targets: range(parts.at(-1)), published: parts.length > 1 && parts.at(-2) !== "" ? range(parts.at(-2)) : free };
}

/** No port of its own: one that is free. */
const free: Range = [0, 0];

function range(value: unknown): Range | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? [value, value] : undefined;
  const match = typeof value === "string" ? /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) : null;
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Math.min(Number(match[2] ?? match[1]), 65_535)];
  return first > last ? undefined : [first, last];
}

/** Each port once, in order: many ranges may hold the same ones. */
function portsIn(ranges: readonly Range[]): readonly number[] {
  const ports: number[] = [];
  let next = Number.NEGATIVE_INFINITY;
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    for (let port = Math.max(first, next); port <= last; port++) ports.push(port);
    next = Math.max(next, last + 1);
  }
  return ports;
}

function portOf(item: Node): Port {
  const { value } = item;
  if (typeof value === "number") return { ip: "0.0.0.0", targets: range(value), published: free };
  if (typeof value === "string") return parseShort(value);
  if (!isObject(value)) return { ip: undefined, targets: undefined, published: undefined };
  const ip = value["host_ip"];
  return { ip: ip === undefined || ip === null ? "0.0.0.0" : knownValue(stringField(node(ip))), targets: range(value["target"]), published: isUnset(at(item, "published")) ? free : range(value["published"]) };
}

/** Every entry is published, also one without a port of the host: that gets one that is free. */
export function publishedOn(ports: Node): Field<readonly string[]> {
  const { items, unknown: open } = members(ports);
  const ips = items.map((item) => portOf(item).ip);
  const values = ips.filter((ip) => ip !== undefined);
  return collected(values, ports, open || values.length < ips.length ? ports : undefined);
}

/** Ports inside of the container, published or only exposed. */
export function containerPorts(service: Node): Field<readonly number[]> {
  const lists = [at(service, "ports"), at(service, "expose")].map((list) => ({ list, ...members(list) }));
  const targets = lists.flatMap(({ list, items }, index) => items.map((item) => (index === 0 ? portOf(item).targets : item.value === UNKNOWN ? undefined : range(typeof item.value === "string" ? item.value.split("/", 1)[0] : item.value)) ?? list));
  const values = targets.filter((target): target is Range => Array.isArray(target));
  const open = lists.find(({ list, unknown: all }) => all || targets.includes(list))?.list;
  return collected(portsIn(values), at(service, "ports"), open);
}

/** Ports of the host; 0 for one that is free. */
export function publishedPorts(ports: Node): Field<readonly number[]> {
  const { items, unknown: open } = members(ports);
  const found = items.map((item) => portOf(item).published);
  const values = found.filter((numbers) => numbers !== undefined);
  return collected(portsIn(values), ports, open || found.includes(undefined) ? ports : undefined);
}

/** Ports that each machine of a Swarm takes for the service itself (`mode: host`), past the balancing of its own; Compose on one machine does so with all. */
export function hostPorts(ports: Node): Field<readonly number[]> {
  const { items, unknown: open } = members(ports);
  const modes = items.filter(({ value }) => isObject(value)).map((item) => at(item, "mode"));
  const taken = items.filter(({ value }) => isObject(value) && value["mode"] === "host");
  const numbers = taken.map((item) => portOf(item).published);
  const unsaid = open ? ports : [...items, ...modes].find(({ value }) => value === UNKNOWN) ?? taken.find((_, index) => numbers[index] === undefined);
  return removing(collected(portsIn(numbers.filter((range) => range !== undefined)), ports, unsaid), () => taken.map((item) => at(item, "mode")));
}
