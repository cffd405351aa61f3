import type { Shared } from "@bulkhead/core";

const shown = 3;

/** Who the others are; where they are many, the first of them. */
export function othersOf({ others }: Shared): string {
  const rest = others.length - shown;
  return `${others.slice(0, shown).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
