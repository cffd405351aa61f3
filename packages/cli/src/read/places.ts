import { EVENT_ALIAS, EVENT_MAPPING, EVENT_POP, EVENT_SCALAR, EVENT_SEQUENCE, getScalarValue, SCALAR_STYLE_DOUBLE_QUOTED, SCALAR_STYLE_SINGLE_QUOTED } from "js-yaml";
import type { Nodes } from "./nodes";
import { anchorOf, countOf, endOf, scalarAt, startOf, typeOf } from "./nodes";

/** Where a value stands: for a member of a mapping its key, for a member of a list itself. */
export interface Place {
  readonly offset: number;
  /** The index of the value's event; for an alias, of what it stands for. */
  readonly node: number;
}

type Members = ReadonlyMap<string | number, Place>;

/** What the parser's events say of places in the text, worked out only where it is asked for. */
export interface Places {
  /** The root of each document; one without content stands at its beginning. */
  readonly documents: readonly Place[];
  /** A member; what a mapping does not hold itself may come from one that `<<` merges into it. */
  readonly child: (place: Place, key: string | number) => Place | undefined;
}

const none: Members = new Map();

export function createPlaces(text: string, nodes: Nodes): Places {
  let anchors: ReadonlyMap<string, readonly number[]> | undefined;
  const count = countOf(nodes);
  const documents: Place[] = [];
  for (let at = 0; at < count; at = endOf(nodes, at)) documents.push(placeOf(at + 1));
  const known = new Map<number, Members>();

  function placeOf(index: number): Place {
    const type = typeOf(nodes, index);
    if (type === EVENT_MAPPING || type === EVENT_SEQUENCE) return { offset: startOf(nodes, index), node: index };
    if (type === EVENT_ALIAS) return { offset: startOf(nodes, index), node: target(index) };
    return { offset: offsetOf(nodes, index), node: index };
  }

  /** The node that an alias stands for: the last one of that name before it. */
  function target(alias: number): number {
    anchors ??= anchorsOf(text, nodes);
    return anchors.get(anchorOf(nodes, alias, text) ?? "")?.findLast((index) => index < alias) ?? -1;
  }

  function membersOf(node: number): Members {
    const type = typeOf(nodes, node);
    if (type !== EVENT_MAPPING && type !== EVENT_SEQUENCE) return none;
    const before = known.get(node);
    if (before !== undefined) return before;
    const members = new Map<string | number, Place>();
    known.set(node, members);
    for (let at = node + 1; at < count && typeOf(nodes, at) !== EVENT_POP; ) {
      const value = type === EVENT_SEQUENCE ? at : endOf(nodes, at);
      const place = placeOf(value);
      if (type === EVENT_SEQUENCE) members.set(members.size, place);
      else if (typeOf(nodes, at) === EVENT_SCALAR) members.set(getScalarValue(text, scalarAt(nodes, at)), { offset: offsetOf(nodes, at), node: place.node });
      else members.set("", place);
      at = endOf(nodes, value);
    }
    return members;
  }

  function find(node: number, key: string | number, seen?: Set<number>): Place | undefined {
    const members = membersOf(node);
    const own = members.get(key);
    const merged = own === undefined ? members.get("<<") : undefined;
    return merged === undefined ? own : findMerged(merged, key, seen ?? new Set());
  }

  function findMerged(merged: Place, key: string | number, seen: Set<number>): Place | undefined {
    if (seen.has(merged.node)) return undefined;
    seen.add(merged.node);
    const list = typeOf(nodes, merged.node) === EVENT_SEQUENCE ? [...membersOf(merged.node).values()] : [merged];
    for (const from of list) {
      const found = find(from.node, key, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return { documents, child: ({ node }, key) => find(node, key) };
}

function offsetOf(nodes: Nodes, index: number): number {
  if (typeOf(nodes, index) !== EVENT_SCALAR) return 0;
  const { valueStart, style } = scalarAt(nodes, index);
  if (valueStart < 0) return 0;
  return valueStart - (style === SCALAR_STYLE_DOUBLE_QUOTED || style === SCALAR_STYLE_SINGLE_QUOTED ? 1 : 0);
}

function anchorsOf(text: string, nodes: Nodes): ReadonlyMap<string, readonly number[]> {
  const anchors = new Map<string, number[]>();
  for (let index = 0; index < countOf(nodes); index++) {
    const type = typeOf(nodes, index);
    if (type !== EVENT_SCALAR && type !== EVENT_MAPPING && type !== EVENT_SEQUENCE) continue;
    const name = anchorOf(nodes, index, text);
    if (name === undefined) continue;
    const list = anchors.get(name);
    if (list === undefined) anchors.set(name, [index]);
    else list.push(index);
  }
  return anchors;
}
