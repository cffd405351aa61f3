import type { ExemptionTerms } from "../exemption/terms";
import type { Field, Path } from "../field";
import type { SubjectBase } from "./subject";

/** An exemption that stands in the document that it exempts, as an annotation or a label. */
export interface CodeExemption extends SubjectBase {
  /** The rule's id, as it is written. */
  readonly rule: string;
  readonly terms?: ExemptionTerms;
  /** Why it cannot be read: the rest of "the exemption must ...". Without both, it is not known yet. */
  readonly problem?: string;
  /** The part of the document that it concerns, where that is not all of it. */
  readonly within?: Path;
  /** The parts of that which have exemptions of their own: pods inside the pod. */
  readonly except?: readonly Path[];
  /** It comes from the component that the resource is a child of, and is meant for whichever child it concerns. */
  readonly isInherited?: true;
}

/** An exemption as it is judged: what stands in its way is set. */
export interface Exemption extends SubjectBase {
  readonly about: "exemption";
  readonly source: "code" | "configuration";
  /** Of the configuration: whether it concerns any resource that was judged. */
  readonly concerns: Field<boolean>;
  /** Why it cannot be read. */
  readonly problem: Field<string>;
  /** The last day that it held, where that is over. */
  readonly expired: Field<string>;
  /** The last day that it holds and the longest time that is allowed, in days, where it lasts longer. */
  readonly exceeded: Field<{ readonly expires: string; readonly days: number }>;
  /** Whether the configuration forbids it in code. */
  readonly forbidden: Field<boolean>;
  /** What it would have to name in order to be narrow. */
  readonly breadth: Field<string>;
  /** Rules that it exempts from and that found nothing; unset while that is not known. */
  readonly unused: Field<readonly string[]>;
}
