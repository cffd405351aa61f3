import type { Field, Path } from "../field";
import { formatPath, isObject, known, knownValue, UNKNOWN, unknown, unset } from "../field";
import type { ChartValues, Connection } from "../model/around";
import type { Resource } from "../model/subject";
import type { Node } from "../node";
import { anyTrue, quoted } from "./common";
import { at, booleanField, isUnset, numberField, stringField, unreadable } from "../node";
import { connection, isPlainHttp } from "./connection";

const maxDepth = 24;
const maxVisited = 20_000;
const dangerous = /^(CAP_)?(ALL|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|SYS_RAWIO|SYS_BOOT|NET_ADMIN|NET_RAW|DAC_READ_SEARCH|BPF|PERFMON|MAC_ADMIN|MAC_OVERRIDE|CHECKPOINT_RESTORE)$/i;

/** Values under these names go into the pod spec as they are, whatever the chart; a chart's own word for a setting is left alone. */
const weakening: { readonly [key: string]: (place: Node) => boolean } = {
  privileged: isTrue, allowPrivilegeEscalation: isTrue, hostNetwork: isTrue, hostPID: isTrue, hostIPC: isTrue, hostProcess: isTrue,
  /** Bitnami's charts refuse images from elsewhere without it. */
  allowInsecureImages: isTrue,
  runAsNonRoot: isFalse, readOnlyRootFilesystem: isFalse,
  runAsUser: (place) => knownValue(numberField(place)) === 0,
  procMount: (place) => place.value === "Unmasked",
  seccompProfile: isUnconfined, appArmorProfile: isUnconfined,
  capabilities: (place) => isObject(place.value) && Array.isArray(place.value["add"]) && place.value["add"].some((name) => typeof name === "string" && dangerous.test(name)),
  hostPath: (place) => isObject(place.value) && typeof place.value["path"] === "string",
};
/** `containerSecurityContext.enabled: false` leaves all of it out. */
const switches = /^(pod|container)?securityContext$/i;

function isTrue(place: Node): boolean {
  return knownValue(booleanField(place)) === true;
}

function isFalse(place: Node): boolean {
  return knownValue(booleanField(place)) === false;
}

function isUnconfined(place: Node): boolean {
  return knownValue(stringField(at(place, "type"))) === "Unconfined";
}

/** The values of a chart that is rendered where nobody here sees it. */
export function chartValues(resource: Resource, values: Node): ChartValues {
  return { about: "chartValues", resource, label: quoted(resource), path: values.path, weakenings: weakenings(values) };
}

function weakenings(values: Node): Field<readonly string[]> {
  if (isUnset(values)) return unset(values.path);
  const unread = unreadable<readonly string[]>(values);
  if (unread !== undefined) return unread;
  const found: Path[] = [];
  let visited = 0;
  let open = false;
  const visit = (place: Node, depth: number): void => {
    if (place.value === UNKNOWN || depth > maxDepth || ++visited > maxVisited) {
      open = true;
      return;
    }
    if (Array.isArray(place.value)) {
      for (const index of place.value.keys()) visit(at(place, index), depth + 1);
      return;
    }
    if (!isObject(place.value)) return;
    for (const key of Object.keys(place.value)) {
      const inner = at(place, key);
      if (Object.hasOwn(weakening, key) && weakening[key]?.(inner) === true) found.push(inner.path);
      if (switches.test(key) && isFalse(at(inner, "enabled"))) found.push(at(inner, "enabled").path);
      visit(inner, depth + 1);
    }
  };
  visit(values, 0);
  if (found.length === 0 && open) return unknown(values.path, "holds values that cannot be known yet");
  return { ...known(found.map(formatPath), values.path), ...(open ? { partial: true } : {}) };
}

/** Where a Release's chart comes from: a repository, or the chart's own address. */
export function chartRepository(root: Node, resource: Resource): Connection {
  const places = [at(root, "repositoryOpts", "repo"), at(root, "chart")].filter((place) => !isUnset(place));
  return connection(resource, "chart repository", root, { unencrypted: anyTrue([unset(root.path), ...places.map(isPlainHttp)]), unverified: unset(root.path) });
}
