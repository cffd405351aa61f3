import type { ResourceValidationArgs } from "@pulumi/policy";
import type { Finding, RuleSettings } from "@bulkhead/core";
import { applyPatches, createEvaluator, readDocument } from "@bulkhead/core";
import { copiedInputs, proxyTarget } from "./inputs";

/**
 * Applies a rule's fixes to a resource's inputs, in place: the SDK keeps secrets secret only so. Undefined where
 * nothing was changed. What is unknown, or stands below something unknown, is left alone.
 */
export function remediate(settings: RuleSettings, args: Pick<ResourceValidationArgs, "type" | "urn" | "name" | "props">): Record<string, unknown> | undefined {
  const { type, urn, name } = args;
  const props = args.props as Record<string, unknown>;
  // Behind the SDK's proxy secrets stay secret.
  const target = props[proxyTarget];
  const inputs = typeof target === "object" && target !== null ? target : props;
  const models = readDocument(copiedInputs(inputs), { type, urn, name });
  const findings = models.flatMap((model) => createEvaluator([settings]).raw(model).findings);
  const applied = findings.filter((finding) => applyFix(finding, inputs));
  return applied.length > 0 ? props : undefined;
}

function applyFix(finding: Finding, inputs: object): boolean {
  const patches = finding.fix();
  if (patches === undefined || patches.length === 0) return false;
  try {
    applyPatches(inputs, patches);
    return true;
  } catch {
    // A parent is not known yet: the finding stays, and is reported.
    return false;
  }
}
