import type { Field, Path } from "../field";
import { known, unset } from "../field";
import type { Resource, SubjectBase } from "../model/subject";
import type { EvidenceStatus } from "./source";

/** The lockfile of evidence as a whole, judged once, after every image. */
export interface EvidenceStore extends SubjectBase {
  readonly about: "evidenceStore";
  /** Where the lockfile was looked for and not found, although an image was to be judged by it. */
  readonly missing: Field<string>;
  /** Why it cannot be read. */
  readonly problem: Field<string>;
}

/** It stands for no platform; the rules about it are for every one. */
const resource: Resource = { platform: "kubernetes", kind: "Configuration", name: "evidence" };

/** @param isMissed whether an image could not be judged for want of it. */
export function evidenceStore(status: EvidenceStatus, isMissed: boolean, place: Path): EvidenceStore {
  const path: Path = [...place, "evidence"];
  return {
    about: "evidenceStore", resource, label: "the program", path,
    missing: status.kind === "missing" && isMissed ? known(status.file, path) : unset(path),
    problem: status.kind === "unreadable" ? known(`${status.file}: ${status.problem}`, path) : unset(path),
  };
}
