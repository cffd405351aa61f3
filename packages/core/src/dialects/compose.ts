import { built } from "../evidence/built";
import { joinExemptions, readExemptions } from "../exemption/read";
import { isObject, mapField, unset } from "../field";
import type { About, ComposeService, Container, Model, Network, Pod, Resource, Volume } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, isUnreadable, isUnset, node, stringField } from "../node";
import { noVolumeSettings } from "./absent";
import type { Address, FolderOf } from "./common";
import { anyTrue, imageSubject, quoted } from "./common";
import { buildOf } from "./compose-build";
import { literalSecrets, secretVariables } from "./compose-environment";
import { attachment, networkMembers, scopeOf, unknownAttachment, unknownNetwork, usesDefaultNetwork } from "./compose-inventory";
import { cpuLimit, limitConflicts, memoryLimit, pidsLimit } from "./compose-limits";
import { hostPathOf, mountedFiles } from "./compose-files";
import { devicesOf, mountsOf, propagations } from "./compose-mounts";
import { aliases, defaultBridge, hostNetwork, joined, privilegedHooks, sysctls, textField, withoutEmpty } from "./compose-options";
import { containerPorts, hostPorts, publishedOn } from "./compose-ports";
import { containerSettings, podSettings } from "./compose-settings";
import { serviceStorage } from "./compose-shared";
import { bindDevice, containerDefaults, podDefaults } from "./docker";
import { encryptedOverlay } from "./docker-network";
import { capabilities, isHost, securityOptions } from "./docker-options";
import { driverCredentials } from "./docker-resources";
import { userOf } from "./docker-shared";
import { ownExposures, publishedPorts, runImages } from "./reachable";

const everything: readonly About[] = ["pod", "container", "image", "volume", "build", "composeService", "exemption"];

interface Project {
  readonly root: Node;
  readonly scope: string;
  readonly folderOf: FolderOf;
}
type Read = (place: Node, resource: Resource, project: Project) => Partial<Model>;

/**
 * A compose file: merged with what it extends and includes, interpolated, an unset variable UNKNOWN. One model for each
 * service, network and volume. An `extends` or `env_file` that is still there names what could not be read. The name of
 * `address` sets the project apart from others that are judged with it, where it has no name of its own.
 */
export function readCompose(document: unknown, { name, folderOf = () => undefined }: Address = {}): readonly Model[] {
  const root = node(document);
  const project = { root, scope: scopeOf(root, name), folderOf };
  return [
    ...each(project, "services", "Service", everything, service), ...each(project, "jobs", "Job", everything, service),
    ...each(project, "networks", "Network", ["network", "exemption"], network), ...defaultNetwork(project),
    ...each(project, "volumes", "Volume", ["volume", "exemption"], (place, resource, { folderOf }) => ({ subjects: [namedVolume(place, resource, folderOf)] })),
  ];
}

function each(project: Project, key: string, kind: string, about: readonly About[], read: Read): readonly Model[] {
  const map = at(project.root, key);
  const holdsContainers = about === everything;
  const named = (name: string): Resource => ({ platform: "compose", kind, name });
  const open = (place: Node, resource: Resource): Model => ({
    resource, subjects: [], holes: [{ about, resource, label: quoted(resource), path: place.path }], notExamined: [], holdsContainers,
    members: holdsContainers ? [unknownAttachment(place, resource)] : kind === "Network" ? [unknownNetwork(place, resource)] : [],
  });
  const one = (place: Node, resource: Resource): Model => {
    if (isUnreadable(place)) return open(place, resource);
    // Those under deploy are the service's on a platform that has services, not its containers' (deploy.md of the Compose specification): here they are all the same.
    const { exemptions, holes: unread } = joinExemptions([at(place, "labels"), at(place, "deploy", "labels")].map((labels) => readExemptions(labels, resource, quoted(resource))));
    const holes = [...unread];
    if (!isUnset(at(place, "label_file"))) holes.push({ about: ["exemption"], resource, label: quoted(resource), path: at(place, "label_file").path, reason: "names labels that are not known here" });
    const model = read(place, resource, project);
    return { resource, subjects: [], notExamined: [], holdsContainers, exemptions, ...model, holes: [...(model.holes ?? []), ...holes] };
  };
  if (isUnreadable(map)) return [open(map, named("(unknown)"))];
  return isObject(map.value) ? Object.keys(map.value).map((name) => one(at(map, name), named(name))) : [];
}

function service(place: Node, resource: Resource, { root, scope, folderOf }: Project): Partial<Model> {
  const unread = [["provider", "a provider runs it, not Compose"], ["extends", "it extends a service that is not read here: judge what `docker compose config` prints"]] as const;
  const reasons = unread.filter(([key]) => !isUnset(at(place, key))).map(([key, reason]) => ({ resource, path: at(place, key).path, reason }));
  if (reasons.length > 0) return { notExamined: reasons.slice(0, 1), members: [unknownAttachment(place, resource)] };
  const mounts = mountsOf(place, resource, folderOf);
  const files = [...mountedFiles("secrets", place, resource, root, folderOf), ...mountedFiles("configs", place, resource, root, folderOf)];
  const build = buildOf(place, resource);
  const image = at(place, "image");
  const images = isUnset(image) ? [] : [imageSubject(resource, `the image of ${quoted(resource)}`, isUnset(at(place, "build")) ? "run" : "build", image, resource.name)];
  const pod = readPod(place, resource, root);
  const reach = { images: runImages(images, image.path, isUnset(at(place, "build")) ? false : built), exposures: ownExposures(pod, publishedPorts(pod.publishedOn)) };
  return {
    subjects: [pod, readContainer(place, resource, root), composeService(place, resource), ...images, ...build.subjects, ...mounts.subjects, ...files],
    holes: [...mounts.holes, ...build.holes],
    members: [attachment(place, resource, root, scope, { storage: serviceStorage(place, root, scope, folderOf), users: userOf(textField(at(place, "user"))), ...reach })],
  };
}

/** Each project has one, declared or not, as soon as a service is on it. */
function defaultNetwork({ root, scope }: Project): readonly Model[] {
  if (!usesDefaultNetwork(root)) return [];
  const resource: Resource = { platform: "compose", kind: "Network", name: "default" };
  return [{ resource, subjects: [], holes: [], notExamined: [], holdsContainers: false, members: networkMembers(at(root, "networks", "default"), resource, scope) }];
}

function readContainer(service: Node, resource: Resource, root: Node): Container {
  const user = withoutEmpty(textField(at(service, "user")));
  return {
    about: "container", resource, label: quoted(resource), path: service.path, windows: false, name: resource.name, role: "main",
    privileged: booleanField(at(service, "privileged")),
    ...securityOptions(at(service, "security_opt")),
    ...containerDefaults(service),
    hostPorts: hostPorts(at(service, "ports")),
    addedCapabilities: capabilities(at(service, "cap_add")),
    droppedCapabilities: capabilities(at(service, "cap_drop")),
    nonRoot: mapField(user, () => true),
    user,
    readOnlyRootFilesystem: booleanField(at(service, "read_only")),
    memoryLimit: memoryLimit(service),
    cpuLimit: cpuLimit(service),
    pidsLimit: pidsLimit(service),
    mountPropagation: propagations(at(service, "volumes")),
    devices: devicesOf(at(service, "devices")),
    initProcess: booleanField(at(service, "init")),
    interactive: anyTrue([booleanField(at(service, "stdin_open")), booleanField(at(service, "tty"))]),
    literalSecrets: literalSecrets(service, root),
    secretVariables: secretVariables(service),
    ports: containerPorts(service),
    ...containerSettings(service, textField(at(service, "user"))),
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
    sysctls: sysctls(at(service, "sysctls")),
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

function network(place: Node, resource: Resource, { scope }: Project): Partial<Model> {
  const subject: Network = { about: "network", resource, label: quoted(resource), path: place.path, hostNetwork: isHost(stringField(at(place, "driver"))), encrypted: encryptedOverlay(at(place, "driver"), at(place, "driver_opts")) };
  return { subjects: [subject], members: networkMembers(place, resource, scope) };
}

/** The local driver's `o: bind` with a `device` mounts a path of the host under a volume's name. */
function namedVolume(place: Node, resource: Resource, folderOf: FolderOf): Volume {
  return { about: "volume", name: resource.name, resource, label: quoted(resource), path: place.path, type: unset(place.path), ...noVolumeSettings(place.path), ...hostPathOf(bindDevice(at(place, "driver_opts")), folderOf), sizeLimit: unset(place.path), scratch: false, credentials: driverCredentials(at(place, "driver_opts")) };
}
