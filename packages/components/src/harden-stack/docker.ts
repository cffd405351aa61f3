import { cpuInputs } from "../docker/cpu";
import { bytesOf, coresOf, mebibytesOf } from "../arguments/values";
import { hardenCapabilities } from "./capabilities";
import type { Place } from "./draft";
import { isKnown, isUnset } from "./known";
import type { Settings } from "./options";
import { hardenSecurityOptions } from "./security-options";
import { runtimeSocket, safeSysctls, wanted } from "./wanted";

/** Modes that are the host's, and what stands in their place; undefined is the runtime's own default, which is private. */
const modes: readonly (readonly [string, string | undefined, string])[] = [
  ["pidMode", undefined, "no-host-pid"],
  ["usernsMode", undefined, "no-host-user-namespace"],
  ["ipcMode", String(wanted("docker", "ipcMode")), "no-host-ipc"],
  ["cgroupnsMode", String(wanted("docker", "cgroupnsMode")), "no-host-cgroup-namespace"],
  ["networkMode", "bridge", "no-host-network"],
];

/** The inputs of a `docker.Container`. */
export function hardenContainer(root: Place, settings: Settings): void {
  root.strengthen("privileged", (value) => value === true, false, ["no-privileged"]);
  for (const [key, value, rule] of modes) root.strengthen(key, (mode) => mode === "host", value, [rule], value === undefined ? "the host's namespace taken out" : `set to ${value}`);
  for (const key of ["pidMode", "ipcMode", "networkMode"]) if (root.isWeak(key, (mode) => String(mode).startsWith("container:"), ["no-joined-namespace"])) root.leave(key, ["no-joined-namespace"], "joins another container");
  networks(root, "networksAdvanced");
  user(root);
  hardenCapabilities(root.section("capabilities"), "drops", "adds");
  hardenSecurityOptions(root);
  readOnly(root);
  sysctls(root, "sysctls");
  root.fill("init", wanted("docker", "init"), ["require-init-process"]);
  ulimits(root);
  containerLimits(root, settings);
  if (root.get("start") !== false) root.leave("start", ["require-pids-limit"], settings.pidsLimit === undefined ? "no pids limit, and none was given to hardenStack" : "no pids limit: it is made elsewhere, ends by itself or is waited for");
  hostMounts(root);
  if (!isUnset(root.get("devices"))) root.leave("devices", ["no-host-devices"], "a device of the host is given");
  const attached = root.get("networksAdvanced");
  if ((isUnset(attached) || (Array.isArray(attached) && attached.length === 0)) && [undefined, null, "", "bridge", "default"].includes(root.get("networkMode") as string)) root.leave("networksAdvanced", ["no-default-bridge"], "on the bridge that all containers share; which of them it talks to is not known");
  if (isUnset(root.get("logDriver"))) root.leave("logDriver", ["require-log-driver"], "the daemon's own log driver, which is not known");
  if (root.isWeak("restart", (policy) => ["always", "unless-stopped"].includes(String(policy)), ["bounded-restarts"])) root.leave("restart", ["bounded-restarts"], "started again without an end, as the program says");
}

/** The inputs of a `docker.Service`; Swarm has neither no-new-privileges nor seccomp to set. */
export function hardenService(root: Place, { memory, cpu }: Settings): void {
  const task = root.section("taskSpec");
  const spec = task?.section("containerSpec");
  if (task === undefined || spec === undefined) return;
  networks(task, "networksAdvanceds");
  user(spec);
  hardenCapabilities(spec, "capDrops", "capAdds");
  readOnly(spec);
  sysctls(spec, "sysctl");
  spec.fill("init", wanted("docker", "init"), ["require-init-process"]);
  seLinux(spec);
  const limits = task.section("resources")?.section("limits");
  if (limits !== undefined) {
    limitOf(limits, "memoryBytes", memory === undefined ? undefined : bytesOf(memory), "require-memory-limit");
    limitOf(limits, "nanoCpus", cpu === undefined ? undefined : Math.round(coresOf(cpu) * 1e9), "require-cpu-limit");
  }
  hostMounts(spec);
  if (!isUnset(root.get("endpointSpec"))) for (const port of root.section("endpointSpec")?.members("ports") ?? []) port.strengthen("publishMode", (mode) => mode === "host", "ingress", ["no-host-port"]);
}

/** A network whose driver is the host's; the daemon makes no second one, so that nothing that runs today is on it. */
export function hardenNetwork(root: Place): void {
  root.strengthen("driver", (driver) => driver === "host", "bridge", ["no-host-network"]);
}

function user(place: Place): void {
  const rules = ["run-as-non-root", "no-root-user"];
  if (isUnset(place.get("user"))) place.fill("user", wanted("docker", "user"), rules);
  // An empty one is the image's, which is root unless the image says otherwise.
  else place.strengthen("user", (name) => /^(|root|\+?0+)(:|$)/.test(String(name)), wanted("docker", "user"), rules);
}

function readOnly(place: Place): void {
  const rules = ["read-only-root-filesystem"];
  if (isUnset(place.get("readOnly"))) place.fill("readOnly", wanted("docker", "readOnly"), rules);
  else if (place.isWeak("readOnly", (value) => value !== true, rules)) place.leave("readOnly", rules, "the program says that it is written to");
}

/** To be on the network named `host` is to be in the host's namespace. */
function networks(place: Place, key: string): void {
  const isHost = (network: unknown): boolean => typeof network === "object" && network !== null && (("name" in network && network.name === "host") || ("id" in network && network.id === "host"));
  if (!place.isWeak(key, (list) => Array.isArray(list) && list.some(isHost), ["no-host-network"])) return;
  place.set(key, (place.get(key) as readonly unknown[]).filter((network) => !isHost(network)), ["no-host-network"], "the host's network taken out");
}

function sysctls(place: Place, key: string): void {
  if (isUnset(place.get(key))) return;
  const map = place.section(key);
  for (const name of map?.keys() ?? []) if (!safeSysctls.includes(name)) map?.strengthen(name, () => true, undefined, ["only-safe-sysctls"], "a kernel parameter that is the host's taken out");
}

function ulimits(root: Place): void {
  const list = root.get("ulimits") ?? [];
  if (!isKnown(list) || !Array.isArray(list)) return void root.draft.note("unknown", root.at("ulimits"), ["require-open-files-limit", "require-user-process-limit"], "not known");
  const posture = wanted("docker", "ulimits") as readonly { readonly name: string }[];
  const missing = posture.filter(({ name }) => !list.some((entry: { readonly name?: unknown }) => entry.name === name));
  if (missing.length > 0) root.set("ulimits", [...(list as readonly unknown[]), ...missing], missing.map(({ name }) => (name === "nofile" ? "require-open-files-limit" : "require-user-process-limit")), `${missing.map(({ name }) => name).join(" and ")} added`);
}

/** Swap is a part of the limit, as in a HardenedContainer. */
function containerLimits(root: Place, { memory, cpu }: Settings): void {
  const amount = memory === undefined ? undefined : mebibytesOf(memory);
  const reservation = root.get("memoryReservation") ?? 0;
  const isAbove = amount !== undefined && !(isKnown(reservation) && Number(reservation) <= amount);
  const isNew = isUnset(root.get("memory"));
  limitOf(root, "memory", isAbove ? undefined : amount, "require-memory-limit");
  if (isNew && !isUnset(root.get("memory")) && isUnset(root.get("memorySwap"))) root.fill("memorySwap", amount, ["require-memory-limit"]);
  // The daemon refuses two ways to say it.
  if (["cpuQuota", "cpuPeriod", "cpuShares", "cpuSet"].every((key) => isUnset(root.get(key)))) limitOf(root, "cpus", cpu === undefined ? undefined : (cpuInputs(coresOf(cpu)).cpus ?? String(coresOf(cpu))), "require-cpu-limit");
}

function limitOf(place: Place, key: string, amount: unknown, rule: string): void {
  const before = place.get(key);
  if (!isUnset(before)) return void (isKnown(before) || place.draft.note("unknown", place.at(key), [rule], "not known"));
  if (amount === undefined) place.leave(key, [rule], "no limit, and none that fits was given to hardenStack");
  else place.fill(key, amount, [rule]);
}

function seLinux(spec: Place): void {
  if (isUnset(spec.get("privileges"))) return;
  const privileges = spec.section("privileges");
  if (privileges === undefined || isUnset(privileges.get("seLinuxContext"))) return;
  privileges.section("seLinuxContext")?.strengthen("disable", (value) => value === true, false, ["only-safe-selinux-options"]);
}

/** A mount that is taken away breaks a program in ways that nobody can guess. */
function hostMounts(place: Place): void {
  for (const mount of place.members("mounts")) {
    const type = mount.get("type");
    if (!isKnown(type)) place.draft.note("unknown", mount.at("type"), ["no-host-path"], "not known");
    if (type === "bind" || type === "npipe") leaveMount(mount, mount.get("source"));
    else if (!isUnset(mount.get("volumeOptions")) && !isUnset(mount.section("volumeOptions")?.section("driverOptions")?.get("device"))) leaveMount(mount, undefined);
  }
  for (const volume of place.members("volumes")) {
    const name = volume.get("volumeName");
    const path = typeof name === "string" && name.startsWith("/") ? name : volume.get("hostPath");
    if (!isUnset(path)) leaveMount(volume, path);
    if (!isUnset(volume.get("fromContainer"))) place.draft.note("left", volume.at("fromContainer"), ["no-volumes-from"], "takes what another container mounts");
  }
}

function leaveMount(mount: Place, path: unknown): void {
  const isSocket = typeof path === "string" && runtimeSocket.test(path);
  mount.leave(mount.get("source") === undefined ? "hostPath" : "source", [...(isSocket ? ["no-runtime-socket"] : []), "no-host-path"], "a path of the host is mounted");
}
