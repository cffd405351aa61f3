import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, describe } from "./argument-error";
import { endOf } from "./date";
import type { Read } from "./shape";
import { object, optional, text } from "./shape";

/** Why a default is given up, who answers for it, and until when. It becomes an exemption from the rules that the default satisfies. */
export interface Weakening {
  /** What needs it. */
  reason: string;
  /** Who answers for it. Default: the component's `owner`, else the project. */
  owner?: string;
  /** The last day that it holds, in UTC: `2027-03-31`. Default: `never`; a pack with a maximum for exemptions then refuses it. */
  expires?: string;
}

/** One rule that a component's child does not satisfy, in the words of the pack's exemptions. */
export interface Exemption {
  rule: string;
  reason: string;
  owner: string;
  expires: string;
}

/** The readers of a weakening's own keys, to be spread into those of an argument that has more. */
export const weakeningShape = {
  reason: plain("a reason"),
  owner: optional(plain("an owner")),
  expires: optional((value: unknown, path: string): string => {
    if (typeof value !== "string" || endOf(value) === Number.NEGATIVE_INFINITY) throw new ArgumentError(path, "a date such as 2027-03-31", describe(value));
    return value;
  }),
};

export const weakening = object(weakeningShape);
export type ReadWeakening = Read<typeof weakening>;

/** What annotations and labels that exempt are named by, as the pack reads them. */
export const exemptionPrefix = "exempt.bulkhead.dev/";

/** The exemptions from some rules that one weakening stands for. */
export function exemptionsOf({ reason, owner, expires }: ReadWeakening, rules: readonly string[], defaultOwner: string | undefined): readonly Exemption[] {
  return rules.map((rule) => ({ rule, reason, owner: owner ?? defaultOwner ?? pulumi.getProject(), expires: expires ?? "never" }));
}

/** One exemption for each rule: with the reasons of all that it stands for, until the first of them ends. */
export function joinExemptions(all: readonly Exemption[]): readonly Exemption[] {
  const joined = new Map<string, Exemption>();
  for (const exemption of all) {
    const other = joined.get(exemption.rule);
    if (other === undefined) {
      joined.set(exemption.rule, exemption);
      continue;
    }
    const [first, then] = other.expires === "never" || (exemption.expires !== "never" && exemption.expires < other.expires) ? [exemption, other] : [other, exemption];
    joined.set(exemption.rule, first.reason === then.reason ? first : { ...first, reason: `${first.reason}, and ${then.reason}` });
  }
  return [...joined.values()];
}

/** `exempt.bulkhead.dev/<rule>` annotations, as the pack and `bulkhead check` read them. `containerOf` names the only container that a rule is not satisfied by, where it is one. */
export function annotationsOf(exemptions: readonly Exemption[], containerOf: (rule: string) => string | undefined = () => undefined): { readonly [key: string]: string } {
  return Object.fromEntries(exemptions.map(({ rule, reason, owner, expires }) => {
    const container = containerOf(rule);
    return [`${exemptionPrefix}${rule}`, `owner=${owner}; expires=${expires}; ${container === undefined ? "" : `container=${container}; `}reason=${reason}`];
  }));
}

/** A `;` or a line break would end a value where an exemption is written as a text. */
function plain(what: string) {
  return (value: unknown, path: string): string => {
    const said = text(value, path).replace(/\s+/g, " ").trim();
    if (said.includes(";")) throw new ArgumentError(path, `${what} without a ";"`, describe(value));
    return said;
  };
}

