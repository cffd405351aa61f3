import type { ResourceValidationArgs } from "@pulumi/policy";
import type { Address, Evaluator } from "@bulkhead/core";
import { applyFixes, readDocument } from "@bulkhead/core";
import { copiedInputs, proxyTarget } from "./inputs";

/**
 * Applies a rule's fixes to a resource's inputs, in place: the SDK keeps secrets secret only so. Undefined where
 * nothing was changed. What is exempted, is unknown, or stands below something unknown, is left alone.
 */
export function remediate(evaluator: Evaluator, args: Pick<ResourceValidationArgs, "props">, address: Address): Record<string, unknown> | undefined {
  const props = args.props as Record<string, unknown>;
  // Behind the SDK's proxy secrets stay secret.
  const target = props[proxyTarget];
  const inputs = typeof target === "object" && target !== null ? target : props;
  const changed = applyFixes(inputs, () => readDocument(copiedInputs(inputs), address).flatMap((model) => evaluator.raw(model).findings));
  return changed ? props : undefined;
}
