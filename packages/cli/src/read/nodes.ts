import type { Event, ScalarEvent } from "js-yaml";
import { EVENT_ALIAS, EVENT_MAPPING, EVENT_POP, EVENT_SCALAR, EVENT_SEQUENCE } from "js-yaml";

/** What the parser's events say of places, as numbers, which are less to keep than objects: `width` for each event. */
export type Nodes = Int32Array;

const width = 8;
const [type, start, valueEnd, end, anchorStart, anchorEnd, style, indent] = [0, 1, 2, 3, 4, 5, 6, 7];

export function packNodes(events: readonly Event[]): Nodes {
  const nodes = new Int32Array(events.length * width);
  const open: number[] = [];
  let row = 0;
  for (const event of events) {
    nodes[row + type] = event.type;
    if (event.type === EVENT_POP) nodes[(open.pop() ?? 0) + end] = row / width + 1;
    else if (event.type === EVENT_SCALAR || event.type === EVENT_ALIAS) nodes[row + end] = row / width + 1;
    else open.push(row);
    if (event.type === EVENT_SCALAR || event.type === EVENT_MAPPING || event.type === EVENT_SEQUENCE || event.type === EVENT_ALIAS) {
      nodes[row + start] = event.type === EVENT_SCALAR ? event.valueStart : event.type === EVENT_ALIAS ? event.anchorStart : event.start;
      nodes[row + anchorStart] = event.anchorStart;
      nodes[row + anchorEnd] = event.anchorEnd;
    }
    if (event.type === EVENT_SCALAR) {
      nodes[row + valueEnd] = event.valueEnd;
      nodes[row + style] = event.style * 8 + event.chomping * 2 + (event.fast ? 1 : 0);
      nodes[row + indent] = event.indent;
    }
    row += width;
  }
  return nodes;
}

export function countOf(nodes: Nodes): number {
  return nodes.length / width;
}

/** Undefined behind the last node. */
export function typeOf(nodes: Nodes, index: number): number | undefined {
  return nodes[index * width + type];
}

/** The index after the last event of the node that begins at `index`. */
export function endOf(nodes: Nodes, index: number): number {
  return nodes[index * width + end] ?? countOf(nodes);
}

export function startOf(nodes: Nodes, index: number): number {
  return at(nodes, index, start);
}

/** The name that a node has as an anchor, or stands for as an alias. */
export function anchorOf(nodes: Nodes, index: number, text: string): string | undefined {
  const from = at(nodes, index, anchorStart);
  return from < 0 ? undefined : text.slice(from, at(nodes, index, anchorEnd));
}

/** What the parser said of a scalar, but for its tag. */
export function scalarAt(nodes: Nodes, index: number): ScalarEvent {
  const styles = at(nodes, index, style);
  return {
    type: EVENT_SCALAR, valueStart: startOf(nodes, index), valueEnd: at(nodes, index, valueEnd), anchorStart: at(nodes, index, anchorStart), anchorEnd: at(nodes, index, anchorEnd), tagStart: -1, tagEnd: -1,
    style: (styles >> 3) as ScalarEvent["style"], chomping: ((styles >> 1) & 3) as ScalarEvent["chomping"], fast: (styles & 1) === 1, indent: at(nodes, index, indent),
  };
}

function at(nodes: Nodes, index: number, field: number): number {
  return nodes[index * width + field] ?? -1;
}
