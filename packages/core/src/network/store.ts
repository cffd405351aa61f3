import type { Field, Path } from "../field";
import { known, unset, unsupported } from "../field";
import type { Resource, SubjectBase } from "../model/subject";
import type { FlowsStatus } from "./source";

/** The lockfile of accepted flows as a whole, judged once, after the whole stack, where something was to be judged by it. */
export interface FlowStore extends SubjectBase {
  readonly about: "flowStore";
  /** Why it cannot be read; unsupported where it is not there. */
  readonly problem: Field<string>;
}

/** It stands for no platform; the rules about it are for every one. */
const resource: Resource = { platform: "kubernetes", kind: "Configuration", name: "flows" };

export function flowStore(status: FlowsStatus, place: Path): FlowStore {
  const path: Path = [...place, "flows"];
  const problem = (): Field<string> => {
    if (status.kind === "unreadable") return known(`${status.file}: ${status.problem}`, path);
    return status.kind === "missing" ? unsupported(path, `there is no lockfile of accepted flows (${status.file}): bulkhead network learn --lock writes one`) : unset(path);
  };
  return { about: "flowStore", resource, label: "the program", path, problem: problem() };
}
