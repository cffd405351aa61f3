import type { AddressRange, IpAddress } from "./address";

/** A set of addresses: a block without its exceptions. */
export interface AddressSet {
  readonly block: AddressRange;
  readonly except: readonly AddressRange[];
}

/** All addresses of a family, cut wherever a block begins or ends: within one piece every address lies in the same sets. */
export interface Partition {
  /** The sets that hold an address, by their number, sorted. */
  readonly setsOf: (address: IpAddress) => readonly number[];
  readonly pieces: readonly { readonly range: AddressRange; readonly sets: readonly number[] }[];
}

const last = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;

/** `sets` by their number. */
export function partition(sets: ReadonlyMap<number, AddressSet>): Partition {
  const families = { 4: cut(sets, 4), 6: cut(sets, 6) };
  return {
    setsOf: ({ family, value }) => families[family].sets[pieceOf(families[family].starts, value)] ?? [],
    pieces: ([4, 6] as const).flatMap((family) => families[family].starts.map((first, index) => ({ range: { family, first, last: (families[family].starts[index + 1] ?? last[family] + 1n) - 1n }, sets: families[family].sets[index] ?? [] }))),
  };
}

function cut(sets: ReadonlyMap<number, AddressSet>, family: 4 | 6): { readonly starts: readonly bigint[]; readonly sets: readonly (readonly number[])[] } {
  const bounds = new Set([0n]);
  const own = [...sets].filter(([, { block }]) => block.family === family);
  for (const [, { block, except }] of own) {
    for (const range of [block, ...except]) {
      if (range.family !== family) continue;
      bounds.add(range.first);
      if (range.last < last[family]) bounds.add(range.last + 1n);
    }
  }
  const starts = [...bounds].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const members: number[][] = starts.map(() => []);
  for (const [id, { block, except }] of own) {
    const holes = except.filter((range) => range.family === family).sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
    for (let piece = pieceOf(starts, block.first); piece < starts.length && (starts[piece] as bigint) <= block.last; piece++) {
      const at = starts[piece] as bigint;
      if (!holes.some(({ first, last: end }) => first <= at && at <= end)) members[piece]?.push(id);
    }
  }
  for (const list of members) list.sort((a, b) => a - b);
  return { starts, sets: members };
}

/** The last piece that begins at or before an address. */
function pieceOf(starts: readonly bigint[], value: bigint): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as bigint) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
