import type { Path } from "@bulkhead/core";
import type { Event } from "js-yaml";
import { EVENT_ALIAS, EVENT_DOCUMENT, EVENT_MAPPING, EVENT_POP, EVENT_SCALAR, EVENT_SEQUENCE, getScalarValue, parseEvents, SCALAR_STYLE_DOUBLE_QUOTED, SCALAR_STYLE_SINGLE_QUOTED } from "js-yaml";
import type { Position } from "./problem";
import { positions } from "./problem";
import { splitDocuments } from "./yaml";

/** Where a value stands: for a member of a mapping its key, for a member of a list itself. */
interface Place {
  readonly offset: number;
  readonly children?: Map<string | number, Place>;
}

type Locator = (document: number, path: Path) => Position | undefined;

/**
 * Finds lines and columns in a YAML or JSON text. The text is parsed at the first question, so that reading alone does
 * not pay for it. A path that leads nowhere has the position of its nearest ancestor.
 */
export function createLocator(text: string): Locator {
  const parts = text.length < 100_000 ? undefined : splitDocuments(text);
  let position: ((offset: number) => Position) | undefined;
  // Of the documents of a large text only the last one that was asked for is kept: questions come in order.
  let kept: { readonly document: number; readonly place: Place | undefined } | undefined;
  let whole: readonly Place[] | undefined;
  const rootOf = (document: number): Place | undefined => {
    const part = parts?.[document];
    if (parts === undefined || part === undefined) {
      whole ??= quietly(text, 0);
      return whole[document];
    }
    if (kept?.document !== document) kept = { document, place: quietly(part.text, part.offset)[0] };
    return kept.place;
  };
  return (document, path) => {
    let place = rootOf(document);
    if (place === undefined) return undefined;
    for (const key of path) {
      const next: Place | undefined = place.children?.get(key);
      if (next === undefined) break;
      place = next;
    }
    position ??= positions(text);
    return position(place.offset);
  };
}

/** The places of a text that may not be YAML that this parser takes: then nothing can be located. */
function quietly(text: string, offset: number): readonly Place[] {
  try {
    return buildPlaces(text, offset);
  } catch {
    return [];
  }
}

interface Open {
  readonly children: Map<string | number, Place>;
  readonly mapping: boolean;
  key: { readonly name: string; readonly offset: number } | undefined;
  count: number;
}

function buildPlaces(text: string, base: number): readonly Place[] {
  const events = parseEvents(text, { maxDepth: 1000 });
  const documents: Place[] = [];
  const anchors = new Map<string, Place>();
  const stack: (Open | undefined)[] = [];
  const add = (offset: number, children?: Map<string | number, Place>): Place => {
    const parent = stack.at(-1);
    const shown = base + (parent?.mapping === true ? (parent.key?.offset ?? offset) : offset);
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
      documents.push({ offset: base });
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
