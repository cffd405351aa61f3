import { isObject } from "../field";
import type { ConfigProblem } from "../settings";
import { describe, unknownKey } from "../settings";

/** What the configuration says of accepted flows (`flows`). The file is relative to the program, or on the command line to the working directory. */
export interface FlowSettings {
  /** Default `bulkhead.flows.json`. */
  readonly lockfile: string;
}

export const defaultFlowsLock = "bulkhead.flows.json";

/** Reads `flows` of a configuration; `path` is where it stands. */
export function readFlowSettings(value: unknown, path: string): { readonly settings: FlowSettings; readonly problems: readonly ConfigProblem[] } {
  const usual = { lockfile: defaultFlowsLock };
  if (value === undefined) return { settings: usual, problems: [] };
  if (!isObject(value)) return { settings: usual, problems: [{ path, expected: "an object", found: describe(value) }] };
  const problems = Object.keys(value).filter((key) => key !== "lockfile").map((key) => unknownKey(`${path}.${key}`, key, ["lockfile"]));
  const { lockfile = defaultFlowsLock } = value;
  if (typeof lockfile === "string" && lockfile !== "") return { settings: { lockfile }, problems };
  return { settings: usual, problems: [...problems, { path: `${path}.lockfile`, expected: "text that is not empty", found: lockfile === "" ? "an empty text" : describe(lockfile) }] };
}
