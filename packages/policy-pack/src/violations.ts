import type { AnyRule, Finding, Severity } from "@bulkhead/core";
import type { PackConfiguration } from "./configuration";
import { dispatcherName } from "./configuration";

/** The object form of reportViolation: it can name another policy, and its level (@pulumi/policy policy.ts, ReportViolationArgs). */
export interface Violation {
  readonly name: string;
  readonly message: string;
  readonly description: string;
  readonly enforcementLevel: "advisory" | "mandatory";
  readonly severity: Severity;
  readonly urn?: string;
}
export type Report = (violation: Violation) => void;

/** A finding also stands for the more general rules under it. */
export function strictest(finding: Finding, { level }: PackConfiguration): "advisory" | "mandatory" {
  return [finding.rule, ...finding.also].some((rule) => level(rule) === "mandatory") ? "mandatory" : "advisory";
}

export function violation({ rule }: { readonly rule: AnyRule }, enforcementLevel: "advisory" | "mandatory", message: string): Violation {
  return { name: rule.id, description: `${rule.title}.`, severity: rule.severity, enforcementLevel, message };
}

export function own(enforcementLevel: "advisory" | "mandatory", message: string): Violation {
  return { name: dispatcherName, description: "Bulkhead", severity: enforcementLevel === "mandatory" ? "high" : "low", enforcementLevel, message };
}
