import type { Field } from "../field";
import { isObject, known, knownValue, UNKNOWN, unknown, unset } from "../field";
import type { Attachment, ContainerNetwork } from "../inventory/members";
import type { Resource } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, isUnset, members, stringField } from "../node";
import { collected } from "./collected";
import { quoted } from "./common";
import { communicates, mingles } from "./docker-network";

/** The project's name, or whatever sets its networks apart from those of other projects. */
export function scopeOf(root: Node, address: string | undefined): string {
  return knownValue(stringField(at(root, "name"))) ?? address ?? "";
}

export function attachment(service: Node, resource: Resource, root: Node, scope: string, own: Pick<Attachment, "storage" | "users" | "images" | "exposures">): Attachment {
  const { items, unknown: open } = members(at(service, "ports"));
  return {
    about: "attachment", resource, label: quoted(resource), path: service.path,
    containerName: containerName(service, resource.name, root),
    networks: attachedNetworks(service, root, scope),
    ...own,
    published: open ? unknown(at(service, "ports").path) : known(items.length > 0, at(service, "ports").path),
  };
}

/** A service of which nothing is known may be on any network. */
export function unknownAttachment({ path }: Node, resource: Resource): Attachment {
  return { about: "attachment", resource, label: quoted(resource), path, containerName: unknown(path), networks: unknown(path), published: unknown(path), storage: unknown(path), users: unknown(path), images: unknown(path), exposures: unknown(path) };
}

/** `project-service-1`; the project is called as its folder is, where it has no name. */
function containerName(service: Node, key: string, root: Node): Field<string> {
  const [own, project] = [stringField(at(service, "container_name")), stringField(at(root, "name"))];
  if (own.state !== "unset") return own.state === "value" ? own : unknown(own.path);
  return known(`${knownValue(project) ?? "*"}-${key}-*`, service.path);
}

/** Without networks and without a mode a service is on the network that the project has by default. */
function attachedNetworks(service: Node, root: Node, scope: string): Field<readonly string[]> {
  const list = at(service, "networks");
  const mode = at(service, "network_mode");
  if (mode.value === UNKNOWN) return unknown(mode.path);
  if (!isUnset(mode)) return unset(list.path);
  if (list.value === UNKNOWN) return unknown(list.path);
  const { items, unknown: open } = members(list);
  if (open && !isObject(list.value)) return unknown(list.path, "is neither a list nor an object");
  const given = isObject(list.value) ? Object.keys(list.value) : items.map(({ value }) => value);
  const keys = given.length > 0 ? given : ["default"];
  const names = keys.map((key) => (typeof key === "string" ? nameOf(at(root, "networks", key), key, scope) : undefined));
  return collected(names.filter((name) => name !== undefined), list, names.includes(undefined) ? list : undefined);
}

export function unknownNetwork({ path }: Node, resource: Resource): ContainerNetwork {
  return { about: "containerNetwork", resource, label: quoted(resource), path, name: unknown(path), internal: unknown(path), communication: unknown(path), mingles: unknown(path) };
}

/** An external network is made elsewhere. */
export function networkMembers(place: Node, resource: Resource, scope: string): readonly ContainerNetwork[] {
  if (at(place, "external").value === UNKNOWN) return [unknownNetwork(place, resource)];
  if (isExternal(place)) return [];
  const name = nameOf(place, resource.name, scope);
  return [{ about: "containerNetwork", resource, label: quoted(resource), path: place.path, name: name === undefined ? unknown(at(place, "name").path) : known(name, place.path), internal: booleanField(at(place, "internal")), communication: communicates(place, at(place, "driver_opts")), mingles: mingles(place, at(place, "driver_opts")) }];
}

/** Whether a service uses the default network, and nobody declares it. */
export function usesDefaultNetwork(root: Node): boolean {
  const services = at(root, "services");
  if (!isObject(services.value) || !isUnset(at(root, "networks", "default"))) return false;
  return Object.keys(services.value).some((name) => isUnset(at(services, name, "networks")) && isUnset(at(services, name, "network_mode")) && at(services, name).value !== UNKNOWN);
}

/** The older `external: { name }`. */
export function externalName(network: Node): Node | undefined {
  const external = at(network, "external");
  return isObject(external.value) ? at(external, "name") : undefined;
}

export function isExternal(network: Node): boolean {
  const external = at(network, "external");
  return external.value === true || external.value === "true" || isObject(external.value);
}

/** What Docker calls it: a name of its own, or the key with the project's name before it. */
export function nameOf(network: Node, key: string, scope: string): string | undefined {
  if (network.value === UNKNOWN) return undefined;
  const external = isExternal(network);
  const named = [externalName(network), at(network, "name")].find((place) => place !== undefined && !isUnset(place));
  if (named !== undefined) return knownValue(stringField(named));
  return external ? key : `${scope}_${key}`;
}
