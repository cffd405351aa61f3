import type { ResourceValidationArgs } from "@pulumi/policy";
import type { Model } from "@bulkhead/core";
import { proxyTarget } from "./inputs";

const reason = "this operation leaves it out (--target or --exclude) and it is not made yet, so its inputs are not known here";

/**
 * Whether the engine sends a resource without any input because the operation leaves it out: it then asks no provider, and sends
 * the inputs of the last update, of which there are none (pulumi/pulumi step_generator.go, "stub out the provider check").
 * Otherwise each resource that is read here has inputs once its provider has checked it. Components and providers are always sent
 * as the program has them.
 */
export function isLeftOut({ type, props, provider }: Pick<ResourceValidationArgs, "type" | "props" | "provider">): boolean {
  if (provider === undefined || type.startsWith("pulumi:providers:")) return false;
  const target = (props as { readonly [proxyTarget]?: unknown })[proxyTarget];
  return Object.keys(typeof target === "object" && target !== null ? target : props).length === 0;
}

/** Nothing of it is judged, which is said. */
export function leftOut({ resource, holdsContainers }: Model): Model {
  return { resource, subjects: [], holes: [], notExamined: [{ resource, path: [], reason }], holdsContainers };
}
