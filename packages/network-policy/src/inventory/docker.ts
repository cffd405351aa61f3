import { UNKNOWN } from "@bulkhead/core";
import type { ContainerPort, DockerContainer, DockerNetwork } from "../model/cluster";
import type { Draft } from "./draft";
import { protocolOf } from "./kubernetes";
import { below, fields, integer, list, text } from "./place";

type Attached = DockerContainer["networks"][number];
type Published = DockerContainer["published"][number];

const iccOption = "com.docker.network.bridge.enable_icc";

/** Where a container is attached that names no network of its own. */
function ofMode(mode: string | undefined): { readonly networks: readonly Attached[]; readonly sharesWith?: string } {
  if (mode?.startsWith("container:") === true) return { networks: [], sharesWith: mode.slice("container:".length) };
  return { networks: [{ network: mode === undefined || mode === "default" ? "bridge" : mode, aliases: [] }] };
}

/** The inputs of docker:index/container:Container. Its ports are all published. */
export function readContainerInputs(inputs: unknown, name: string, from: string, draft: Draft): void {
  const own = text(below(inputs, "name")) ?? name;
  const given = below(inputs, "networksAdvanced");
  if (given === UNKNOWN || below(inputs, "networkMode") === UNKNOWN) draft.gaps.push({ from, reason: `container ${own}: its networks are not known yet` });
  const attached = list(given).flatMap((entry): readonly Attached[] => {
    const network = text(below(entry, "name"));
    if (network === undefined) {
      draft.gaps.push({ from, reason: `container ${own}: the name of one of its networks is not known yet` });
      return [];
    }
    const ip = text(below(entry, "ipv4Address"));
    return [{ network, ...(ip === undefined ? {} : { ip }), aliases: list(below(entry, "aliases")).flatMap((alias) => text(alias) ?? []) }];
  });
  const published = list(below(inputs, "ports")).flatMap((entry): readonly Published[] => {
    const port = integer(below(entry, "internal"));
    return port === undefined ? [] : [{ hostIp: text(below(entry, "ip")) ?? "0.0.0.0", hostPort: integer(below(entry, "external")) ?? 0, port, protocol: protocolOf(below(entry, "protocol")) }];
  });
  draft.containers.push({ name: own, ...(list(given).length > 0 ? { networks: attached } : ofMode(text(below(inputs, "networkMode")))), ports: published.map(({ port, protocol }) => ({ port, protocol })), published, from });
}

/** The inputs of docker:index/network:Network. */
export function readNetworkInputs(inputs: unknown, name: string, from: string, draft: Draft): void {
  if ([below(inputs, "name"), below(inputs, "internal"), below(inputs, "options", iccOption)].includes(UNKNOWN)) draft.gaps.push({ from, reason: `network ${name}: its settings are not all known yet` });
  draft.networks.push(networkOf(text(below(inputs, "name")) ?? name, below(inputs, "driver"), below(inputs, "internal"), below(inputs, "options")));
}

export function networkOf(name: string, driver: unknown, internal: unknown, options: unknown): DockerNetwork {
  return { name, driver: text(driver) ?? "bridge", internal: internal === true, interContainer: String(below(options, iccOption) ?? "true") !== "false" };
}

/** Whether an entry is of `docker inspect` or `docker network inspect`. */
export function isInspected(entry: unknown): boolean {
  const { Id, Name, Driver, IPAM, Config, HostConfig, NetworkSettings } = fields(entry);
  return typeof Id === "string" && typeof Name === "string" && ((Driver !== undefined && IPAM !== undefined) || (Config !== undefined && (HostConfig !== undefined || NetworkSettings !== undefined)));
}

export function readInspected(entry: unknown, from: string, draft: Draft): void {
  if (below(entry, "IPAM") !== undefined) inspectedNetwork(entry, from, draft);
  else inspectedContainer(entry, from, draft);
}

/** A network lists the containers that run on it: their names and addresses, and no more. */
function inspectedNetwork(entry: unknown, from: string, draft: Draft): void {
  const network = text(below(entry, "Name")) ?? "";
  draft.networks.push(networkOf(network, below(entry, "Driver"), below(entry, "Internal"), below(entry, "Options")));
  for (const member of Object.values(fields(below(entry, "Containers")))) {
    const [name, ip] = [text(below(member, "Name")), text(below(member, "IPv4Address")) ?? text(below(member, "IPv6Address"))];
    const address = ip?.split("/", 1)[0];
    if (name !== undefined) draft.containers.push({ name, networks: [{ network, ...(address === undefined ? {} : { ip: address }), aliases: [] }], ports: [], published: [], from });
  }
}

function inspectedContainer(entry: unknown, from: string, draft: Draft): void {
  const name = (text(below(entry, "Name")) ?? "").replace(/^\//, "");
  const id = text(below(entry, "Id")) ?? "";
  const service = text(below(entry, "Config", "Labels", "com.docker.compose.service"));
  const networks = Object.entries(fields(below(entry, "NetworkSettings", "Networks"))).map(([network, settings]): Attached => {
    const ip = text(below(settings, "IPAddress")) ?? text(below(settings, "GlobalIPv6Address"));
    return { network, ...(ip === undefined ? {} : { ip }), aliases: list(below(settings, "Aliases")).flatMap((alias) => text(alias) ?? []).filter((alias) => !id.startsWith(alias)) };
  });
  const bindings = { ...fields(below(entry, "HostConfig", "PortBindings")), ...fields(below(entry, "NetworkSettings", "Ports")) };
  const published = Object.entries(bindings).flatMap(([key, hosts]) => list(hosts).flatMap((host): readonly Published[] => {
    const port = portOf(key);
    return port === undefined ? [] : [{ ...port, hostIp: text(below(host, "HostIp")) ?? "0.0.0.0", hostPort: integer(below(host, "HostPort")) ?? 0 }];
  }));
  const ports = [...Object.keys(fields(below(entry, "Config", "ExposedPorts"))), ...Object.keys(bindings)].flatMap((key) => portOf(key) ?? []);
  const shares = ofMode(text(below(entry, "HostConfig", "NetworkMode"))).sharesWith;
  draft.containers.push({ name, ...(service === undefined ? {} : { service }), ...(shares === undefined ? { networks } : { networks: [], sharesWith: shares }), ports: uniquePorts(ports), published, from });
}

/** `8080/tcp`. */
function portOf(key: string): ContainerPort | undefined {
  const [port = "", protocol] = key.split("/");
  const number = integer(port);
  return number === undefined ? undefined : { port: number, protocol: protocolOf(protocol) };
}

export function uniquePorts(ports: readonly ContainerPort[]): readonly ContainerPort[] {
  return [...new Map(ports.map((port) => [`${port.protocol} ${port.port}`, port])).values()];
}
