import type { EvaluationContext } from "../context";
import type { Field, Path } from "../field";
import { known, unknown, unset } from "../field";
import type { CodeExemption, Exemption } from "../model/exemption";
import type { Resource } from "../model/subject";
import { didYouMean } from "../settings";
import type { ConfiguredExemption } from "./configured";
import { exemptable } from "./configured";
import { breadthOf } from "./match";
import { daysLeft } from "./terms";

/** What is found out of an exemption beside its terms, for the rules about exemptions. */
type Facts = Pick<Exemption, "problem" | "expired" | "exceeded" | "forbidden" | "breadth">;

/** An exemption of the configuration stands for no platform; the rules about exemptions are for every one. */
export const configurationResource: Resource = { platform: "kubernetes", kind: "Configuration", name: "exemptions" };

/** Judges the terms of exemptions by the clock and by what the configuration allows. */
export function createJudge({ now, exemptions }: EvaluationContext) {
  const catalogue = exemptions?.catalogue ?? [];
  const ids = exemptable(catalogue);

  const period = (path: Path, expires: string): Pick<Facts, "expired" | "exceeded"> => {
    if (now === undefined) return { expired: unknown(path, "cannot be judged without a clock"), exceeded: unknown(path, "cannot be judged without a clock") };
    const left = daysLeft(expires, now);
    const limit = exemptions?.maxDays;
    // The last day is a whole one, so a limit of 90 days reaches to the end of the 90th day after today.
    const exceeds = limit !== undefined && left > limit + 1;
    return { expired: left > 0 ? unset(path) : known(expires, path), exceeded: exceeds ? known({ expires, days: limit }, path) : unset(path) };
  };

  const problemOf = ({ rule, problem }: CodeExemption): string | undefined => {
    if (rule === "*") return problem;
    if (catalogue.length === 0 || ids.includes(rule)) return problem;
    if (catalogue.some((known) => known.id === rule)) return `name a rule that can be exempted: ${rule} is about exemptions themselves`;
    const near = didYouMean(rule, ids);
    return `name a rule that exists, not ${JSON.stringify(rule)}${near === undefined ? "" : ` (did you mean ${near}?)`}`;
  };

  const code = (exemption: CodeExemption): Facts => {
    const { path, terms, rule } = exemption;
    const problem = problemOf(exemption);
    const none = unset<never>(path);
    if (problem !== undefined) return { problem: known(problem, path), expired: none, exceeded: none, forbidden: none, breadth: none };
    const isForbidden = exemptions?.notInCode.some((id) => id === "*" || id === rule) === true;
    const forbidden = isForbidden ? known(true, path) : none;
    if (terms === undefined) {
      const open = unknown<never>(path);
      return { problem: open, expired: open, exceeded: open, forbidden: isForbidden ? forbidden : open, breadth: open };
    }
    return { problem: none, ...period(path, terms.expires), forbidden, breadth: optional(breadthOf([rule], undefined), path) };
  };

  const configured = ({ rules, scope, expires }: ConfiguredExemption, path: Path): Facts => {
    const none = unset<never>(path);
    return { problem: none, ...period(path, expires), forbidden: none, breadth: optional(breadthOf(rules, scope), path) };
  };

  return {
    code, configured,
    /** Whether an exemption counts; one of the configuration that is broad does, and is reported. */
    counts: (facts: Facts, source: Exemption["source"]): boolean =>
      facts.problem.state === "unset" && facts.expired.state === "unset" && facts.exceeded.state === "unset" && facts.forbidden.state === "unset" && (source === "configuration" || facts.breadth.state === "unset"),
  };
}

function optional<T>(value: T | undefined, path: Path): Field<T> {
  return value === undefined ? unset(path) : known(value, path);
}
