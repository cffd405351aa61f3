import { isObject } from "@bulkhead/core";
import { same } from "./splice";

/** What becomes of the members of a list, in the order of the text. */
export type Step =
  | { readonly op: "keep"; readonly from: number; readonly to: number }
  | { readonly op: "remove"; readonly from: number }
  | { readonly op: "insert"; readonly to: number };

const maxCells = 1_000_000;

/** The fewest steps from one list to another; members at the same place that differ are kept, and changed in turn. */
export function steps(before: readonly unknown[], after: readonly unknown[]): readonly Step[] {
  let head = 0;
  while (head < before.length && head < after.length && same(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && same(before[before.length - 1 - tail], after[after.length - 1 - tail])) tail += 1;
  const found: Step[] = [];
  for (let index = 0; index < head; index++) found.push({ op: "keep", from: index, to: index });
  found.push(...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail), head));
  for (let index = tail; index > 0; index--) found.push({ op: "keep", from: before.length - index, to: after.length - index });
  return found;
}

function middle(before: readonly unknown[], after: readonly unknown[], offset: number): readonly Step[] {
  const inPlace = before.length === after.length && before.every((member) => isObject(member) || Array.isArray(member));
  const matches = inPlace || before.length * after.length > maxCells ? [] : longest(before, after);
  const found: Step[] = [];
  let [from, to] = [0, 0];
  for (const [i, j] of [...matches, [before.length, after.length] as const]) {
    while (from < i || to < j) {
      if (from < i && to < j) found.push({ op: "keep", from: offset + from++, to: offset + to++ });
      else if (from < i) found.push({ op: "remove", from: offset + from++ });
      else found.push({ op: "insert", to: offset + to++ });
    }
    if (i < before.length) found.push({ op: "keep", from: offset + from++, to: offset + to++ });
  }
  return found;
}

/** The longest common subsequence, as pairs of indexes. */
function longest(before: readonly unknown[], after: readonly unknown[]): readonly (readonly [number, number])[] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) lengths[i * width + j] = same(before[i], after[j]) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pairs: (readonly [number, number])[] = [];
  for (let [i, j] = [0, 0]; i < before.length && j < after.length; ) {
    if (same(before[i], after[j])) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}
