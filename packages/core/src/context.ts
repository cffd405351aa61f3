import type { ExemptionSettings } from "./exemption/configured";

/** What holds for a whole evaluation, whatever the rule. A rule does no input or output: the clock is given here. */
export interface EvaluationContext {
  /** The time that dates are judged by, in milliseconds since 1970. */
  readonly now?: number;
  /** Whether what is judged is all there is: what is missing is missing, also in namespaces that are made elsewhere. */
  readonly closedWorld?: boolean;
  readonly exemptions?: ExemptionSettings;
}
