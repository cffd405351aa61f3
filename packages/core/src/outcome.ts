import type { Patch, Path } from "./field";
import type { Resource } from "./model/subject";
import type { AnyRule } from "./rule";

interface About {
  readonly resource: Resource;
  /** Name of the container, where the subject is one or belongs to one. */
  readonly container?: string;
}

export interface Finding extends About {
  readonly rule: AnyRule;
  /** A whole sentence: `container "web" of Deployment "shop/api" must drop ALL capabilities`. */
  readonly message: string;
  /** The settings that decided, where they stand or would stand. Never empty. */
  readonly paths: readonly Path[];
  /** More general rules that speak of the same setting of the same subject, and are not reported on their own. */
  readonly also: readonly AnyRule[];
  /** The changes that would make the subject pass, or undefined where none is safe. */
  readonly fix: () => readonly Patch[] | undefined;
  /** Why there are none, where another setting of the document forbids them. */
  readonly unfixable?: () => string | undefined;
}

/** A finding that an exemption covers. */
export interface Exempted extends Finding {
  readonly exemption: AppliedExemption;
}

export interface AppliedExemption {
  readonly source: "code" | "configuration";
  readonly reason: string;
  readonly owner: string;
  /** The last day that it holds, in UTC. */
  readonly expires: string;
}

export interface Undecided extends About {
  readonly rule: AnyRule;
  readonly message: string;
  /** Why, where what decides stands outside what was read: the same reason holds for many subjects. */
  readonly elsewhere?: string;
  readonly paths: readonly Path[];
}

export interface NotExaminedEntry extends About {
  /** The rule, where one rule cannot be judged; without it, the whole document was not examined. */
  readonly rule?: AnyRule;
  readonly path: Path;
  readonly reason: string;
}

/** A rule that threw. The error's text is left out: it may quote a value of the document. */
export interface RuleError extends About {
  readonly rule: AnyRule;
  readonly error: string;
}

export interface Outcome {
  readonly findings: readonly Finding[];
  readonly exempted: readonly Exempted[];
  readonly undecided: readonly Undecided[];
  readonly notExamined: readonly NotExaminedEntry[];
  readonly errors: readonly RuleError[];
}
