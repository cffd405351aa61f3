import { readExemptions } from "../exemption/read";
import { isObject, mapField, UNKNOWN, unset } from "../field";
import type { About, ComposeService, Container, Hole, Model, Network, Pod, Resource, Subject, Volume } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, isUnset, listField, node, stringField } from "../node";
import { noVolumeSettings } from "./absent";
import { anyTrue, imageSubject, quoted } from "./common";
import { buildOf } from "./compose-build";
import { literalSecrets, mapNames, secretVariables } from "./compose-environment";
import { cpuLimit, limitConflicts, memoryLimit, pidsLimit } from "./compose-limits";
import { devicesOf, mountsOf, propagation } from "./compose-mounts";
import { aliases, defaultBridge, hostNetwork, joined, privilegedHooks, textField, withoutEmpty } from "./compose-options";
import { containerPorts, publishedOn } from "./compose-ports";
import { containerSettings, podSettings } from "./compose-settings";
import { bindDevice, containerDefaults, podDefaults } from "./docker";
import { capabilities, isHost, securityOptions } from "./docker-options";
import { driverCredentials } from "./docker-resources";

const everything: readonly About[] = ["pod", "container", "image", "volume", "build", "composeService", "exemption"];

/**
 * A compose file: merged with what it extends and includes, interpolated, an unset variable UNKNOWN. One model for each
 * service, network and volume. An `extends` or `env_file` that is still there names what could not be read.
 */
export function readCompose(document: unknown): readonly Model[] {
  const root = node(document);
  return [
    ...each(root, "services", "Service", readService), ...each(root, "jobs", "Job", readService),
    ...each(root, "networks", "Network", (place, resource) => model(resource, [network(place, resource)])),
    ...each(root, "volumes", "Volume", (place, resource) => model(resource, [namedVolume(place, resource)])),
  ];
}

function each(root: Node, key: string, kind: string, read: (place: Node, resource: Resource, root: Node) => Model): readonly Model[] {
  const map = at(root, key);
  const named = (name: string): Resource => ({ platform: "compose", kind, name });
  const about: readonly About[] = key === "networks" ? ["network", "exemption"] : key === "volumes" ? ["volume", "exemption"] : everything;
  const open = (place: Node, resource: Resource): Model => ({ ...model(resource, []), holes: [{ about, resource, label: quoted(resource), path: place.path }], holdsContainers: about === everything });
  if (map.value === UNKNOWN) return [open(map, named("(unknown)"))];
  if (!isObject(map.value)) return [];
  return Object.keys(map.value).map((name) => (at(map, name).value === UNKNOWN ? open(at(map, name), named(name)) : labelled(at(map, name), read(at(map, name), named(name), root))));
}

/** Exemptions are labels of what they are for. */
function labelled(place: Node, read: Model): Model {
  const { exemptions, holes } = readExemptions(at(place, "labels"), read.resource, quoted(read.resource));
  return { ...read, holes: [...read.holes, ...holes], exemptions };
}

function model(resource: Resource, subjects: readonly Subject[], holes: readonly Hole[] = []): Model {
  return { resource, subjects, holes, notExamined: [], holdsContainers: false };
}

function readService(place: Node, resource: Resource, root: Node): Model {
  if (!isUnset(at(place, "provider"))) return { ...model(resource, []), notExamined: [{ resource, path: at(place, "provider").path, reason: "a provider runs it, not Compose" }], holdsContainers: true };
  const service: Node = isUnset(at(place, "extends")) ? place : { ...place, partial: "it extends a service that was not read" };
  const mounts = mountsOf(service, resource);
  const build = buildOf(service, resource);
  const image = at(service, "image");
  const built = !isUnset(at(service, "build"));
  const images = isUnset(image) ? [] : [imageSubject(resource, `the image of ${quoted(resource)}`, built ? "build" : "run", image, resource.name)];
  const subjects = [readPod(service, resource, root), readContainer(service, resource), composeService(service, resource), ...images, ...build.subjects, ...mounts.subjects];
  return { ...model(resource, subjects, [...mounts.holes, ...build.holes]), holdsContainers: true };
}

function readContainer(service: Node, resource: Resource): Container {
  const user = withoutEmpty(textField(at(service, "user")));
  return {
    about: "container", resource, label: quoted(resource), path: service.path, windows: false, name: resource.name, role: "main",
    privileged: booleanField(at(service, "privileged")),
    ...securityOptions(at(service, "security_opt")),
    ...containerDefaults(service),
    addedCapabilities: capabilities(at(service, "cap_add")),
    droppedCapabilities: capabilities(at(service, "cap_drop")),
    nonRoot: mapField(user, () => true),
    user,
    readOnlyRootFilesystem: booleanField(at(service, "read_only")),
    memoryLimit: memoryLimit(service),
    cpuLimit: cpuLimit(service),
    pidsLimit: pidsLimit(service),
    mountPropagation: listField(at(service, "volumes"), propagation),
    devices: devicesOf(at(service, "devices")),
    initProcess: booleanField(at(service, "init")),
    interactive: anyTrue([booleanField(at(service, "stdin_open")), booleanField(at(service, "tty"))]),
    literalSecrets: literalSecrets(service),
    secretVariables: secretVariables(service),
    ports: containerPorts(service),
    ...containerSettings(service, user),
  };
}

function readPod(service: Node, resource: Resource, root: Node): Pod {
  const network = stringField(at(service, "network_mode"));
  const pid = stringField(at(service, "pid"));
  const ipc = stringField(at(service, "ipc"));
  return {
    about: "pod", resource, label: quoted(resource), path: service.path, windows: false, ...podDefaults(service), ...podSettings(service),
    hostNetwork: hostNetwork(network, at(service, "networks"), at(root, "networks")),
    hostPid: isHost(pid),
    hostIpc: isHost(ipc),
    sysctls: mapNames(at(service, "sysctls")),
    hostUserNamespace: isHost(stringField(at(service, "userns_mode"))),
    hostCgroupNamespace: isHost(stringField(at(service, "cgroup"))),
    defaultBridge: defaultBridge(network),
    publishedOn: publishedOn(at(service, "ports")),
    hostAliases: aliases(at(service, "extra_hosts")),
    joinedNetwork: joined(network), joinedPid: joined(pid), joinedIpc: joined(ipc),
  };
}

function composeService(service: Node, resource: Resource): ComposeService {
  return {
    about: "composeService", resource, label: quoted(resource), path: service.path,
    limitConflicts: limitConflicts(service),
    privilegedHooks: privilegedHooks(service),
  };
}

function network(place: Node, resource: Resource): Network {
  return { about: "network", resource, label: quoted(resource), path: place.path, hostNetwork: isHost(stringField(at(place, "driver"))) };
}

/** The local driver's `o: bind` with a `device` mounts a path of the host under a volume's name. */
function namedVolume(place: Node, resource: Resource): Volume {
  return { about: "volume", name: resource.name, resource, label: quoted(resource), path: place.path, hostPath: bindDevice(at(place, "driver_opts")), type: unset(place.path), ...noVolumeSettings(place.path), sizeLimit: unset(place.path), scratch: false, credentials: driverCredentials(at(place, "driver_opts")) };
}
