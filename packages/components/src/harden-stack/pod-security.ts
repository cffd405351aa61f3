import { hardenCapabilities, namesOf } from "./capabilities";
import type { Place } from "./draft";
import { isObject } from "./draft";
import { isKnown, isUnset } from "./known";
import { safeSeLinuxTypes, safeSysctls, wanted } from "./wanted";

const seccompRules = ["require-seccomp-profile", "no-unconfined-seccomp"];
const rootRules = ["no-root-user", "no-low-user-id"];
const nonRootRules = ["run-as-non-root"];
const profiles = ["RuntimeDefault", "Localhost"];

/** The security contexts of a pod and of its containers. */
export function hardenSecurity(spec: Place, containers: readonly Place[], isWindows: boolean): void {
  const pod = spec.section("securityContext");
  const sections = containers.flatMap((container) => container.section("securityContext") ?? []);
  for (const security of [...(pod === undefined ? [] : [pod]), ...sections]) everywhere(security);
  if (pod !== undefined) sysctls(pod);
  // The API server refuses what only Linux has in a pod that says that it is for Windows.
  if (isWindows) return void spec.draft.note("left", spec.at("os"), [], "a pod for Windows, of which only HostProcess and the host's namespaces are put right");
  for (const security of sections) ofContainer(security);
  if (pod === undefined) return;
  user(pod, sections);
  inherited(pod, sections, "seccompProfile", seccompRules);
}

/** What a pod can say as well as a container. */
function everywhere(security: Place): void {
  const profile = { type: "RuntimeDefault" };
  security.strengthen("seccompProfile", isUnconfined, wanted("pod", "securityContext", "seccompProfile"), seccompRules, "set to RuntimeDefault");
  security.strengthen("appArmorProfile", isUnconfined, profile, ["no-unconfined-apparmor"], "set to RuntimeDefault");
  security.strengthen("seLinuxOptions", (options) => !isObject(options) || !safeSeLinuxTypes.includes(String(options["type"] ?? "")) || [options["user"], options["role"]].some((text) => !isUnset(text) && text !== ""), undefined, ["only-safe-selinux-options"]);
  if (!isUnset(security.get("windowsOptions"))) security.section("windowsOptions")?.strengthen("hostProcess", (value) => value === true, undefined, ["no-windows-host-process"]);
}

function isUnconfined(profile: unknown): boolean {
  return !isObject(profile) || (!isUnset(profile["type"]) && !profiles.includes(String(profile["type"])));
}

function sysctls(pod: Place): void {
  const isUnsafe = (entry: unknown): boolean => !isObject(entry) || !safeSysctls.includes(String(entry["name"]));
  if (!pod.isWeak("sysctls", (list) => Array.isArray(list) && list.some(isUnsafe), ["only-safe-sysctls"])) return;
  const kept = (pod.get("sysctls") as readonly unknown[]).filter((entry) => !isUnsafe(entry));
  pod.set("sysctls", kept.length === 0 ? undefined : kept, ["only-safe-sysctls"], "kernel parameters that are the node's taken out");
}

function ofContainer(security: Place): void {
  security.strengthen("privileged", (value) => value === true, false, ["no-privileged"]);
  hardenCapabilities(security.section("capabilities"), "drop", "add");
  security.strengthen("procMount", (value) => value !== "Default", undefined, ["default-proc-mount", "no-unmasked-proc"]);
  escalation(security);
  const [key, rules] = ["readOnlyRootFilesystem", ["read-only-root-filesystem"]] as const;
  if (isUnset(security.get(key))) security.fill(key, wanted("container", "securityContext", key), rules);
  else if (security.isWeak(key, (value) => value !== true, rules)) security.leave(key, rules, "the program says that it is written to");
}

/** The API server refuses `false` beside what is privileged, and beside SYS_ADMIN. */
function escalation(security: Place): void {
  const [key, rules] = ["allowPrivilegeEscalation", ["no-privilege-escalation"]] as const;
  const value = wanted("container", "securityContext", key);
  const capabilities = security.get("capabilities");
  const added = isObject(capabilities) ? capabilities["add"] : capabilities;
  const privileged = security.get("privileged");
  if (privileged === true || namesOf(added).some((name) => name === "SYS_ADMIN" || name === "ALL")) security.leave(key, rules, "the container has all privileges, or as good as");
  else if (!isKnown(privileged) || !isKnown(added)) security.draft.note("unknown", security.at(key), rules, "whether the container is privileged is not known");
  else if (isUnset(security.get(key))) security.fill(key, value, rules);
  else security.strengthen(key, (given) => given === true, value, rules);
}

function user(pod: Place, containers: readonly Place[]): void {
  const all = [pod, ...containers];
  for (const security of all) security.strengthen("runAsUser", isRoot, wanted("pod", "securityContext", "runAsUser"), rootRules);
  const root = all.find((security) => isRoot(security.get("runAsUser")));
  if (root !== undefined) return void root.leave("runAsNonRoot", nonRootRules, "user 0 is exempted, and would not be started");
  for (const security of all) security.strengthen("runAsNonRoot", (value) => value !== true, true, nonRootRules);
  inherited(pod, containers, "runAsNonRoot", nonRootRules);
  // Who says that the user is not root knows which one it is.
  const changed = new Set(pod.draft.entries.filter(({ outcome }) => outcome === "changed").map(({ path }) => path));
  const isSet = changed.has(pod.at("runAsNonRoot"));
  const users = isSet ? [pod] : containers.filter((security) => changed.has(security.at("runAsNonRoot")));
  for (const security of users) {
    const others = security === pod ? containers : [];
    if (!isUnset(security.get("runAsUser")) || !isUnset(pod.get("runAsUser")) || (others.length > 0 && others.every((other) => !isUnset(other.get("runAsUser"))))) continue;
    for (const key of ["runAsUser", "runAsGroup", ...(security === pod ? ["fsGroup"] : [])]) if (isUnset(security.get(key))) security.fill(key, wanted("pod", "securityContext", key), nonRootRules);
  }
}

/** Set for the pod, where a container does not say it itself; one by one where some container is exempted by its name. */
function inherited(pod: Place, containers: readonly Place[], key: string, rules: readonly string[]): void {
  if (!isUnset(pod.get(key))) return void (isKnown(pod.get(key)) || pod.draft.note("unknown", pod.at(key), rules, "not known"));
  const missing = containers.filter((security) => isUnset(security.get(key)));
  if (missing.length === 0 && containers.length > 0) return;
  const places = pod.draft.exemptions.namesContainers(rules) ? missing : [pod];
  for (const place of places) place.fill(key, wanted("pod", "securityContext", key), rules);
}

function isRoot(id: unknown): boolean {
  return id === 0 || id === "0";
}
