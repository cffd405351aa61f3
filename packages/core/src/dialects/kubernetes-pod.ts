import type { Field } from "../field";
import { known, mapField, unknown, unset, unsupported } from "../field";
import type { Container, ContainerRole, Hole, Image, Pod, Resource, SeLinuxOptions, Subject, Volume } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, field, isUnreadable, isUnset, listField, members, node, numberField, removing, stringField, stringsField, unreadable } from "../node";
import { isObject, knownValue, UNKNOWN } from "../field";
import { collected, inherit } from "./collected";
import { anyTrue, imageSubject, quoted } from "./common";
import { bothNames } from "./docker-resources";
import type { Mounts } from "./kubernetes-mounts";
import { mountsOf, volumeSettings, writableSubPaths } from "./kubernetes-mounts";
import { headerSecrets } from "./kubernetes-probes";
import { containerSettings, podSettings } from "./kubernetes-settings";
import { looksSecret } from "./secrets";
import type { FoundPod } from "./pod-finder";
import { idField, quantityField } from "./quantity";

export interface PodSubjects {
  readonly subjects: readonly Subject[];
  readonly holes: readonly Hole[];
}

const pidsReason = "the kubelet limits processes (podPidsLimit); a pod spec cannot";

/** Everything a pod spec holds; `metadata` is the pod's, `owner` that of the object it stands in. The one place that enumerates containers and inherits the pod's settings. */
export function podSubjects({ spec, defaults, containers, open }: FoundPod, metadata: Node, owner: Node, resource: Resource, namespace: Field<string>): PodSubjects {
  const subjects: Subject[] = [];
  const holes: Hole[] = [];
  const label = quoted(resource);
  const pod = podSubject(spec, defaults, metadata, owner, resource, label, namespace);
  const mounts = mountsOf(containers.map(([container]) => container), open);
  subjects.push(pod);
  for (const list of open) holes.push({ about: ["container", "image"], resource, label, path: list.path });
  for (const [item, role] of containers) {
    if (item.value === UNKNOWN) holes.push({ about: ["container", "image"], resource, label, path: item.path });
    else subjects.push(...containerSubjects(item, role, spec, pod, label));
  }
  for (const list of [spec, ...(defaults === undefined ? [] : [defaults])].map((place) => at(place, "volumes"))) {
    const volumes = members(list);
    if (volumes.unknown) holes.push({ about: ["volume", "image"], resource, label, path: list.path });
    for (const item of volumes.items) {
      if (item.value === UNKNOWN) holes.push({ about: ["volume", "image"], resource, label, path: item.path });
      else subjects.push(...volumeSubjects(item, mounts, resource, label));
    }
  }
  return { subjects, holes };
}

function podSubject(spec: Node, defaults: Node | undefined, metadata: Node, owner: Node, resource: Resource, label: string, namespace: Field<string>): Pod {
  const own = (key: string): Node => (defaults !== undefined && isUnset(at(spec, key)) && !isUnset(at(defaults, key)) ? at(defaults, key) : at(spec, key));
  const security = own("securityContext");
  return {
    about: "pod", resource, label, path: spec.path,
    windows: at(spec, "os", "name").value === "windows",
    ...podSettings(own, owner, resource, spec.path),
    hostNetwork: booleanField(own("hostNetwork")),
    hostPid: booleanField(own("hostPID")),
    hostIpc: booleanField(own("hostIPC")),
    sharedProcessNamespace: booleanField(own("shareProcessNamespace")),
    automountedToken: booleanField(own("automountServiceAccountToken")),
    nonRoot: booleanField(at(security, "runAsNonRoot")),
    user: idField(at(security, "runAsUser"), "a user id"),
    seccompProfile: profileType(at(security, "seccompProfile")),
    ...confinement(security),
    appArmorAnnotations: appArmorAnnotations(at(metadata, "annotations")),
    userNamespace: mapField(booleanField(own("hostUsers")), (host) => !host),
    sysctls: sysctls(at(security, "sysctls")),
    hostAliases: listField(own("hostAliases"), (alias) => textOf(alias, "ip", "")),
    nodeName: stringField(own("nodeName")),
    tolerations: listField(own("tolerations"), (toleration) => textOf(toleration, "key", "*")),
    namespace,
    hostUserNamespace: unset(spec.path), hostCgroupNamespace: unset(spec.path), defaultBridge: unset(spec.path), publishedOn: unset(spec.path),
    joinedNetwork: unset(spec.path), joinedPid: unset(spec.path), joinedIpc: unset(spec.path),
  };
}

/** The API server refuses `allowPrivilegeEscalation: false` beside what raises privileges itself (kubernetes, validation.go, ValidateSecurityContext). */
function noNewPrivileges(security: Node): Field<boolean> {
  const own = booleanField(at(security, "allowPrivilegeEscalation"));
  const privileged = booleanField(at(security, "privileged"));
  const added = stringsField(at(security, "capabilities", "add"));
  const raises = privileged.state === "unknown" || knownValue(privileged) === true ? "privileged" : added.state === "unknown" || (added.state === "value" && (added.partial === true || added.value.includes("CAP_SYS_ADMIN"))) ? "given CAP_SYS_ADMIN" : undefined;
  const refused = mapField(own, (allowed) => !allowed, (value) => (value === true && raises !== undefined ? undefined : own.to(value === undefined ? undefined : !value)));
  return raises === undefined ? refused : { ...refused, forbidden: `Kubernetes refuses allowPrivilegeEscalation: false where the container is, or may be, ${raises}` };
}

function containerSubjects(place: Node, role: ContainerRole, spec: Node, pod: Pod, owner: string): readonly [Container, Image] {
  const security = at(place, "securityContext");
  const last = place.path.at(-1);
  const name = knownValue(stringField(at(place, "name"))) ?? (typeof last === "string" ? last : `#${last}`);
  const sidecar = role === "init" && at(place, "restartPolicy").value === "Always";
  const kind = sidecar ? "sidecar" : role;
  const label = `${kind === "main" ? "" : `${kind} `}container "${name}" of ${owner}`;
  const takenPorts = hostPorts(at(place, "ports"));
  const container: Container = {
    about: "container", name, role: kind, resource: pod.resource, label, path: place.path,
    windows: pod.windows,
    privileged: booleanField(at(security, "privileged")),
    noNewPrivileges: noNewPrivileges(security),
    addedCapabilities: stringsField(at(security, "capabilities", "add")),
    droppedCapabilities: stringsField(at(security, "capabilities", "drop")),
    nonRoot: inherit(booleanField(at(security, "runAsNonRoot")), pod.nonRoot),
    user: idField(at(security, "runAsUser"), "a user id"),
    seccompProfile: inherit(profileType(at(security, "seccompProfile")), pod.seccompProfile),
    ...confinement(security),
    procMount: stringField(at(security, "procMount")),
    hostPorts: takenPorts,
    probeHosts: probeHosts(place),
    userNamespace: pod.userNamespace,
    readOnlyRootFilesystem: booleanField(at(security, "readOnlyRootFilesystem")),
    cpuLimit: inherit(quantityField(at(place, "resources", "limits", "cpu")), quantityField(at(spec, "resources", "limits", "cpu"))),
    mountPropagation: mountPropagation(at(place, "volumeMounts")),
    devices: listField(at(place, "volumeDevices"), (device) => textOf(device, "name", "")),
    initProcess: unset(place.path),
    interactive: anyTrue([booleanField(at(place, "stdin")), booleanField(at(place, "tty"))]),
    ...environment(place),
    memoryLimit: inherit(quantityField(at(place, "resources", "limits", "memory")), quantityField(at(spec, "resources", "limits", "memory"))),
    pidsLimit: pidsField(at(place, "resources", "limits")),
    ports: listField(at(place, "ports"), (port) => numberOf(port, "containerPort")),
    ...containerSettings(place, spec, takenPorts, writableSubPaths(place, spec)),
  };
  const image = imageSubject(pod.resource, `the image of ${label}`, "run", at(place, "image"), name, stringField(at(place, "imagePullPolicy")));
  return [container, { ...image, pullSecrets: pullSecrets(spec) }];
}

function pullSecrets(spec: Node): Field<readonly string[]> {
  const place = at(spec, "imagePullSecrets");
  const { items, unknown: open } = members(place);
  return collected(items.map((item) => textOf(item.value, "name", "") ?? ""), place, open ? place : undefined);
}

function volumeSubjects(place: Node, mounts: Mounts, resource: Resource, owner: string): readonly Subject[] {
  const name = knownValue(stringField(at(place, "name"))) ?? `#${String(place.path.at(-1))}`;
  const label = `volume "${name}" of ${owner}`;
  const source = at(place, "hostPath");
  const volume: Volume = { about: "volume", name, resource, label, path: place.path, hostPath: hostPathField(source, place), type: volumeType(place), ...volumeSettings(place, mounts), sizeLimit: quantityField(at(place, "emptyDir", "sizeLimit")), scratch: isScratch(place), credentials: unset(place.path) };
  const image = at(place, "image");
  return isUnset(image) ? [volume] : [volume, imageSubject(resource, `the image of ${label}`, "volume", at(image, "reference"), undefined, stringField(at(image, "pullPolicy")))];
}

/** The one key beside `name` that is set: the API allows one source. */
function volumeType(place: Node): Field<string> {
  if (!isObject(place.value)) return unknown(place.path);
  const type = Object.keys(place.value).find((key) => key !== "name" && !isUnset(at(place, key)));
  if (type === undefined) return unset(place.path);
  // A source that is not known yet may turn out to be nothing.
  return unreadable(at(place, type)) ?? known(type, at(place, type).path);
}

/** A volume without a source is an emptyDir as well. */
function isScratch(place: Node): boolean {
  return !isObject(place.value) || (!isUnset(at(place, "emptyDir")) || Object.keys(place.value).every((key) => key === "name" || isUnset(at(place, key))));
}

/** A member's text; what it leaves out is `absent`, what it does not know makes the list partial. */
function textOf(member: unknown, key: string, absent: string): string | undefined {
  if (member === UNKNOWN) return undefined;
  const text = stringField(at({ value: member, path: [], partial: undefined }, key));
  return text.state === "unset" ? absent : knownValue(text);
}

function environment(place: Node): Pick<Container, "secretVariables" | "literalSecrets"> {
  const variables = members(at(place, "env"));
  const sources = members(at(place, "envFrom"));
  const path = at(place, "env").path;
  const refersTo = (source: Node, key: string): boolean => isObject(source.value) && !isUnset(at(source, key));
  const fromSecret = [...variables.items.filter((item) => refersTo(at(item, "valueFrom"), "secretKeyRef")), ...sources.items.filter((item) => refersTo(item, "secretRef"))];
  const literal = variables.items.filter((item) => looksSecret(textOf(item.value, "name", "") ?? "", textOf(item.value, "value", "") ?? ""));
  const open = variables.unknown || variables.items.some((item) => !isObject(item.value) || isNoText(at(item, "name")) || isNoText(at(item, "value")) || isUnreadable(at(item, "valueFrom")));
  const names = (items: readonly Node[]): readonly string[] => items.map((item) => textOf(item.value, "name", "") || "envFrom");
  const result = (items: readonly Node[], partial: boolean): Field<readonly string[]> => {
    if (items.length === 0 && partial) return unknown(path);
    return { ...known(names(items), items[0]?.path ?? path), ...(partial ? { partial } : {}) };
  };
  return { secretVariables: result(fromSecret, open || sources.unknown || sources.items.some(({ value }) => !isObject(value))), literalSecrets: bothNames(result(literal, open), headerSecrets(place)) };
}

/** Whether a text is not known, or is none: the API server refuses a password of digits that is not quoted, and others may not. */
function isNoText(place: Node): boolean {
  return !isUnset(place) && typeof place.value !== "string";
}

/** What a security context says of AppArmor, SELinux and Windows, on the pod and on a container alike. */
function confinement(security: Node): Pick<Container, "appArmorProfile" | "seLinux" | "hostProcess"> {
  const seLinux = at(security, "seLinuxOptions");
  const parts = (["type", "user", "role"] as const).map((name) => [name, stringField(at(seLinux, name))] as const);
  const open = parts.find(([, part]) => part.state === "unknown");
  const options = Object.fromEntries(parts.flatMap(([name, part]) => (part.state === "value" ? [[name, part.value]] : []))) as SeLinuxOptions;
  return {
    appArmorProfile: profileType(at(security, "appArmorProfile")),
    seLinux: open === undefined ? field(seLinux, "an object", (value) => (isObject(value) ? options : undefined), (value) => value) : unknown(open[1].path),
    hostProcess: booleanField(at(security, "windowsOptions", "hostProcess")),
  };
}

const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";

function appArmorAnnotations(annotations: Node): Field<readonly string[]> {
  const open = unreadable<readonly string[]>(annotations);
  if (open !== undefined) return open;
  const names = isObject(annotations.value) ? Object.keys(annotations.value).filter((name) => name.startsWith(appArmorPrefix)) : [];
  const first = names[0];
  if (first === undefined) return unset(annotations.path);
  const values = names.map((name) => stringField(at(annotations, name)));
  const profiles = values.flatMap((value) => (value.state === "value" ? [value.value] : []));
  return { ...known(profiles, at(annotations, first).path), ...(profiles.length < values.length ? { partial: true } : {}) };
}

/** Every place in a container that may name a host to connect to (pod-security-admission, check_hostProbesAndhostLifecycle.go). */
function probeHosts(place: Node): Field<readonly string[]> {
  const handlers = [...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => at(place, probe)), at(place, "lifecycle", "postStart"), at(place, "lifecycle", "preStop")].filter((handler) => !isUnset(handler));
  const hosts = handlers.flatMap((handler) => ["httpGet", "tcpSocket"].map((action) => stringField(at(handler, action, "host"))));
  const open = hosts.find((host) => host.state === "unknown");
  const set = hosts.filter((host) => host.state === "value" && host.value !== "");
  const named = set.flatMap((host) => (host.state === "value" ? [host.value] : []));
  if (named.length === 0 && open === undefined) return unset(at(place, "livenessProbe", "httpGet", "host").path);
  if (named.length === 0 && open !== undefined) return unknown(open.path);
  const field: Field<readonly string[]> = { ...known(named, set[0]?.path ?? place.path), ...(open === undefined ? {} : { partial: true }) };
  return removing(field, () => set.map(({ path }) => node(undefined, path)));
}

function hostPorts(ports: Node): Field<readonly number[]> {
  const list = listField(ports, (port) => (port === UNKNOWN ? undefined : isUnset(at(node(port), "hostPort")) ? 0 : knownValue(numberField(at(node(port), "hostPort")))));
  return removing(list, () => members(ports).items.filter((port) => (knownValue(numberField(at(port, "hostPort"))) ?? 0) !== 0).map((port) => at(port, "hostPort")));
}

function mountPropagation(mounts: Node): Field<readonly string[]> {
  const modeOf = (mount: unknown): string | undefined => textOf(mount, "mountPropagation", "None");
  return removing(listField(mounts, modeOf), (wanted) => members(mounts).items.filter(({ value }) => isUnwanted(modeOf(value), wanted)).map((mount) => at(mount, "mountPropagation")));
}

/** What is not known is nobody's to remove. */
function isUnwanted(value: string | undefined, wanted: readonly string[]): boolean {
  return value !== undefined && !wanted.includes(value);
}

function sysctls(list: Node): Field<readonly string[]> {
  const nameOf = (entry: unknown): string | undefined => (entry === UNKNOWN ? undefined : knownValue(stringField(at(node(entry), "name"))));
  return removing(listField(list, nameOf), (wanted) => members(list).items.filter(({ value }) => isUnwanted(nameOf(value), wanted)));
}

/** `hostPath: {}` is a hostPath volume as well (its path is refused later, by the API server). */
function hostPathField(source: Node, volume: Node): Field<string> {
  const path = at(source, "path");
  if (volume.value === UNKNOWN || source.value === UNKNOWN || path.value === UNKNOWN) return unknown(path.path);
  if (isUnset(source)) return unset(source.path);
  return known(typeof path.value === "string" ? path.value : "", path.path, () => undefined);
}

/** A profile that is there without its type is one of no allowed type. */
function profileType(profile: Node): Field<string> {
  const type = stringField(at(profile, "type"));
  const own = at(profile, "localhostProfile");
  // The API server takes the name of a file only with the type Localhost.
  const to: Field<string>["to"] = (value) => (value === "Localhost" || isUnset(own) ? type.to(value) : type.to(value)?.concat({ op: "remove", path: own.path }));
  return isObject(profile.value) && isUnset(at(profile, "type")) && profile.partial === undefined ? { ...type, to, state: "value", value: "" } : { ...type, to };
}

/** No API server knows it yet; KEP-6063 proposes one, under a name that is not settled. */
function pidsField(limits: Node): Field<number> {
  const place = isUnset(at(limits, "pids")) && !isUnset(at(limits, "pid")) ? at(limits, "pid") : at(limits, "pids");
  const limit = quantityField(place);
  return limit.state === "unset" ? unsupported(place.path, pidsReason) : limit;
}

function numberOf(member: unknown, key: string): number | undefined {
  const value = at({ value: member, path: [], partial: undefined }, key).value;
  return typeof value === "number" ? value : undefined;
}
