import type { Field } from "../field";
import { isObject, known, UNKNOWN, unknown, unset, unsupported } from "../field";
import type { ContainerSettings } from "../model/settings";
import type { Node } from "../node";
import { at, isUnreadable, isUnset, members, unreadable } from "../node";
import { collected, presence } from "./collected";
import { isShell } from "./commands";
import { looksSecret } from "./secrets";

export const probes = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const actions = ["exec", "httpGet", "tcpSocket", "grpc"] as const;

export function probeSettings(place: Node): Pick<ContainerSettings, "readinessProbe" | "livenessProbe" | "sameProbes" | "shellProbes" | "danglingProbePorts"> {
  const [liveness, readiness] = [at(place, "livenessProbe"), at(place, "readinessProbe")];
  const set = probes.filter((name) => !isUnset(at(place, name)));
  const first = (name: string): Node => at(place, name, "exec", "command", 0);
  const shells = set.filter((name) => isShell(first(name).value));
  return {
    livenessProbe: presence(liveness),
    readinessProbe: presence(readiness),
    sameProbes: sameProbes(liveness, readiness),
    shellProbes: collected(shells, at(place, set[0] ?? "livenessProbe"), set.map(first).find(({ value }) => value === UNKNOWN)),
    danglingProbePorts: danglingPorts(place, set),
  };
}

/** Headers of HTTP probes and hooks with a credential written down, each with where it is sent. The kubelet puts no variables in: `$(NAME)` is sent as it is, and is none. */
export function headerSecrets(place: Node): Field<readonly string[]> {
  const handlers = [...probes.map((name) => [name]), ["lifecycle", "postStart"], ["lifecycle", "preStop"]].map((path) => [String(path.at(-1)), at(place, ...path, "httpGet", "httpHeaders")] as const);
  let open: Node | undefined;
  let first: Node | undefined;
  const found = handlers.flatMap(([handler, headers]) => {
    const { items, unknown: all } = members(headers);
    if (all) open ??= headers;
    return items.flatMap((item) => {
      const [name, value] = [at(item, "name"), at(item, "value")];
      if (typeof name.value !== "string" || typeof value.value !== "string") {
        open ??= headers;
        return [];
      }
      if (!isCredential(name.value, value.value)) return [];
      first ??= headers;
      return [`the header ${name.value} of ${handler}`];
    });
  });
  return collected(found, first ?? at(place, "livenessProbe", "httpGet", "httpHeaders"), open);
}

function isCredential(name: string, value: string): boolean {
  return looksSecret(name, value) || (/^((proxy-)?authorization|cookie)$/i.test(name) && value !== "" && !/^\$[({][^)}]*[)}]$/.test(value));
}

function sameProbes(liveness: Node, readiness: Node): Field<boolean> {
  const open = unreadable<boolean>(liveness) ?? unreadable<boolean>(readiness);
  if (open !== undefined) return open;
  if (!isObject(liveness.value) || !isObject(readiness.value)) return liveness.partial === undefined ? unset(liveness.path) : unsupported(liveness.path, liveness.partial);
  const equal = actions.map((action) => [at(liveness, action), at(readiness, action)] as const).map(([a, b]) => (isUnreadable(a) || isUnreadable(b) ? undefined : same(a.value ?? null, b.value ?? null)));
  return equal.includes(false) ? known(false, liveness.path) : equal.includes(undefined) ? unknown(liveness.path) : known(true, liveness.path);
}

/** Whether two values are equal; undefined where that depends on what is not known. */
function same(a: unknown, b: unknown): boolean | undefined {
  if (a === UNKNOWN || b === UNKNOWN) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const parts = [...names].map((name) => same((a as { readonly [key: string]: unknown })[name], (b as { readonly [key: string]: unknown })[name]));
  return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true;
}

/** Names, not numbers: a number need not be declared. */
function danglingPorts(place: Node, set: readonly string[]): Field<readonly string[]> {
  const ports = at(place, "ports");
  const { items, unknown: all } = members(ports);
  const declared = items.map((item) => at(item, "name").value);
  const asked = set.flatMap((name) => [at(place, name, "httpGet", "port"), at(place, name, "tcpSocket", "port")]);
  const names = asked.map(({ value }) => value).filter((value) => typeof value === "string" && !/^\d+$/.test(value));
  const missing = names.filter((name) => !declared.includes(name)).map(String);
  const open = missing.length > 0 && (all || declared.includes(UNKNOWN) || items.some(({ value }) => value === UNKNOWN)) ? ports : asked.find(({ value }) => value === UNKNOWN);
  if (open === ports) return unknown(ports.path);
  return collected(missing, names.length > 0 ? ports : at(place, set[0] ?? "livenessProbe"), open);
}
