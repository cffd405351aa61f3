import { isObject, UNKNOWN } from "@bulkhead/core";
import type { ContainerPort, DockerContainer } from "../model/cluster";
import { networkOf, uniquePorts } from "./docker";
import type { Draft } from "./draft";
import { protocolOf } from "./kubernetes";
import { below, fields, list, text } from "./place";

type Attached = DockerContainer["networks"][number];
type Published = DockerContainer["published"][number];

/** The services and networks of a compose file, as its loader has merged it. Without a project's name, services go by their own. */
export function readCompose(root: unknown, from: string, draft: Draft): void {
  const project = text(below(root, "name"));
  const declared = fields(below(root, "networks"));
  const networkName = (key: string): string => text(below(declared, key, "name")) ?? text(below(declared, key, "external", "name")) ?? (isExternal(below(declared, key)) || project === undefined ? key : `${project}_${key}`);
  const services = fields(below(root, "services"));
  const nameOf = (key: string): string => text(below(services, key, "container_name")) ?? (project === undefined ? key : `${project}-${key}-1`);
  for (const [key, network] of Object.entries(declared)) if (!isExternal(network)) draft.networks.push(networkOf(networkName(key), below(network, "driver"), below(network, "internal"), below(network, "driver_opts")));
  for (const [key, service] of Object.entries(services)) {
    if (!isObject(service)) {
      draft.gaps.push({ from, reason: `service ${key}: nothing is known of it yet` });
      continue;
    }
    const mode = below(service, "network_mode");
    if (mode === UNKNOWN || below(service, "networks") === UNKNOWN) draft.gaps.push({ from, reason: `service ${key}: its networks are not known` });
    const { ports, published, isWhole } = portsOf(service);
    if (!isWhole) draft.gaps.push({ from, reason: `service ${key}: not all of its ports can be read` });
    draft.containers.push({ name: nameOf(key), service: key, ...networksOf(service, key, text(mode), networkName, nameOf), ports, published, from });
  }
  if (declared["default"] === undefined && Object.values(services).some((service) => isObject(service) && !hasOwnNetwork(service))) draft.networks.push(networkOf(networkName("default"), "bridge", false, undefined));
}

function hasOwnNetwork(service: unknown): boolean {
  return text(below(service, "network_mode")) !== undefined || list(below(service, "networks")).length > 0 || Object.keys(fields(below(service, "networks"))).length > 0;
}

function networksOf(service: unknown, key: string, mode: string | undefined, networkName: (key: string) => string, nameOf: (key: string) => string): { readonly networks: readonly Attached[]; readonly sharesWith?: string } {
  if (mode?.startsWith("service:") === true) return { networks: [], sharesWith: nameOf(mode.slice("service:".length)) };
  if (mode?.startsWith("container:") === true) return { networks: [], sharesWith: mode.slice("container:".length) };
  if (mode !== undefined) return { networks: [{ network: mode === "default" ? "bridge" : mode, aliases: [] }] };
  const given = below(service, "networks");
  const settings: { readonly [network: string]: unknown } = Array.isArray(given) ? Object.fromEntries(list(given).flatMap((name) => (typeof name === "string" ? [[name, {}]] : []))) : fields(given);
  const entries = Object.entries(settings);
  return {
    networks: (entries.length === 0 ? [["default", {}] as const] : entries).map(([network, own]) => {
      const ip = text(below(own, "ipv4_address")) ?? text(below(own, "ipv6_address"));
      return { network: networkName(network), ...(ip === undefined ? {} : { ip }), aliases: [...new Set([key, text(below(service, "hostname")) ?? key, ...list(below(own, "aliases")).flatMap((alias) => text(alias) ?? [])])] };
    }),
  };
}

function isExternal(network: unknown): boolean {
  const external = below(network, "external");
  return external === true || external === "true" || isObject(external);
}

/** `[[ip:]host:]container[/protocol]`, or the same by keys; ranges of ports port by port. */
function portsOf(service: unknown): { readonly ports: readonly ContainerPort[]; readonly published: readonly Published[]; readonly isWhole: boolean } {
  const published: Published[] = [];
  let isWhole = below(service, "ports") !== UNKNOWN && below(service, "expose") !== UNKNOWN;
  for (const entry of list(below(service, "ports"))) {
    const short = typeof entry === "string" || typeof entry === "number" ? parseShort(String(entry)) : longForm(entry);
    if (short === undefined) isWhole = false;
    else published.push(...short);
  }
  const exposed = list(below(service, "expose")).flatMap((entry): readonly ContainerPort[] => {
    const [port, protocol] = String(entry).split("/");
    const range = rangeOf(port);
    if (range === undefined) isWhole = false;
    return (range ?? []).map((number) => ({ port: number, protocol: protocolOf(protocol) }));
  });
  return { ports: uniquePorts([...published.map(({ port, protocol }) => ({ port, protocol })), ...exposed]), published, isWhole };
}

function longForm(entry: unknown): readonly Published[] | undefined {
  const targets = rangeOf(below(entry, "target"));
  const host = rangeOf(below(entry, "published")) ?? [];
  return targets?.map((port, index) => ({ hostIp: text(below(entry, "host_ip")) ?? "0.0.0.0", hostPort: host[index] ?? host[0] ?? 0, port, protocol: protocolOf(below(entry, "protocol")) }));
}

function parseShort(entry: string): readonly Published[] | undefined {
  const [address = "", protocol] = entry.split("/");
  const parts = address.split(":");
  const targets = rangeOf(parts.at(-1));
  const host = parts.length > 1 && parts.at(-2) !== "" ? rangeOf(parts.at(-2)) : [];
  const ip = parts.slice(0, -2).join(":").replace(/^\[|\]$/g, "");
  if (targets === undefined || host === undefined) return undefined;
  return targets.map((port, index) => ({ hostIp: ip === "" ? "0.0.0.0" : ip, hostPort: host.length === targets.length ? (host[index] ?? 0) : (host[0] ?? 0), port, protocol: protocolOf(protocol) }));
}

function rangeOf(value: unknown): readonly number[] | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? [value] : undefined;
  const match = typeof value === "string" ? /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) : null;
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Math.min(Number(match[2] ?? match[1]), 65_535)];
  return first > last ? undefined : Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
