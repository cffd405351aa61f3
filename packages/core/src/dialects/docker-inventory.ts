import type { Field } from "../field";
import { known, knownValue, unknown, unset } from "../field";
import type { Attachment, ContainerNetwork } from "../inventory/members";
import type { Pod, Resource, Subject } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, isUnset, listField, members, node, stringField } from "../node";
import { quoted } from "./common";
import { communicates, mingles } from "./docker-network";
import { publishedOn } from "./docker-resources";
import { mountedStorage, userOf } from "./docker-shared";
import { ownExposures, publishedPorts, runImages } from "./reachable";

/** What of a container's, or a service's, subjects concerns who reaches it; without them nothing is known. */
function reach(root: Node, image: Node, pod: Pod | undefined, subjects: readonly Subject[]): Pick<Attachment, "images" | "exposures"> {
  if (pod === undefined) return { images: unknown(image.path), exposures: unknown(root.path) };
  return { images: runImages(subjects, image.path), exposures: ownExposures(pod, publishedPorts(pod.publishedOn)) };
}

export function containerAttachment(root: Node, resource: Resource, pod: Pod, image: Subject): Attachment {
  const interfaces = publishedOn(at(root, "ports"), at(root, "publishAllPorts"));
  return {
    about: "attachment", resource, label: quoted(resource), path: root.path,
    containerName: named(root),
    networks: networkNames(at(root, "networksAdvanced"), stringField(at(root, "networkMode"))),
    storage: mountedStorage(at(root, "volumes"), at(root, "mounts")),
    users: userOf(stringField(at(root, "user"))),
    published: interfaces.state === "value" ? publishes(interfaces) : unknown(interfaces.path),
    ...reach(root, at(root, "image"), pod, [image]),
  };
}

export function serviceAttachment(root: Node, resource: Resource, pod?: Pod, subjects: readonly Subject[] = []): Attachment {
  const ports = at(root, "endpointSpec", "ports");
  const spec = at(root, "taskSpec", "containerSpec");
  const { items, unknown: open } = members(ports);
  return {
    about: "attachment", resource, label: quoted(resource), path: root.path,
    containerName: unset(root.path),
    networks: networkNames(at(root, "taskSpec", "networksAdvanceds"), unset(root.path)),
    storage: mountedStorage({ ...spec, value: undefined }, at(spec, "mounts")),
    users: userOf(stringField(at(spec, "user"))),
    published: open ? unknown(ports.path) : known(items.length > 0, ports.path),
    ...reach(root, at(spec, "image"), pod, subjects),
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

function named(root: Node): Field<string> {
  const name = stringField(at(root, "name"));
  return name.state === "value" ? name : unknown(name.path);
}

export function networkMember(root: Node, resource: Resource): ContainerNetwork {
  return { about: "containerNetwork", resource, label: quoted(resource), path: root.path, name: named(root), internal: booleanField(at(root, "internal")), communication: communicates(root, at(root, "options")), mingles: mingles(root, at(root, "options")) };
}
