import type { Field } from "../field";
import { isObject, known, mapField, UNKNOWN, unknown, unset, unsupported } from "../field";
import type { ContainerSettings, PodSettings, Ulimit } from "../model/settings";
import type { Container, Hole, Resource, Volume } from "../model/subject";
import type { Node } from "../node";
import { at, field, isUnreadable, isUnset, listField, members, node, numberField, stringField, stringsField } from "../node";
import { noContainerSettings, noPodSettings, noVolumeSettings } from "./absent";
import { collected } from "./collected";
import { quoted } from "./common";
import { isShell, pipesDownload, runsSudo, secretArguments, startsSshServer } from "./commands";

type Commands = Pick<Container, "startsSshServer" | "runsSudo" | "pipesDownload" | "secretArguments">;

export function containerSettings(root: Node, user: Field<string>): ContainerSettings & Commands {
  const check = at(root, "healthcheck");
  return {
    ...noContainerSettings(root.path),
    ...commands([at(root, "command"), at(root, "entrypoints")], check),
    group: groupOf(user),
    windowsUser: user,
    deviceRequests: deviceRequests(root),
    deviceRules: stringsField(at(root, "deviceCgroupRules")),
    ulimits: listField(at(root, "ulimits"), ulimit),
    restart: stringField(at(root, "restart")),
    restartAttempts: numberField(at(root, "maxRetryCount")),
    publishedPorts: publishedPorts(at(root, "ports"), "external"),
    logDriver: stringField(at(root, "logDriver")),
    logSizeLimited: mapField(stringField(at(root, "logOpts", "max-size")), (size) => size !== ""),
    healthcheck: healthcheck(check),
    shellProbes: shellChecks(check),
  };
}

export function serviceSettings(root: Node, user: Field<string>, reason: string): ContainerSettings & Commands {
  const task = at(root, "taskSpec");
  const spec = at(task, "containerSpec");
  const check = at(spec, "healthcheck");
  return {
    ...noContainerSettings(root.path),
    ...commands([at(spec, "commands"), at(spec, "args")], check),
    group: groupOf(user),
    windowsUser: user,
    ulimits: unsupported(spec.path, reason),
    publishedPorts: publishedPorts(at(root, "endpointSpec", "ports"), "publishedPort"),
    logDriver: stringField(at(task, "logDriver", "name")),
    logSizeLimited: mapField(stringField(at(task, "logDriver", "options", "max-size")), (size) => size !== ""),
    healthcheck: healthcheck(check),
    shellProbes: shellChecks(check),
  };
}

export function podSettings(root: Node): PodSettings {
  return {
    ...noPodSettings(root.path),
    supplementaryGroups: stringsField(at(root, "groupAdds")),
    runtime: stringField(at(root, "runtime")),
    cgroupParent: stringField(at(root, "cgroupParent")),
    labels: labelNames(root),
  };
}

/** A Swarm service has neither a runtime nor a cgroup of its own choice. */
export function servicePodSettings(root: Node, reason: string): PodSettings {
  return { ...noPodSettings(root.path), supplementaryGroups: stringsField(at(root, "taskSpec", "containerSpec", "groups")), runtime: unsupported(root.path, reason), labels: labelNames(root) };
}

function labelNames(root: Node): Field<readonly string[]> {
  return listField(at(root, "labels"), (entry) => (isObject(entry) && typeof entry["label"] === "string" ? entry["label"] : undefined));
}

function commands(places: readonly Node[], check: Node): Commands {
  const main = places.map((place) => stringsField(place));
  const all = isUnset(check) ? main : [...main, stringsField(at(check, "tests"))];
  return { startsSshServer: startsSshServer(main), runsSudo: runsSudo(all), pipesDownload: pipesDownload(all), secretArguments: secretArguments(all, places[0] ?? check) };
}

/** `user:group` */
export function groupOf(user: Field<string>): Field<string> {
  if (user.state !== "value") return { ...user, to: () => undefined };
  const group = user.value.split(":")[1];
  return group === undefined || group === "" ? unset(user.path) : known(group, user.path);
}

function ulimit(entry: unknown): Ulimit | undefined {
  if (!isObject(entry)) return undefined;
  const { name, hard } = entry;
  return typeof name === "string" && typeof hard === "number" ? { name, hard } : undefined;
}

function deviceRequests(root: Node): Field<readonly string[]> {
  const gpus = at(root, "gpus");
  const requests = members(at(root, "deviceRequests"));
  const names = [...(typeof gpus.value === "string" && gpus.value !== "" ? ["gpus"] : []), ...requests.items.filter(({ value }) => value !== UNKNOWN).map((item) => (typeof at(item, "driver").value === "string" && at(item, "driver").value !== "" ? String(at(item, "driver").value) : "a device"))];
  const open = gpus.value === UNKNOWN ? gpus : requests.unknown ? at(root, "deviceRequests") : requests.items.find(({ value }) => value === UNKNOWN);
  return collected(names, gpus, open);
}

function publishedPorts(ports: Node, key: string): Field<readonly number[]> {
  return listField(ports, (entry) => {
    const port = numberField(at(node(entry), key));
    return port.state === "unset" ? 0 : port.state === "value" ? port.value : undefined;
  });
}

/** `["NONE"]` turns the image's own check off; without tests the image's own runs. */
function healthcheck(check: Node): Field<boolean> {
  const tests = at(check, "tests");
  const first = at(tests, 0);
  if (tests.value === UNKNOWN || first.value === UNKNOWN) return unknown(tests.path);
  const { items } = members(tests);
  if (items.length === 0) return unset(check.path);
  return typeof first.value === "string" ? known(first.value !== "NONE", tests.path) : unknown(tests.path, "is not a test");
}

function shellChecks(check: Node): Field<readonly string[]> {
  const tests = at(check, "tests");
  const words = [at(tests, 0), at(tests, 1)];
  const isShellForm = words[0]?.value === "CMD-SHELL" || (words[0]?.value === "CMD" && isShell(words[1]?.value));
  return collected(isShellForm ? ["healthcheck"] : [], tests, [tests, ...words].find(({ value }) => value === UNKNOWN));
}

/** Docker's defaults are noexec, nosuid and nodev (moby, daemon/oci_linux.go); an option turns each off. */
export function allowsPrograms(options: readonly string[]): boolean {
  return ["exec", "suid", "dev"].some((option) => options.lastIndexOf(option) > options.lastIndexOf(`no${option}`));
}

/** The map of paths to options that is mounted as scratch space. */
export function tmpfsVolumes(map: Node, resource: Resource): { readonly subjects: readonly Volume[]; readonly holes: readonly Hole[] } {
  const label = quoted(resource);
  const hole = (place: Node): Hole => ({ about: ["volume"], resource, label, path: place.path });
  if (isUnreadable(map)) return { subjects: [], holes: [hole(map)] };
  const places = isObject(map.value) ? Object.keys(map.value).map((path) => at(map, path)) : [];
  return { subjects: places.filter(({ value }) => typeof value === "string").map((place) => tmpfsVolume(place, resource)), holes: places.filter(({ value }) => typeof value !== "string").map(hole) };
}

function tmpfsVolume(place: Node, resource: Resource): Volume {
  const target = String(place.path.at(-1));
  const options = String(place.value).split(",");
  const none = unset<never>(place.path);
  return {
    about: "volume", name: target, resource, label: `mount "${target}" of ${quoted(resource)}`, path: place.path, hostPath: none, type: none, credentials: none, scratch: true,
    ...noVolumeSettings(place.path),
    sizeLimit: tmpfsSize(place, options),
    executable: known(allowsPrograms(options), place.path, () => [{ op: "set", path: place.path, value: options.filter((option) => !["exec", "suid", "dev"].includes(option)).join(",") }]),
  };
}

/** `size=64m` */
function tmpfsSize(place: Node, options: readonly string[]): Field<number> {
  const size = options.findLast((option) => option.startsWith("size="))?.slice("size=".length);
  if (size === undefined) return unset(place.path);
  return { ...field(node(size, place.path), "an amount of bytes", (text) => (/^\d+[kmg%]?$/i.test(String(text)) ? Number.parseInt(String(text), 10) : undefined)), to: () => undefined };
}
