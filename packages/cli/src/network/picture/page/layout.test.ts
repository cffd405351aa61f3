import { expect, test } from "vitest";
import type { Box } from "./layout.ts";
import { layout } from "./layout.ts";
import { routes } from "./routes.ts";

const lane = (id: number): { readonly id: number; readonly lane: number } => ({ id, lane: id % 4 });
const overlaps = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const holds = (outer: Box, inner: Box): boolean => outer.x <= inner.x && outer.y <= inner.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;

const chain: readonly (readonly [number, number])[] = [[0, 1], [1, 2], [2, 3], [0, 3]];
const circle: readonly (readonly [number, number])[] = [[0, 1], [1, 2], [2, 0]];
const mesh = (count: number): readonly (readonly [number, number])[] => Array.from({ length: count * count }, (_, index): readonly [number, number] => [Math.floor(index / count), index % count]).filter(([from, to]) => from !== to);
const long = Array.from({ length: 39 }, (_, index): readonly [number, number] => [index, index + 1]);

test.each([["nothing that connects", 9, []], ["a chain", 4, chain], ["a circle", 3, circle], ["everybody with everybody", 20, mesh(20)], ["a long chain", 40, long], ["three hundred alone", 300, []], ["nobody", 0, []]])("%s: no node on another, each in its lane, all within the picture", (_, count, pairs) => {
  const nodes = Array.from({ length: count }, (_unused, id) => lane(id));
  const { nodes: boxes, lanes, width, height } = layout(nodes, pairs, 3);
  expect([...boxes.keys()].sort((a, b) => a - b)).toEqual(nodes.map(({ id }) => id));
  const all = [...boxes.values()];
  expect(all.filter((box, index) => all.slice(index + 1).some((other) => overlaps(box, other)))).toEqual([]);
  expect(lanes.filter(({ box }, index) => lanes.slice(index + 1).some((other) => overlaps(box, other.box)))).toEqual([]);
  for (const { id, lane: own } of nodes) expect(holds(lanes.find((entry) => entry.lane === own)?.box as Box, boxes.get(id) as Box)).toBe(true);
  expect(lanes.every(({ box }) => holds({ x: 0, y: 0, width, height }, box))).toBe(true);
  if (nodes.some(({ lane: own }) => own === 3)) expect(lanes[0]?.lane).toBe(3);
});

test("who calls stands left of whom it calls, and a circle in one column", () => {
  const column = (pairs: readonly (readonly [number, number])[], id: number): number => layout([0, 1, 2, 3].map((own) => ({ id: own, lane: 0 })), pairs).nodes.get(id)?.x ?? Number.NaN;
  for (const [from, to] of chain) expect(column(chain, from)).toBeLessThan(column(chain, to));
  const round = layout([0, 1, 2].map((id) => ({ id, lane: 0 })), circle);
  expect(new Set([...round.nodes.values()].map(({ x }) => x)).size).toBe(1);
});

test("a long chain is folded to the width of a screen, and still leads to the right", () => {
  const { nodes, width } = layout(Array.from({ length: 40 }, (_, id) => ({ id, lane: 0 })), long);
  expect(width).toBeLessThan(3500);
  for (let id = 0; id < 26; id++) expect(nodes.get(id)?.x).toBeLessThan(nodes.get(id + 14)?.x ?? 0);
});

test("the order in which connections are given moves nothing", () => {
  const nodes = Array.from({ length: 4 }, (_, id) => lane(id));
  expect(layout(nodes, [...chain].reverse())).toEqual(layout(nodes, chain));
});

test("a line runs from one node's edge to the other's, and labels keep apart", () => {
  const { nodes } = layout([0, 1, 2, 3].map((id) => ({ id, lane: 0 })), chain);
  const found = routes(chain.map(([from, to]) => ({ from, to, labelWidth: 60 })), nodes);
  const labels = found.map(({ label: { x, y } }): Box => ({ x: x - 30, y: y - 8, width: 60, height: 16 }));
  expect(labels.filter((box, index) => [...labels.slice(index + 1), ...nodes.values()].some((other) => overlaps(box, other)))).toEqual([]);
  for (const [index, [from, to]] of chain.entries()) {
    const [, startX, startY, endX, endY] = /^M(\S+) (\S+)C.* (\S+) (\S+)$/.exec(found[index]?.path ?? "")?.map(Number) ?? [];
    const [source, target] = [nodes.get(from) as Box, nodes.get(to) as Box];
    expect([startX, endX]).toEqual([source.x + source.width, target.x]);
    expect((startY ?? 0) > source.y && (startY ?? 0) < source.y + source.height && (endY ?? 0) > target.y && (endY ?? 0) < target.y + target.height).toBe(true);
  }
});
