import type { Evaluator, InventoryPart, Model, Outcome } from "@bulkhead/core";
import { inventoryPart, isReadType } from "@bulkhead/core";

export interface StackResource {
  readonly type: string;
  readonly urn: string;
}

/** What is kept of the resources of a stack until the last is analysed. */
export interface StackParts {
  /** What a resource has; analysed again, it replaces what it had. */
  readonly put: (urn: string, models: readonly Model[]) => void;
  /** All resources of the stack. */
  readonly expect: (resources: readonly StackResource[]) => void;
  readonly judge: (evaluator: Evaluator) => readonly { readonly part: InventoryPart; readonly outcome: Outcome }[];
}

export function createStackParts(): StackParts {
  const parts = new Map<string, readonly InventoryPart[]>();
  let unseen: StackResource | undefined;
  return {
    put: (urn, models) => void parts.set(urn, models.flatMap((model) => inventoryPart(model) ?? [])),
    expect: (resources) => {
      // What the program only reads, and what a targeted preview passes over, is not analysed.
      unseen = resources.find(({ type, urn }) => isReadType(type) && !parts.has(urn));
      const present = new Set(resources.map(({ urn }) => urn));
      for (const urn of parts.keys()) if (!present.has(urn)) parts.delete(urn);
    },
    judge: (evaluator) => evaluator.evaluateInventory([...parts.keys()].sort().flatMap((urn) => parts.get(urn) ?? []), unseen === undefined ? undefined : `depends on ${unseen.urn.split("::").slice(2).join("::")}, which was not analysed`),
  };
}
