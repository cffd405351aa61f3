import type { Path } from "@bulkhead/core";
import type { Event } from "js-yaml";
import { EVENT_ALIAS, EVENT_DOCUMENT, EVENT_MAPPING, EVENT_POP, EVENT_SCALAR, EVENT_SEQUENCE, getScalarValue, parseEvents, SCALAR_STYLE_DOUBLE_QUOTED, SCALAR_STYLE_SINGLE_QUOTED } from "js-yaml";
import type { Position } from "./problem";
import { positions } from "./problem";
import { withRepairs } from "./repair";
import type { Part } from "./yaml";
import { splitDocuments } from "./yaml";

/** Where a value stands: for a member of a mapping its key, for a member of a list itself. */
interface Place {
  readonly offset: number;
  readonly children?: Map<string | number, Place>;
}

type Locator = (document: number, path: Path) => Position | undefined;

/** The documents of a text, and where an offset of theirs stands in the whole text. */
interface Places {
  readonly documents: readonly Place[];
  readonly original: (offset: number) => number;
}

/**
 * Finds lines and columns in a YAML or JSON text. The text is parsed at the first question, so that reading alone does
 * not pay for it. A path that leads nowhere has the position of its nearest ancestor.
 */
export function createLocator(text: string): Locator {
  let parts: readonly Part[] | undefined;
  let position: ((offset: number) => Position) | undefined;
  // Of the documents of a large text only the last one that was asked for is kept: questions come in order.
  let kept: { readonly document: number; readonly places: Places } | undefined;
  let whole: Places | undefined;
  const placesOf = (document: number): { readonly root: Place | undefined; readonly original: Places["original"] } => {
    parts ??= (text.length < largeText ? undefined : splitDocuments(text)) ?? [];
    const part = parts[document];
    if (part === undefined) {
      whole ??= quietly(text, 0);
      return { root: whole.documents[document], original: whole.original };
    }
    if (kept?.document !== document) kept = { document, places: quietly(part.text, part.offset) };
    return { root: kept.places.documents[0], original: kept.places.original };
  };
  return (document, path) => {
    const { root, original } = placesOf(document);
    if (root === undefined) return undefined;
    let place = root;
    for (const key of path) {
      const next = childOf(place, key, new Set());
      if (next === undefined) break;
      place = next;
    }
    position ??= positions(text);
    return position(original(place.offset));
  };
}

/** Characters beyond which a text is located document by document. */
const largeText = 100_000;

/** A member; what a mapping does not hold itself may come from one that `<<` merges into it. */
function childOf(place: Place, key: string | number, seen: Set<Place>): Place | undefined {
  const own = place.children?.get(key);
  const merged = place.children?.get("<<");
  if (own !== undefined || merged === undefined || seen.has(merged)) return own;
  seen.add(merged);
  const list = merged.children?.get(0) === undefined ? [merged] : [...(merged.children?.values() ?? [])];
  for (const from of list) {
    const found = childOf(from, key, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The places of a text that may not be YAML that this parser takes: then nothing can be located. */
function quietly(text: string, base: number): Places {
  const result = withRepairs(text, buildPlaces);
  if ("error" in result) return { documents: [], original: (offset) => offset };
  return { documents: result.value, original: (offset) => base + result.original(offset) };
}

interface Open {
  readonly children: Map<string | number, Place>;
  readonly mapping: boolean;
  key: { readonly name: string; readonly offset: number } | undefined;
  count: number;
}

function buildPlaces(text: string): readonly Place[] {
  const events = parseEvents(text, { maxDepth: 1000 });
  const documents: Place[] = [];
  const anchors = new Map<string, Place>();
  const stack: (Open | undefined)[] = [];
  const add = (offset: number, children?: Map<string | number, Place>): Place => {
    const parent = stack.at(-1);
    const shown = parent?.mapping === true ? (parent.key?.offset ?? offset) : offset;
    const place: Place = children === undefined ? { offset: shown } : { offset: shown, children };
    if (parent === undefined) documents[documents.length - 1] = place;
    else if (parent.mapping) parent.children.set(parent.key?.name ?? "", place);
    else parent.children.set(parent.count++, place);
    if (parent !== undefined) parent.key = undefined;
    return place;
  };
  const isKey = (): boolean => {
    const parent = stack.at(-1);
    return parent?.mapping === true && parent.key === undefined;
  };
  const named = (event: { readonly anchorStart: number; readonly anchorEnd: number }, place: Place): void => {
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), place);
  };
  for (const event of events) visit(event);
  return documents;

  function visit(event: Event): void {
    if (event.type === EVENT_DOCUMENT) {
      documents.push({ offset: 0 });
      stack.push(undefined);
    } else if (event.type === EVENT_POP) stack.pop();
    else if (event.type === EVENT_SCALAR) {
      const parent = stack.at(-1);
      const quoted = event.style === SCALAR_STYLE_DOUBLE_QUOTED || event.style === SCALAR_STYLE_SINGLE_QUOTED;
      const offset = event.valueStart - (quoted ? 1 : 0);
      if (parent !== undefined && isKey()) parent.key = { name: getScalarValue(text, event), offset };
      else named(event, add(offset));
    } else if (event.type === EVENT_ALIAS) {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      add(event.anchorStart, target?.children);
    } else if (event.type === EVENT_MAPPING || event.type === EVENT_SEQUENCE) {
      const children = new Map<string | number, Place>();
      named(event, add(event.start, children));
      stack.push({ children, mapping: event.type === EVENT_MAPPING, key: undefined, count: 0 });
    }
  }
}
