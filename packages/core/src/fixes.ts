import type { Patch, Path } from "./field";
import type { Finding } from "./outcome";
import { applyPatches } from "./patch";

/** More rounds than any fixes need. */
const maxRounds = 50;

/**
 * Applies the fixes of findings to a document in place, and those of what is then found, until there is nothing more to
 * fix. Of fixes that meet in one place one is applied a round: the other was made for what stood there before.
 * `apply` says whether it applied patches. Returns whether anything was changed.
 */
export function applyFixes(document: unknown, find: () => readonly Finding[], apply: (document: unknown, patches: readonly Patch[]) => boolean = applyAll): boolean {
  const done = new Set<string>();
  for (let round = 0; round < maxRounds; round++) {
    const touched = new Touched();
    const before = done.size;
    for (const { rule, fix } of find()) {
      const patches = fix() ?? [];
      const key = JSON.stringify([rule.id, patches]);
      // A fix that comes again did not help: once is enough.
      if (patches.length === 0 || done.has(key) || patches.some(({ path }) => touched.meets(path)) || !apply(document, patches)) continue;
      done.add(key);
      for (const patch of patches) touched.add(patch, document);
    }
    if (done.size === before) break;
  }
  return done.size > 0;
}

/** False where a parent is not known yet, or a scalar: the finding stays, and is reported. */
function applyAll(document: unknown, patches: readonly Patch[]): boolean {
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
    return this.above.has(keyOf(path)) || Array.from({ length: path.length + 1 }, (_, length) => keyOf(path.slice(0, length))).some((key) => this.places.has(key));
  }
}

const keyOf = (path: Path): string => JSON.stringify(path);

function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const key of path) value = typeof value === "object" && value !== null ? (value as { readonly [key: string | number]: unknown })[key] : undefined;
  return value;
}
