import type { Field } from "../field";
import type { Node } from "../node";
import { at, field, isUnset, unreadable } from "../node";
import { collected } from "./collected";

const units: { readonly [unit: string]: number } = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

/** Bytes as Docker reads them (go-units RAMInBytes): `512`, `64m`, `1.5gb`, `2 GiB`; undefined where it is none. */
export function parseBytes(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string") return undefined;
  const match = /^\s*([+-]?\d+(?:\.\d+)?)\s?([kmgtp]?)(?:i?b)?\s*$/i.exec(value);
  return match === null ? undefined : Number(match[1]) * (units[(match[2] ?? "").toLowerCase()] ?? 1);
}

function parseNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" && /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value) ? Number(value) : undefined;
}

const bytes = (place: Node): Field<number> => field(place, "an amount of bytes such as 64m", parseBytes);
const number = (place: Node): Field<number> => field(place, "a number", parseNumber);

/** A limit may stand at the service or under deploy.resources.limits; any that is above 0 limits. */
function eitherOf(fields: readonly [Field<number>, ...Field<number>[]]): Field<number> {
  const positive = fields.find((limit) => limit.state === "value" && limit.value > 0);
  return positive ?? fields.find((limit) => limit.state === "unknown") ?? fields.find((limit) => limit.state === "value") ?? fields[0];
}

export function memoryLimit(service: Node): Field<number> {
  return eitherOf([bytes(at(service, "mem_limit")), bytes(deployed(service, "memory"))]);
}

/** A quota and shares bound a container too, and a set of processors. */
export function cpuLimit(service: Node): Field<number> {
  const set = field(at(service, "cpuset"), "a set of processors", (value) => (typeof value === "number" || (typeof value === "string" && value !== "") ? 1 : undefined));
  return eitherOf([number(at(service, "cpus")), number(deployed(service, "cpus")), number(at(service, "cpu_quota")), number(at(service, "cpu_shares")), number(at(service, "cpu_count")), number(at(service, "cpu_percent")), set]);
}

export function pidsLimit(service: Node): Field<number> {
  return eitherOf([number(at(service, "pids_limit")), number(deployed(service, "pids"))]);
}

function deployed(service: Node, name: string): Node {
  return at(service, "deploy", "resources", "limits", name);
}

const spellings = [
  ["mem_limit", "memory", parseBytes],
  ["cpus", "cpus", parseNumber],
  ["pids_limit", "pids", parseNumber],
] as const;

/**
 * The limits whose two spellings are not equal. Compose refuses such a service (compose-go, checkConsistency), also
 * where deploy.resources.limits is there and leaves the limit out: that counts as 0.
 */
export function limitConflicts(service: Node): Field<readonly string[]> {
  const limits = at(service, "deploy", "resources", "limits");
  const unread = unreadable<readonly string[]>(limits);
  if (unread !== undefined) return unread;
  const names: string[] = [];
  let open: Node | undefined;
  for (const [own, name, parse] of spellings) {
    const [first, second] = [at(service, own), at(limits, name)];
    if (isUnset(first) || isUnset(limits)) continue;
    const [a, b] = [parse(first.value), isUnset(second) ? 0 : parse(second.value)];
    if (a === 0) continue;
    if (a === undefined || b === undefined) open ??= a === undefined ? first : second;
    else if (a !== b) names.push(own);
  }
  return collected(names, limits, open);
}
