import type { Field } from "../field";
import type { SubjectBase } from "./subject";

/** A Job, or the template of a CronJob's. */
export interface Job extends SubjectBase {
  readonly about: "job";
  /** Whether a CronJob starts and removes it. */
  readonly scheduled: boolean;
  /** In seconds. */
  readonly deadline: Field<number>;
  readonly retries: Field<number>;
  /** In seconds after its end. */
  readonly timeToLive: Field<number>;
}

export interface CronJob extends SubjectBase {
  readonly about: "cronJob";
  /** In seconds, after which a start that was missed is left out. */
  readonly startingDeadline: Field<number>;
  /** Allow, Forbid or Replace. */
  readonly concurrency: Field<string>;
}

/** A Secret, by its type and whether it holds anything. Its data never enters the model. */
export interface Secret extends SubjectBase {
  readonly about: "secret";
  readonly type: Field<string>;
  readonly holdsData: Field<boolean>;
}

export interface ConfigMap extends SubjectBase {
  readonly about: "configMap";
  /** Keys whose values look like credentials. Values never enter the model. */
  readonly literalSecrets: Field<readonly string[]>;
  /** The setting of ingress-nginx that lets an Ingress bring configuration of its own (`allow-snippet-annotations`); unset where there is none. */
  readonly allowsSnippets: Field<boolean>;
}
