import type { Draft, Mutable, Place } from "./draft";
import { isObject } from "./draft";
import { isKnown, isUnset } from "./known";
import { limit } from "./limits";
import type { Settings } from "./options";
import { hardenSecurity } from "./pod-security";
import { runtimeSocket, wanted } from "./wanted";

const hostNamespaces = { hostNetwork: "no-host-network", hostPID: "no-host-pid", hostIPC: "no-host-ipc" } as const;
const handlers = [["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"], ["lifecycle", "preStop"]] as const;
const volumeTypes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];
const appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

/** Hardens the pod that stands in a pod or in a workload's template. */
export function hardenPod(template: Place, settings: Settings): void {
  const { draft } = template;
  const spec = template.section("spec");
  if (spec === undefined) return;
  const os = spec.section("os");
  if (os === undefined) return;
  for (const [key, rule] of Object.entries(hostNamespaces)) spec.strengthen(key, (value) => value === true, wanted("pod", key), [rule]);
  if (spec.isWeak("shareProcessNamespace", (value) => value === true, ["no-shared-process-namespace"])) spec.leave("shareProcessNamespace", ["no-shared-process-namespace"], "the program says so");
  serviceAccountToken(spec);
  const containers = ["initContainers", "containers", "ephemeralContainers"].map((key) => spec.members(key, nameOf));
  hardenSecurity(spec, containers.flat(), os.get("name") === "windows");
  annotations(template);
  for (const container of containers.flat()) handlersOf(container);
  const running = containers.slice(0, 2).flat();
  for (const container of running) {
    for (const port of container.members("ports")) port.strengthen("hostPort", (value) => value !== 0, undefined, ["no-host-port"]);
    limits(container, spec, settings);
  }
  volumes(spec, draft);
}

/** Whoever names a service account may well talk to the API server. */
function serviceAccountToken(spec: Place): void {
  const [key, rules] = ["automountServiceAccountToken", ["no-service-account-token"]] as const;
  const account = spec.get("serviceAccountName") ?? spec.get("serviceAccount");
  if (!isUnset(spec.get(key))) {
    if (spec.isWeak(key, (value) => value === true, rules)) spec.leave(key, rules, "the program says so");
  } else if (isUnset(account) || account === "" || account === "default") spec.fill(key, wanted("pod", key), rules);
  else spec.leave(key, rules, "a service account is named, and whether the pod uses it is not known");
}

/** The older way to name an AppArmor profile. */
function annotations(template: Place): void {
  const place = template.section("metadata")?.section("annotations");
  for (const key of place?.keys().filter((name) => name.startsWith(appArmorAnnotation)) ?? []) {
    place?.strengthen(key, (value) => value !== "" && value !== "runtime/default" && !String(value).startsWith("localhost/"), "runtime/default", ["no-unconfined-apparmor"]);
  }
}

function handlersOf(container: Place): void {
  for (const path of handlers) {
    const handler = path.reduce<Place | undefined>((place, key) => (place === undefined || isUnset(place.get(key)) ? undefined : place.section(key)), container);
    for (const kind of ["httpGet", "tcpSocket"]) {
      if (handler !== undefined && !isUnset(handler.get(kind))) handler.section(kind)?.strengthen("host", (value) => value !== "", undefined, ["no-probe-host"]);
    }
  }
}

function limits(container: Place, spec: Place, { memory, cpu, storage }: Settings): void {
  const own = container.section("resources");
  const [limited, requests] = [own?.section("limits"), own?.section("requests")];
  if (limited === undefined) return;
  // Since Kubernetes 1.34 a pod may say it for all of its containers.
  const shared = isUnset(spec.get("resources")) ? undefined : spec.section("resources")?.section("limits");
  for (const [key, amount, rule] of [["memory", memory, "require-memory-limit"], ["cpu", cpu, "require-cpu-limit"], ["ephemeral-storage", storage, "require-storage-limit"]] as const) {
    if (isUnset(shared?.get(key))) limit(limited, requests, key, amount, rule);
  }
}

/** A mount that is taken away breaks a program in ways that nobody can guess. */
function volumes(spec: Place, draft: Draft): void {
  for (const volume of spec.members("volumes")) {
    const hostPath = volume.get("hostPath");
    const other = volume.keys().find((key) => key !== "name" && key !== "hostPath" && !volumeTypes.includes(key) && !isUnset(volume.get(key)));
    if (!isUnset(hostPath)) {
      const path = isObject(hostPath) ? hostPath["path"] : undefined;
      const isSocket = typeof path === "string" && runtimeSocket.test(path);
      volume.leave("hostPath", [...(isSocket ? ["no-runtime-socket"] : []), "no-host-path", "only-restricted-volume-types"], "a path of the host is mounted");
    } else if (other !== undefined) volume.leave(other, ["only-restricted-volume-types"], "the type of a volume");
    else if (!volume.keys().some((key) => volumeTypes.includes(key)) && !isKnown(volume.get("name"))) draft.note("unknown", volume.path, ["no-host-path"], "not known");
  }
}

function nameOf(container: Mutable): string | undefined {
  return typeof container["name"] === "string" ? container["name"] : undefined;
}
