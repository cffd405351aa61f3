import type { Field } from "../field";
import { known, knownValue, unknown, unset } from "../field";
import type { Attachment, ContainerNetwork } from "../inventory/members";
import type { Resource } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, isUnset, listField, members, node, stringField } from "../node";
import { quoted } from "./common";
import { publishedOn } from "./docker-resources";
import { mountedStorage, userOf } from "./docker-shared";

export function containerAttachment(root: Node, resource: Resource): Attachment {
  const interfaces = publishedOn(at(root, "ports"), at(root, "publishAllPorts"));
  return {
    about: "attachment", resource, label: quoted(resource), path: root.path,
    networks: networkNames(at(root, "networksAdvanced"), stringField(at(root, "networkMode"))),
    storage: mountedStorage(at(root, "volumes"), at(root, "mounts")),
    users: userOf(stringField(at(root, "user"))),
    published: interfaces.state === "value" ? publishes(interfaces) : unknown(interfaces.path),
  };
}

export function serviceAttachment(root: Node, resource: Resource): Attachment {
  const ports = at(root, "endpointSpec", "ports");
  const spec = at(root, "taskSpec", "containerSpec");
  const { items, unknown: open } = members(ports);
  return {
    about: "attachment", resource, label: quoted(resource), path: root.path,
    networks: networkNames(at(root, "taskSpec", "networksAdvanceds"), unset(root.path)),
    storage: mountedStorage({ ...spec, value: undefined }, at(spec, "mounts")),
    users: userOf(stringField(at(spec, "user"))),
    published: open ? unknown(ports.path) : known(items.length > 0, ports.path),
  };
}

function publishes({ value, partial, path }: Extract<Field<readonly string[]>, { state: "value" }>): Field<boolean> {
  return value.length === 0 && partial === true ? unknown(path) : known(value.length > 0, path);
}

/** Networks by name; unset where the container has the daemon's own, another container's or no network. */
function networkNames(list: Node, mode: Field<string>): Field<readonly string[]> {
  if (!isUnset(list) && !(Array.isArray(list.value) && list.value.length === 0)) return listField(list, (item) => knownValue(stringField(at(node(item), "name"))));
  if (mode.state === "unknown") return unknown(mode.path);
  const name = knownValue(mode) ?? "";
  return name === "" || /^(bridge|default|host|none|container:.*)$/.test(name) ? unset(list.path) : known([name], mode.path);
}

export function networkMember(root: Node, resource: Resource): ContainerNetwork {
  const name = stringField(at(root, "name"));
  return { about: "containerNetwork", resource, label: quoted(resource), path: root.path, name: name.state === "value" ? name : unknown(name.path), internal: booleanField(at(root, "internal")) };
}
