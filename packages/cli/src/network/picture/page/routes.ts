import type { Box } from "./layout";

/** How a line runs, and where its ports are written. */
export interface Route {
  readonly path: string;
  readonly label: { readonly x: number; readonly y: number };
}

export interface Line {
  readonly from: number;
  readonly to: number;
  /** Width of its label; 0 for none. */
  readonly labelWidth: number;
}

type Point = readonly [x: number, y: number];
type Curve = readonly [Point, Point, Point, Point];
type Edge = "left" | "right";

/** Of a node's height, where lines end. */
const endsWithin = 0.6;
const labelHeight = 16;
/** Where on a line its label may stand, the best first. */
const stops = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78] as const;

/** Lines leave a node on the side of the other one, apart from each other, and none of their labels lies on another where there is room. */
export function routes(lines: readonly Line[], boxes: ReadonlyMap<number, Box>): readonly Route[] {
  const sides = lines.map(({ from, to }) => sidesOf(boxes.get(from) as Box, boxes.get(to) as Box));
  const ends = endsOf(lines, sides, boxes);
  const taken: Box[] = [...boxes.values()];
  return lines.map(({ labelWidth }, index) => {
    const curve = curveOf(ends.start[index] as Point, ends.end[index] as Point, sides[index] as readonly [Edge, Edge]);
    const label = labelWidth === 0 ? pointOf(curve, 0.5) : freePoint(curve, labelWidth, taken);
    return { path: pathOf(curve), label: { x: Math.round(label[0]), y: Math.round(label[1]) } };
  });
}

function sidesOf(from: Box, to: Box): readonly [Edge, Edge] {
  if (to.x > from.x) return ["right", "left"];
  return to.x < from.x ? ["left", "right"] : ["right", "right"];
}

/** Lines of one side are spread over it, in the order of where they lead. */
function endsOf(lines: readonly Line[], sides: readonly (readonly [Edge, Edge])[], boxes: ReadonlyMap<number, Box>): { readonly start: readonly Point[]; readonly end: readonly Point[] } {
  const slots = new Map<string, { readonly index: number; readonly isStart: boolean; readonly other: Box }[]>();
  const add = (node: number, edge: Edge, entry: { readonly index: number; readonly isStart: boolean; readonly other: Box }): void => {
    const key = `${node} ${edge}`;
    slots.set(key, [...(slots.get(key) ?? []), entry]);
  };
  lines.forEach(({ from, to }, index) => {
    const [out, into] = sides[index] as readonly [Edge, Edge];
    add(from, out, { index, isStart: true, other: boxes.get(to) as Box });
    add(to, into, { index, isStart: false, other: boxes.get(from) as Box });
  });
  const [start, end]: [Point[], Point[]] = [[], []];
  for (const [key, entries] of slots) {
    const [node, edge] = key.split(" ");
    const { x, y, width, height } = boxes.get(Number(node)) as Box;
    entries.sort((a, b) => a.other.y - b.other.y || a.other.x - b.other.x || a.index - b.index);
    entries.forEach(({ index, isStart }, at) => {
      const point: Point = [edge === "right" ? x + width : x, y + height * ((1 - endsWithin) / 2 + (endsWithin * (at + 1)) / (entries.length + 1))];
      if (isStart) start[index] = point;
      else end[index] = point;
    });
  }
  return { start, end };
}

function curveOf(start: Point, end: Point, [out, into]: readonly [Edge, Edge]): Curve {
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const reach = out === into ? 44 + Math.abs(dy) * 0.12 : Math.max(36, Math.abs(dx) * 0.45);
  // What lies between on the same height would look like a stop on the way.
  const lift = out !== into && Math.abs(dx) > 200 && Math.abs(dy) < 24 ? -58 : 0;
  return [start, [start[0] + (out === "right" ? reach : -reach), start[1] + lift], [end[0] + (into === "right" ? reach : -reach), end[1] + lift], end];
}

function pathOf([a, b, c, d]: Curve): string {
  const text = ([x, y]: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
  return `M${text(a)}C${text(b)} ${text(c)} ${text(d)}`;
}

function pointOf([a, b, c, d]: Curve, t: number): Point {
  const u = 1 - t;
  const at = (axis: 0 | 1): number => u ** 3 * a[axis] + 3 * u ** 2 * t * b[axis] + 3 * u * t ** 2 * c[axis] + t ** 3 * d[axis];
  return [at(0), at(1)];
}

function freePoint(curve: Curve, width: number, taken: Box[]): Point {
  const boxAt = ([x, y]: Point): Box => ({ x: x - width / 2, y: y - labelHeight / 2, width, height: labelHeight });
  const isFree = (box: Box): boolean => !taken.some((other) => box.x < other.x + other.width && other.x < box.x + box.width && box.y < other.y + other.height && other.y < box.y + box.height);
  const point = stops.map((stop) => pointOf(curve, stop)).find((candidate) => isFree(boxAt(candidate))) ?? pointOf(curve, stops[0]);
  taken.push(boxAt(point));
  return point;
}
