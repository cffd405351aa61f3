import type { Address, Evaluator, Finding, Patch, Path, RuleError } from "@bulkhead/core";
import { applyPatches, readDocument } from "@bulkhead/core";
import { unshared } from "./splice";

/** What a document shall be once everything that has one right value is put right. */
export interface Plan {
  readonly after: unknown;
  /** Findings before any change, and what is left of them. */
  readonly found: readonly Finding[];
  readonly left: readonly Finding[];
  readonly errors: readonly RuleError[];
}

/** Rules that a fix makes fail are fixed in turn; more rounds than this none needs. */
const maxRounds = 50;

/**
 * Applies the fixes of all findings, also of those under a more specific one, until there is nothing more to fix. Of
 * fixes that meet in one place one is applied a round, since the other was made for what stood there before.
 */
export function plan(document: unknown, address: Address, evaluator: Evaluator): Plan {
  const after = unshared(document);
  const done = new Set<string>();
  const found = readDocument(document, address).flatMap((model) => evaluator.evaluate(model).findings);
  for (let round = 0; round < maxRounds; round++) {
    const touched = new Touched();
    let changed = false;
    for (const finding of readDocument(after, address).flatMap((model) => evaluator.raw(model).findings)) {
      const patches = finding.fix() ?? [];
      const key = JSON.stringify([finding.rule.id, patches]);
      // A fix that comes again did not help: once is enough.
      if (patches.length === 0 || done.has(key) || patches.some(({ path }) => touched.meets(path)) || !apply(after, patches)) continue;
      done.add(key);
      for (const patch of patches) touched.add(patch, after);
      changed = true;
    }
    if (!changed) break;
  }
  const outcomes = readDocument(after, address).map((model) => evaluator.evaluate(model));
  return { after, found, left: outcomes.flatMap(({ findings }) => findings), errors: outcomes.flatMap(({ errors }) => errors) };
}

/** False where a parent is unknown or a scalar. */
function apply(document: unknown, patches: readonly Patch[]): boolean {
  try {
    applyPatches(document, patches);
    return true;
  } catch {
    return false;
  }
}

/** The places that were changed in a round, with what stands above and below them. */
class Touched {
  private readonly places = new Set<string>();
  private readonly above = new Set<string>();

  add({ op, path }: Patch, document: unknown): void {
    // The members of a list that follow a removed one have moved.
    const place = op === "remove" && Array.isArray(valueAt(document, path.slice(0, -1))) ? path.slice(0, -1) : path;
    this.places.add(keyOf(place));
    for (let length = 0; length < place.length; length++) this.above.add(keyOf(place.slice(0, length)));
  }

  meets(path: Path): boolean {
    return this.above.has(keyOf(path)) || path.some((_, index) => this.places.has(keyOf(path.slice(0, index + 1)))) || this.places.has(keyOf([]));
  }
}

const keyOf = (path: Path): string => JSON.stringify(path);

function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const key of path) value = (value as { readonly [key: string | number]: unknown } | undefined)?.[key];
  return value;
}
