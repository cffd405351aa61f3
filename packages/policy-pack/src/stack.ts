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
  /** A resource of which nothing is known. */
  readonly passOver: (urn: string) => void;
  /** All resources of the stack. */
  readonly expect: (resources: readonly StackResource[]) => void;
  /** Whether a rule has to ask of them who may talk to whom. */
  readonly asksNetwork: (evaluator: Evaluator) => boolean;
  readonly judge: (evaluator: Evaluator) => readonly { readonly part: InventoryPart; readonly outcome: Outcome }[];
}

export function createStackParts(): StackParts {
  const parts = new Map<string, readonly InventoryPart[]>();
  const passedOver = new Set<string>();
  let unseen: string | undefined;
  return {
    put: (urn, models) => {
      passedOver.delete(urn);
      parts.set(urn, models.flatMap((model) => inventoryPart(model) ?? []));
    },
    passOver: (urn) => {
      parts.delete(urn);
      passedOver.add(urn);
    },
    expect: (resources) => {
      // What the program only reads is not analysed; what an operation leaves out and was never made is in no list.
      unseen = resources.find(({ type, urn }) => isReadType(type) && !parts.has(urn))?.urn ?? [...passedOver].sort()[0];
      const present = new Set(resources.map(({ urn }) => urn));
      for (const urn of parts.keys()) if (!present.has(urn)) parts.delete(urn);
    },
    asksNetwork: (evaluator) => evaluator.asksNetwork([...parts.values()].flat()),
    judge: (evaluator) => evaluator.evaluateInventory([...parts.keys()].sort().flatMap((urn) => parts.get(urn) ?? []), unseen === undefined ? undefined : `depends on ${unseen.split("::").slice(2).join("::")}, which was not analysed`),
  };
}
