import type { Field } from "../field";
import { known, mapField, UNKNOWN, unknown, unset, unsupported, knownValue } from "../field";
import { joinExemptions, readExemptions } from "../exemption/read";
import type { Container, Hole, Model, Network, Pod, Resource, SeLinuxOptions, Subject, Volume } from "../model/subject";
import type { Member } from "../inventory/members";
import type { ContainerSettings } from "../model/settings";
import type { Node } from "../node";
import { at, booleanField, isUnreadable, isUnset, listField, members, node, numberField, stringField } from "../node";
import type { Address } from "./common";
import { noContainerSettings, noPodSettings, noVolumeSettings } from "./absent";
import { anyTrue, imageSubject, quoted } from "./common";
import { providerConnections, registryConnection } from "./connection";
import { builder, buildImage, buildIndex, dockerImage, registryImage, remoteImage } from "./docker-images";
import { containerAttachment, networkMember, serviceAttachment } from "./docker-inventory";
import { encryptedOverlay } from "./docker-network";
import { amount, capabilities, isHost, joinedContainer, securityOptions, sysctlNames } from "./docker-options";
import { containerSettings, podSettings, servicePodSettings, serviceSettings, tmpfsVolumes } from "./docker-settings";
import { plugin } from "./docker-plugin";
import { bothNames, cpuLimit, defaultBridge, driverCredentials, hostPublished, literalMap, literalSecrets, mountPropagation, publishedOn, scratch, swarmBridge, swarmPublishedOn, uploadedSecrets } from "./docker-resources";
import { normaliseDockerType } from "./docker-type";

const megabyte = 2 ** 20;
const noPids = "no input of @pulumi/docker says a pids limit; another resource can set it";
const swarm = "a Swarm service has no input for it";

type Reader = (root: Node, resource: Resource) => Pick<Model, "subjects" | "members"> & { readonly holes?: readonly Hole[] };

/** What is read of each type; a type that is listed with no subjects holds nothing that a rule is about. */
const readers: { readonly [type: string]: Reader } = {
  "docker:index/container:Container": container,
  "docker:index/service:Service": service,
  "docker:index/remoteImage:RemoteImage": remoteImage,
  "docker:index/registryImage:RegistryImage": registryImage,
  "docker:index/image:Image": dockerImage,
  "docker:index/buildxBuilder:BuildxBuilder": builder,
  "docker:index/plugin:Plugin": plugin,
  "docker-build:index:Image": buildImage,
  "docker-build:index:Index": buildIndex,
  "pulumi:providers:docker": (root, resource) => ({ subjects: providerConnections(root, resource) }),
  "pulumi:providers:docker-build": (root, resource) => ({ subjects: providerConnections(root, resource) }),
  "docker:index/network:Network": (root, resource) => ({ subjects: [network(root, resource)], members: [networkMember(root, resource)] }),
  "docker:index/volume:Volume": (root, resource) => ({ subjects: [dockerVolume(root, resource)] }),
};
const dockerTypes = /^(docker:index\/|docker-build:index:|pulumi:providers:docker(-build)?$)/;

export function isDockerType(type: string): boolean {
  return dockerTypes.test(normaliseDockerType(type));
}

/** The inputs of a resource of @pulumi/docker or @pulumi/docker-build. */
export function readDocker(inputs: unknown, address: Address & { readonly type: string }): readonly Model[] {
  const root = node(inputs);
  const type = normaliseDockerType(address.type);
  const kind = type.startsWith("pulumi:providers:") ? "Provider" : (type.split(":").at(-1) ?? type);
  const resource: Resource = {
    platform: "docker", kind, name: knownValue(stringField(at(root, "name"))) ?? address.name ?? "(unnamed)",
    ...(address.urn === undefined ? {} : { urn: address.urn }),
  };
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
  const holdsContainers = kind === "Container" || kind === "Service";
  // Labels of a Swarm service are its own, or those of its containers.
  const labelled = joinExemptions([at(root, "labels"), at(root, "taskSpec", "containerSpec", "labels")].map((labels) => readExemptions(labels, resource, quoted(resource))));
  if (read === undefined) return [{ resource, subjects: [], holes: labelled.holes, notExamined: [], exemptions: labelled.exemptions, holdsContainers }];
  const { subjects, holes = [], members: own = [] } = read(root, holdsContainers || kind === "Network" || kind === "Volume" ? resource : { ...resource, name: address.name ?? resource.name });
  return [{ resource, subjects, holes: [...holes, ...labelled.holes], members: own, notExamined: [], exemptions: labelled.exemptions, holdsContainers }];
}

function container(root: Node, resource: Resource): ReturnType<Reader> {
  const label = quoted(resource);
  const options = securityOptions(at(root, "securityOpts"));
  const user = userField(at(root, "user"));
  const base = { resource, label, path: root.path } as const;
  const subject: Container = {
    about: "container", ...base, windows: false, name: resource.name, role: "main",
    privileged: booleanField(at(root, "privileged")),
    ...options,
    ...containerDefaults(root),
    addedCapabilities: capabilities(at(root, "capabilities", "adds")),
    droppedCapabilities: capabilities(at(root, "capabilities", "drops")),
    nonRoot: mapField(user, () => true),
    user,
    readOnlyRootFilesystem: booleanField(at(root, "readOnly")),
    cpuLimit: cpuLimit(root),
    mountPropagation: mountPropagation(at(root, "mounts")),
    devices: listField(at(root, "devices"), (device) => knownValue(stringField(at(node(device), "hostPath")))),
    initProcess: booleanField(at(root, "init")),
    interactive: anyTrue([booleanField(at(root, "stdinOpen")), booleanField(at(root, "tty"))]),
    literalSecrets: bothNames(literalSecrets(at(root, "envs")), uploadedSecrets(at(root, "uploads"))),
    memoryLimit: amount(at(root, "memory"), megabyte),
    pidsLimit: unsupported(root.path, noPids),
    ports: listField(at(root, "ports"), (port) => portOf(port, "internal")),
    ...containerSettings(root, stringField(at(root, "user"))),
  };
  const network = stringField(at(root, "networkMode"));
  const pid = stringField(at(root, "pidMode"));
  const ipc = stringField(at(root, "ipcMode"));
  const pod: Pod = {
    about: "pod", ...base, windows: false, ...podDefaults(root), ...podSettings(root),
    hostNetwork: anyTrue([isHost(network), hostAttachment(at(root, "networksAdvanced"))]),
    hostPid: isHost(pid),
    hostIpc: isHost(ipc),
    sysctls: sysctlNames(at(root, "sysctls")),
    hostUserNamespace: isHost(stringField(at(root, "usernsMode"))),
    hostCgroupNamespace: isHost(stringField(at(root, "cgroupnsMode"))),
    defaultBridge: defaultBridge(network, at(root, "networksAdvanced")),
    publishedOn: publishedOn(at(root, "ports"), at(root, "publishAllPorts")),
    hostAliases: listField(at(root, "hosts"), (host) => knownValue(stringField(at(node(host), "ip")))),
    joinedNetwork: joinedContainer(network), joinedPid: joinedContainer(pid), joinedIpc: joinedContainer(ipc),
  };
  const mounts = mountSubjects(at(root, "mounts"), resource);
  const volumes = volumeSubjects(at(root, "volumes"), resource);
  const tmpfs = tmpfsVolumes(at(root, "tmpfs"), resource);
  const image = imageSubject(resource, `the image of ${label}`, "run", at(root, "image"), resource.name);
  return {
    subjects: [pod, subject, image, ...mounts.subjects, ...volumes.subjects, ...tmpfs.subjects],
    holes: [...mounts.holes, ...volumes.holes, ...tmpfs.holes],
    members: [containerAttachment(root, resource, pod, image), { about: "dockerContainer", ...base, pidsLimit: unset(root.path) }],
  };
}

function service(root: Node, resource: Resource): ReturnType<Reader> {
  const label = quoted(resource);
  const task = at(root, "taskSpec");
  const spec = at(task, "containerSpec");
  const base = { resource, label, path: root.path } as const;
  if (isUnreadable(task) || isUnreadable(spec)) return { subjects: [], holes: [{ about: ["pod", "container", "image", "volume"], resource, label, path: spec.path }], members: serviceMembers(root, resource) };
  const user = userField(at(spec, "user"));
  const subject: Container = {
    about: "container", ...base, windows: false, name: resource.name, role: "main",
    privileged: unset(spec.path),
    noNewPrivileges: unsupported(spec.path, swarm),
    seccompProfile: unsupported(spec.path, swarm),
    appArmorProfile: unset(spec.path),
    seLinux: swarmLabels(at(spec, "privileges", "seLinuxContext")),
    procMount: unset(spec.path),
    ...containerDefaults(root),
    hostPorts: hostPublished(at(root, "endpointSpec", "ports")),
    addedCapabilities: capabilities(at(spec, "capAdds")),
    droppedCapabilities: capabilities(at(spec, "capDrops")),
    nonRoot: mapField(user, () => true),
    user,
    readOnlyRootFilesystem: booleanField(at(spec, "readOnly")),
    cpuLimit: amount(at(task, "resources", "limits", "nanoCpus"), 1e-9),
    mountPropagation: mountPropagation(at(spec, "mounts")),
    devices: unset(spec.path),
    initProcess: booleanField(at(spec, "init")),
    interactive: unset(spec.path),
    literalSecrets: literalMap(at(spec, "env")),
    memoryLimit: amount(at(task, "resources", "limits", "memoryBytes"), 1),
    pidsLimit: unsupported(spec.path, swarm),
    ports: listField(at(root, "endpointSpec", "ports"), (port) => portOf(port, "targetPort")),
    ...serviceSettings(root, stringField(at(spec, "user")), swarm),
  };
  const published = at(root, "endpointSpec", "ports");
  const pod: Pod = {
    about: "pod", ...base, windows: false, ...podDefaults(root), ...servicePodSettings(root, swarm),
    hostNetwork: hostAttachment(at(task, "networksAdvanceds")),
    sysctls: sysctlNames(at(spec, "sysctl")),
    defaultBridge: swarmBridge(at(task, "networksAdvanceds"), published),
    publishedOn: swarmPublishedOn(published),
    hostAliases: listField(at(spec, "hosts"), (host) => knownValue(stringField(at(node(host), "ip")))),
  };
  const mounts = mountSubjects(at(spec, "mounts"), resource);
  const registry = registryConnection(root, resource, [at(root, "auth", "serverAddress")], []);
  const image = imageSubject(resource, `the image of ${label}`, "run", at(spec, "image"), resource.name);
  return { subjects: [pod, subject, image, ...mounts.subjects, registry], holes: mounts.holes, members: serviceMembers(root, resource, pod, image) };
}

export function podDefaults(root: Node): Omit<Pod, "about" | "windows" | "resource" | "label" | "path"> {
  const none = unset<never>(root.path);
  return {
    ...noPodSettings(root.path),
    hostNetwork: none, hostPid: none, hostIpc: none, sharedProcessNamespace: none, automountedToken: none,
    nonRoot: none, user: none, seccompProfile: none, appArmorProfile: none, appArmorAnnotations: none, seLinux: none, hostProcess: none, userNamespace: none, sysctls: none,
    hostUserNamespace: none, hostCgroupNamespace: none, defaultBridge: none, publishedOn: none, hostAliases: none,
    serviceAccount: none, nodeName: none, tolerations: none, namespace: none, joinedNetwork: none, joinedPid: none, joinedIpc: none,
  };
}

/** What only Kubernetes has. */
export function containerDefaults(root: Node): ContainerSettings & Pick<Container, "hostPorts" | "probeHosts" | "hostProcess" | "userNamespace" | "secretVariables"> {
  const none = unset<never>(root.path);
  return { ...noContainerSettings(root.path), secretVariables: none, hostPorts: none, probeHosts: none, hostProcess: none, userNamespace: none };
}

function swarmLabels(context: Node): Field<SeLinuxOptions> {
  const text = (name: string): object => {
    const value = knownValue(stringField(at(context, name)));
    return value === undefined || value === "" ? {} : { [name]: value };
  };
  const off = at(context, "disable");
  if (context.value === UNKNOWN || off.value === UNKNOWN) return unknown(context.path);
  return isUnset(context) ? unset(context.path) : known({ ...text("type"), ...text("user"), ...text("role"), ...(off.value === true ? { disabled: true } : {}) }, context.path);
}

/** An empty user, also with a group, is the image's own, which is root unless the image says otherwise. */
export function userField(place: Node): Field<string> {
  const user = stringField(place);
  return user.state === "value" && /^(:|$)/.test(user.value) ? unset(user.path, user.to) : user;
}

function portOf(member: unknown, key: string): number | undefined {
  return knownValue(numberField(at(node(member), key)));
}

/** Attachment to the network named `host` is the host's network namespace. */
function hostAttachment(list: Node): Field<boolean> {
  const attached = members(list);
  if (attached.unknown) return unknown(list.path);
  const first = attached.items[0];
  if (first === undefined) return unset(list.path);
  const [head, ...rest] = attached.items.map((item) => mapField(stringField(isUnset(at(item, "name")) ? at(item, "id") : at(item, "name")), (name) => name === "host"));
  return head === undefined ? unset(list.path) : anyTrue([head, ...rest]);
}

export type Mounts = { readonly subjects: readonly Subject[]; readonly holes: readonly Hole[] };

function eachMount(list: Node, resource: Resource, read: (item: Node) => Volume): Mounts {
  const { items, unknown: open } = members(list);
  const label = quoted(resource);
  const holes: Hole[] = open ? [{ about: ["volume"], resource, label, path: list.path }] : [];
  const subjects: Subject[] = [];
  for (const item of items) {
    if (isUnreadable(item)) holes.push({ about: ["volume"], resource, label, path: item.path });
    else subjects.push(read(item));
  }
  return { subjects, holes };
}

function mountSubjects(list: Node, resource: Resource): Mounts {
  return eachMount(list, resource, (item) => {
    const type = stringField(at(item, "type"));
    const source = stringField(at(item, "source"));
    const driver = at(item, "volumeOptions", "driverOptions");
    const hostPath = type.state === "unknown" ? unknown<string>(type.path) : knownValue(type) === "bind" || knownValue(type) === "npipe" ? bound(source) : bindDevice(driver);
    return mount(item, resource, hostPath, "target");
  });
}

function volumeSubjects(list: Node, resource: Resource): Mounts {
  return eachMount(list, resource, (item) => mount(item, resource, volumePath(item), "containerPath"));
}

/** The provider takes a volume's name before a path, and one that begins with a slash is a path to Docker. */
function volumePath(item: Node): Field<string> {
  const name = stringField(at(item, "volumeName"));
  return name.state === "value" && name.value.startsWith("/") ? name : stringField(at(item, "hostPath"));
}

function mount(item: Node, resource: Resource, hostPath: Field<string>, targetKey: string): Volume {
  const target = knownValue(stringField(at(item, targetKey))) ?? `#${String(item.path.at(-1))}`;
  return { about: "volume", name: target, resource, label: `mount "${target}" of ${quoted(resource)}`, path: item.path, hostPath, type: unset(item.path), ...noVolumeSettings(item.path), ...scratch(item), mountedAs: stringField(at(item, targetKey)), writable: writable(item), fromContainer: stringField(at(item, "fromContainer")), credentials: driverCredentials(at(item, "volumeOptions", "driverOptions")) };
}

/** A mount is writable unless it says that it is read-only. */
function writable(item: Node): Field<boolean> {
  // Mounts that are taken from another container are what they are there.
  if (!isUnset(at(item, "fromContainer"))) return unset(item.path);
  const readOnly = booleanField(at(item, "readOnly"));
  const to = (wanted: boolean | undefined): ReturnType<Field<boolean>["to"]> => readOnly.to(wanted === undefined ? undefined : !wanted);
  return readOnly.state === "unset" ? known(true, readOnly.path, to) : mapField(readOnly, (value) => !value, to);
}

export function bound(source: Field<string>): Field<string> {
  return source.state === "unset" ? known("", source.path) : source;
}

/** The local driver mounts a path of the host under a volume's name with `o: bind` and a `device`, and a whole disk with a device of /dev. */
export function bindDevice(options: Node): Field<string> {
  const flags = stringField(at(options, "o"));
  if (options.value === UNKNOWN || flags.state === "unknown") return unknown(options.path);
  const device = stringField(at(options, "device"));
  const isBind = flags.state === "value" && flags.value.split(",").some((flag) => flag.trim() === "bind" || flag.trim() === "rbind");
  return isBind || (device.state === "value" && device.value.startsWith("/dev/")) ? device : unset(options.path);
}

function dockerVolume(root: Node, resource: Resource): Volume {
  return { about: "volume", name: resource.name, resource, label: quoted(resource), path: root.path, hostPath: bindDevice(at(root, "driverOpts")), type: unset(root.path), ...noVolumeSettings(root.path), sizeLimit: unset(root.path), scratch: false, credentials: driverCredentials(at(root, "driverOpts")) };
}

function network(root: Node, resource: Resource): Network {
  return { about: "network", resource, label: quoted(resource), path: root.path, hostNetwork: isHost(stringField(at(root, "driver"))), encrypted: encryptedOverlay(at(root, "driver"), at(root, "options")) };
}

function serviceMembers(root: Node, resource: Resource, pod?: Pod, image?: Subject): readonly Member[] {
  const base = { resource, label: quoted(resource), path: root.path } as const;
  return [serviceAttachment(root, resource, pod, image === undefined ? [] : [image]), { about: "dockerContainer", ...base, pidsLimit: unsupported(root.path, swarm) }];
}
