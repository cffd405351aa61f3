import type { Drift, Field, Path } from "@bulkhead/core";
import { elsewhere, known, unknown } from "@bulkhead/core";

/** Why not all is known: by a setting of the program, or by what stands outside of it. */
export interface Doubt {
  readonly reason: string;
  readonly isElsewhere: boolean;
}

/** What was found, also where there may be more; unknown where nothing was, and something may be. */
export function answer(found: readonly Drift[], path: Path, doubt: Doubt | undefined): Field<readonly Drift[]> {
  const [first] = found;
  if (doubt === undefined) return known(found, first?.path ?? path);
  if (first === undefined) return doubt.isElsewhere ? elsewhere(path, doubt.reason) : unknown(path, doubt.reason);
  return { state: "value", value: found, partial: true, reason: doubt.reason, path: first.path, to: () => undefined };
}
