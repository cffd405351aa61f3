import type { Surroundings } from "./context";
import type { Field, Patch } from "./field";
import type { Inventory } from "./inventory/inventory";
import type { About, ContainerRole, Platform, SubjectByAbout } from "./model/subject";

export type Severity = "critical" | "high" | "medium" | "low";
export type Preset = "baseline" | "restricted" | "strict";
export type Challenge = "C1" | "C2" | "C3" | "C4" | "C5";

/**
 * How a rule reads a field while (a part of) it is unknown.
 *
 * - `exact`: undecided.
 * - `forbids`: more can only make it worse. A known bad part is a finding; otherwise undecided.
 * - `requires`: more can only make it better. A known sufficient part is a pass; otherwise undecided.
 */
export type ReadMode = "exact" | "forbids" | "requires";

export interface Read<T> {
  readonly mode: ReadMode;
  readonly field: Field<T>;
}

export const exact = <T>(field: Field<T>): Read<T> => ({ mode: "exact", field });
export const forbids = <T>(field: Field<T>): Read<T> => ({ mode: "forbids", field });
export const requires = <T>(field: Field<T>): Read<T> => ({ mode: "requires", field });

export type Reads = { readonly [name: string]: Read<never> | Read<unknown> };
type ValueOf<R> = R extends Read<infer T> ? T : never;
export type Values<R> = { readonly [K in keyof R]: ValueOf<R[K]> | undefined };
export type Fields<R> = { readonly [K in keyof R]: Field<ValueOf<R[K]>> };

/** One option of a rule: a list of strings, a number or a choice. Every option has a default, or makes the rule unconfigured. */
export type OptionSchema =
  | { readonly type: "strings"; readonly description: string; readonly example: readonly string[]; readonly default?: readonly string[]; readonly check?: (value: string) => string | undefined }
  | { readonly type: "string"; readonly description: string; readonly example: string; readonly choices?: readonly string[]; readonly default?: string }
  | { readonly type: "number"; readonly description: string; readonly example: number; readonly minimum?: number; readonly maximum?: number; readonly default?: number };
export type OptionSchemas = { readonly [name: string]: OptionSchema };
type OptionValue<S> = S extends { readonly type: "strings" } ? readonly string[] : S extends { readonly type: "number" } ? number : string;
export type Options<O extends OptionSchemas> = { readonly [K in keyof O]: OptionValue<O[K]> };

export interface CheckContext<O extends OptionSchemas, A extends About = About> extends Surroundings {
  readonly options: Options<O>;
  readonly about: A;
  readonly platform: Platform;
}

/** A fragment (or several) of a document, merged into one that satisfies the whole catalogue. */
export type Fragment = { readonly [key: string]: unknown };
export interface ExamplePair {
  /**
   * Where the fragment goes: into the container, the pod spec (on Docker both are the resource's inputs), a document of
   * its own, or a stack of documents by name.
   */
  readonly on?: "container" | "pod" | "document" | "stack";
  /** For `on: "document"`: the kind or the type token. */
  readonly kind?: string;
  /** What the pod around the container says, merged into the good one. */
  readonly pod?: Fragment;
  /** Kinds whose pods the rule does not concern. */
  readonly exceptKinds?: readonly string[];
  /** Rules of which this rule is a part, where no bad example can be had that breaks this rule alone. */
  readonly within?: readonly string[];
  readonly bad: Fragment | readonly Fragment[];
  readonly good: Fragment | readonly Fragment[];
}

export interface Rule<A extends About = About, R extends Reads = Reads, O extends OptionSchemas = OptionSchemas> {
  readonly id: string;
  /** What holds where the rule passes: "Containers drop every Linux capability". */
  readonly title: string;
  readonly severity: Severity;
  readonly since: string;
  readonly challenge: Challenge;
  readonly preset: Preset;
  /** Framework id to control ids. */
  readonly frameworks: { readonly [framework: string]: string | readonly string[] };
  readonly why: string;
  readonly remediation: string;
  /** When the rule asks for too much, and what to do then. */
  readonly whenNot?: string;
  /** The page of a rule that is not one of the project's own catalogue. */
  readonly url?: string;
  readonly about: A | readonly A[];
  /** Container roles that the rule concerns; default all. */
  readonly roles?: readonly ContainerRole[];
  /** Whether the rule concerns a subject at all, by what is always known of it; default every one. */
  readonly appliesTo?: (subject: SubjectByAbout[A]) => boolean;
  /** Default all. */
  readonly platforms?: readonly Platform[];
  /** Minor version of Kubernetes from which this is asked for; on an older cluster the rule is silent. Default all. */
  readonly sinceKubernetes?: number;
  readonly options?: O;
  /** Rules that a violation of this one also trips, by inclusion. Of one setting, this rule is the more specific. */
  readonly overlaps?: readonly string[];
  /** Whether the rule judges the whole stack, once all of it is read, everywhere or on some platforms; `reads` may then ask the inventory. */
  readonly inventory?: boolean | readonly Platform[];
  /** Whether it asks who may talk to whom: what evaluates policies is loaded only for a rule that does. */
  readonly asksNetwork?: boolean;
  readonly reads: (subject: SubjectByAbout[A], inventory: Inventory, surroundings: Surroundings) => R;
  /** The rest of the sentence "<subject> must ...", or nothing. Never quotes a value that may be a secret. */
  readonly check: (values: Values<R>, context: CheckContext<O, A>) => string | undefined;
  /** The changes that make the subject pass, or undefined where none is safe. */
  readonly fix?: (fields: Fields<R>, context: CheckContext<O, A>) => readonly Patch[] | undefined;
  /** Platforms on which `fix` has patches for every bad example; default each one with examples. */
  readonly fixOn?: readonly Platform[];
  /** Rules that are to be fixed first: beside what they take away the platform refuses what this one's fix writes. */
  readonly fixAfter?: readonly string[];
  readonly examples: { readonly [P in Platform]?: ExamplePair | readonly ExamplePair[] };
  /** Values for the options in the examples, where the rule has no defaults. */
  readonly exampleOptions?: Partial<Options<O>>;
}

/** A rule whose own types are forgotten: what the catalogue holds and `evaluate` runs. */
export type AnyRule = Omit<Rule, "reads" | "check" | "fix" | "exampleOptions" | "about" | "appliesTo"> & {
  readonly about: readonly About[];
  readonly appliesTo?: (subject: SubjectByAbout[About]) => boolean;
  readonly reads: (subject: SubjectByAbout[About], inventory: Inventory | undefined, surroundings: Surroundings) => Reads;
  readonly check: (values: { readonly [name: string]: unknown }, context: CheckContext<OptionSchemas>) => string | undefined;
  readonly fix?: (fields: { readonly [name: string]: Field<unknown> }, context: CheckContext<OptionSchemas>) => readonly Patch[] | undefined;
  readonly exampleOptions?: { readonly [name: string]: unknown };
};

/** Whether a rule judges the whole stack on a platform, or, where none is given, on any. */
export function judgesStack({ inventory = false }: Pick<AnyRule, "inventory">, platform?: Platform): boolean {
  return typeof inventory === "boolean" ? inventory : platform === undefined || inventory.includes(platform);
}

/** Checks and completes a rule. A rule is a value; it registers nothing. */
export function defineRule<const A extends About, R extends Reads, const O extends OptionSchemas = Record<never, never>>(rule: Rule<A, R, O>): AnyRule {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(rule.id)) throw new Error(`rule ${JSON.stringify(rule.id)}: expected a kebab-case id`);
  const about = Array.isArray(rule.about) ? (rule.about as readonly About[]) : [rule.about as About];
  return { ...(rule as unknown as AnyRule), about };
}
