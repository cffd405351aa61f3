import type { Event } from "js-yaml";
import { EVENT_ALIAS, EVENT_DOCUMENT, EVENT_MAPPING, EVENT_POP, EVENT_SCALAR, EVENT_SEQUENCE, getScalarValue, SCALAR_STYLE_DOUBLE_QUOTED, SCALAR_STYLE_SINGLE_QUOTED } from "js-yaml";

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

export function createPlaces(text: string, events: readonly Event[]): Places {
  const ends = endsOf(events);
  const anchors = hasAlias(text, events) ? anchorsOf(text, events) : new Map<string, readonly number[]>();
  const documents: Place[] = [];
  for (let at = 0; at < events.length; at = ends[at] ?? events.length) documents.push(placeOf(at + 1));
  const known = new Map<number, Members>();

  function placeOf(index: number): Place {
    const event = events[index];
    if (event?.type === EVENT_MAPPING || event?.type === EVENT_SEQUENCE) return { offset: event.start, node: index };
    if (event?.type === EVENT_ALIAS) return { offset: event.anchorStart, node: target(text.slice(event.anchorStart, event.anchorEnd), index) };
    return { offset: offsetOf(event), node: index };
  }

  /** The node that an alias stands for: the last one of that name before it. */
  function target(name: string, alias: number): number {
    return anchors.get(name)?.findLast((index) => index < alias) ?? -1;
  }

  function membersOf(node: number): Members {
    const type = events[node]?.type;
    if (type !== EVENT_MAPPING && type !== EVENT_SEQUENCE) return none;
    const before = known.get(node);
    if (before !== undefined) return before;
    const members = new Map<string | number, Place>();
    known.set(node, members);
    for (let at = node + 1; events[at]?.type !== EVENT_POP; ) {
      const event = events[at];
      const key = type === EVENT_SEQUENCE ? members.size : event?.type === EVENT_SCALAR ? getScalarValue(text, event) : "";
      const value = type === EVENT_SEQUENCE ? at : (ends[at] ?? events.length);
      const place = placeOf(value);
      members.set(key, type === EVENT_SEQUENCE ? place : { offset: event?.type === EVENT_SCALAR ? offsetOf(event) : place.offset, node: place.node });
      at = ends[value] ?? events.length;
      if (at >= events.length) break;
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
    const list = events[merged.node]?.type === EVENT_SEQUENCE ? [...membersOf(merged.node).values()] : [merged];
    for (const from of list) {
      const found = find(from.node, key, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return { documents, child: ({ node }, key) => find(node, key) };
}

function offsetOf(event: Event | undefined): number {
  if (event?.type !== EVENT_SCALAR || event.valueStart < 0) return 0;
  const quoted = event.style === SCALAR_STYLE_DOUBLE_QUOTED || event.style === SCALAR_STYLE_SINGLE_QUOTED;
  return event.valueStart - (quoted ? 1 : 0);
}

/** For each event that begins a node, the index after the node's last event. */
function endsOf(events: readonly Event[]): Int32Array {
  const ends = new Int32Array(events.length);
  const open: number[] = [];
  for (let index = 0; index < events.length; index++) {
    const type = events[index]?.type;
    if (type === EVENT_POP) ends[open.pop() ?? 0] = index + 1;
    else if (type === EVENT_SCALAR || type === EVENT_ALIAS) ends[index] = index + 1;
    else open.push(index);
  }
  return ends;
}

/** Whether a text has an alias, and not only an `&` in a shell's command or an anchor that nothing refers to. */
export function hasAlias(text: string, events: readonly Event[]): boolean {
  return mayAnchor(text) && events.some(({ type }) => type === EVENT_ALIAS);
}

/** Whether anything in a text may be an anchor, which stands at the start of a node; `&` inside words is none. */
function mayAnchor(text: string): boolean {
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
    if (at === 0 || " \t\r\n[{,".includes(text[at - 1] ?? "")) return true;
  }
  return false;
}

function anchorsOf(text: string, events: readonly Event[]): ReadonlyMap<string, readonly number[]> {
  const anchors = new Map<string, number[]>();
  for (const [index, event] of events.entries()) {
    if (event.type === EVENT_DOCUMENT || event.type === EVENT_POP || event.type === EVENT_ALIAS || event.anchorStart < 0) continue;
    const name = text.slice(event.anchorStart, event.anchorEnd);
    const list = anchors.get(name);
    if (list === undefined) anchors.set(name, [index]);
    else list.push(index);
  }
  return anchors;
}
