import type { Image } from "@bulkhead/core";

/** An image that is run, mounted, pulled or built upon, as opposed to one that is built or pushed and gets its digest only then. */
export function isUsed({ use }: Image): boolean {
  return use === "run" || use === "volume" || use === "pull" || use === "base";
}
