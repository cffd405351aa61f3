import type { ContainerPort, DockerContainer, DockerNetwork } from "../../model/cluster";
import { isPlainObject, normalIp, type PlainObject, portNumber, protocolOf, textOf } from "../ends";

type Attached = DockerContainer["networks"][number];
type Published = DockerContainer["published"][number];

/** A container as a recording describes it; undefined for anything else. */
export function recordedContainer({ name, service, networks, ports, published }: PlainObject): DockerContainer | undefined {
  const [own, of] = [textOf(name), textOf(service)];
  const [attached, exposed, open] = [listOf(networks, attachedOf), listOf(ports, portOf), listOf(published, publishedOf)];
  if (own === undefined || attached === undefined || exposed === undefined || open === undefined) return undefined;
  return { name: own, ...(of === undefined ? {} : { service: of }), networks: attached, ports: exposed, published: open, from: "recording" };
}

/** A network as a recording describes it; undefined for anything else. */
export function recordedNetwork({ name, driver, internal, interContainer }: PlainObject): DockerNetwork | undefined {
  const [own, kind] = [textOf(name), textOf(driver)];
  if (own === undefined || kind === undefined || typeof internal !== "boolean" || typeof interContainer !== "boolean") return undefined;
  return { name: own, driver: kind, internal, interContainer };
}

/** Undefined where any member is none, as a list without it would say less than there is. */
function listOf<T>(value: unknown, read: (member: PlainObject) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const members = value.flatMap((member: unknown) => (isPlainObject(member) ? (read(member) ?? []) : []));
  return members.length === value.length ? members : undefined;
}

function attachedOf({ network, ip, aliases }: PlainObject): Attached | undefined {
  const [name, address] = [textOf(network), normalIp(textOf(ip) ?? "")];
  if (name === undefined || !Array.isArray(aliases) || (ip !== undefined && address === undefined)) return undefined;
  return { network: name, ...(address === undefined ? {} : { ip: address }), aliases: aliases.flatMap((alias: unknown) => textOf(alias) ?? []) };
}

function portOf({ port, protocol }: PlainObject): ContainerPort | undefined {
  const [number, kind] = [portNumber(port), protocolOf(protocol)];
  return number === undefined || kind === undefined ? undefined : { port: number, protocol: kind };
}

function publishedOf(value: PlainObject): Published | undefined {
  const [inside, hostIp, hostPort] = [portOf(value), textOf(value["hostIp"]) ?? "0.0.0.0", portNumber(value["hostPort"]) ?? 0];
  return inside === undefined ? undefined : { ...inside, hostIp, hostPort };
}
