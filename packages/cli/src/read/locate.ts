import type { Path } from "@bulkhead/core";
import { parseEvents } from "js-yaml";
import { packNodes } from "./nodes";
import type { Place, Places } from "./places";
import { createPlaces } from "./places";
import type { Position } from "./problem";
import { positions } from "./problem";
import { withRepairs } from "./repair";
import type { Parsed, Part } from "./yaml";
import { splitDocuments } from "./yaml";

type Locator = (document: number, path: Path) => Position | undefined;

/** Places, and where an offset of theirs stands in the whole text. */
interface Located {
  readonly places: Places | undefined;
  readonly original: (offset: number) => number;
}

/**
 * Finds lines and columns in a YAML or JSON text. Without what the text was parsed to, it is parsed at the first
 * question, so that reading alone does not pay for it. A path that leads nowhere has the position of its nearest ancestor.
 */
export function createLocator(text: string, parsed?: Parsed): Locator {
  let parts: readonly Part[] | undefined;
  let position: ((offset: number) => Position) | undefined;
  // Of the documents of a large text only the last one that was asked for is kept: questions come in order.
  let kept: { readonly document: number; readonly located: Located } | undefined;
  let whole: Located | undefined;
  const locatedAt = (document: number): { readonly root: Place | undefined } & Located => {
    parts ??= (parsed !== undefined || text.length < largeText ? undefined : splitDocuments(text)) ?? [];
    const part = parts[document];
    if (part === undefined) {
      whole ??= parsed === undefined ? quietly(text, 0) : { places: createPlaces(parsed.text, parsed.nodes), original: parsed.original };
      return { root: whole.places?.documents[document], ...whole };
    }
    if (kept?.document !== document) kept = { document, located: quietly(part.text, part.offset) };
    return { root: kept.located.places?.documents[0], ...kept.located };
  };
  return (document, path) => {
    const { root, places, original } = locatedAt(document);
    if (root === undefined || places === undefined) return undefined;
    let place = root;
    for (const key of path) {
      const next = places.child(place, key);
      if (next === undefined) break;
      place = next;
    }
    position ??= positions(text);
    return position(original(place.offset));
  };
}

/** Characters beyond which a text is located document by document. */
const largeText = 100_000;

/** The places of a text that may not be YAML that this parser takes: then nothing can be located. */
function quietly(text: string, base: number): Located {
  const result = withRepairs(text, (repaired) => createPlaces(repaired, packNodes(parseEvents(repaired, { maxDepth: 1000 }))));
  if ("error" in result) return { places: undefined, original: (offset) => offset };
  return { places: result.value, original: (offset) => base + result.original(offset) };
}
