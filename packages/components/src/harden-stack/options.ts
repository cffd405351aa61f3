import { ArgumentError } from "../arguments/argument-error";
import type { Read } from "../arguments/shape";
import { integer, listOf, matching, object, oneOf, optional, text } from "../arguments/shape";
import { cpu, memory, size } from "../arguments/values";
import { weakeningShape } from "../arguments/weakening";

/** Resources that `hardenStack` leaves alone in some respect. */
export interface StackExemptionArgs {
  /** The resource's name in the program; `*` is any text, `?` any character. */
  name?: string;
  /** Its type, such as `docker:index/container:Container` or `kubernetes:apps/v1:*`. */
  type?: string;
  /** One container of a pod. Default: all of them. */
  container?: string;
  /** Ids of rules; `*` is all of them. */
  rules: string[];
  /** What needs it. */
  reason: string;
  /** Who answers for it. Default: the project. */
  owner?: string;
  /** The last day that it holds, in UTC: `2027-03-31`. Default: `never`. */
  expires?: string;
}

export interface HardenStackOptions {
  /** `fill` changes; `report` only says what it would change. Default: `fill`. */
  mode?: string;
  /** The memory limit of containers that have none, such as `256Mi`. Without it they are reported. */
  memory?: string;
  /** The CPU limit of containers that have none, such as `500m`. Without it they are reported. */
  cpu?: string;
  /** The limit on what a container of Kubernetes writes on the node's disk, such as `1Gi`. Without it those that have none are reported. */
  storage?: string;
  /** The pids limit of Docker containers that this program makes. Without it they are reported. */
  pidsLimit?: number;
  exempt?: StackExemptionArgs[];
}

const rule = matching(/^(\*|[a-z][a-z0-9-]*)$/, "the id of a rule such as no-host-path, or *");
const exemption = object({ name: optional(text), type: optional(text), container: optional(text), rules: listOf(rule), ...weakeningShape });
const shape = object({ mode: optional(oneOf("fill", "report")), memory: optional(memory), cpu: optional(cpu), storage: optional(size), pidsLimit: optional(integer(1, 4_194_304)), exempt: optional(listOf(exemption)) });

export type ReadStackExemption = Read<typeof exemption>;
export type Settings = Read<typeof shape>;

/** @throws ArgumentError */
export function readOptions(options: unknown): Settings {
  const settings = shape(options ?? {}, "hardenStack: options");
  for (const [index, { name, type, rules }] of (settings.exempt ?? []).entries()) {
    const path = `hardenStack: options.exempt[${index}]`;
    if (name === undefined && type === undefined) throw new ArgumentError(path, "a name, a type or both", "neither");
    if (rules.length === 0) throw new ArgumentError(`${path}.rules`, "a list that is not empty", "an empty list");
  }
  return settings;
}

/** Whether a text matches a pattern in which `*` is any text and `?` one character. */
export function matchesGlob(pattern: string, value: string): boolean {
  const source = pattern.split(/([*?])/).map((part) => (part === "*" ? ".*" : part === "?" ? "." : part.replace(/[\\^$.|+()[\]{}]/g, "\\$&"))).join("");
  return new RegExp(`^${source}$`, "s").test(value);
}
