import { formatIp, parseCidr, parseIp } from "../reachability/address";

/** How wide blocks may be that stand for addresses which were seen. */
export interface AddressBudget {
  /** Most blocks for one port of one workload. */
  readonly blocks: number;
  /** Most bits of a block's end that are free: 8 is a /24, and a /120. */
  readonly freeBits: number;
  /** Least part of a block's addresses that was seen, where a block is more than its addresses. */
  readonly coverage: number;
}
export const defaultBudget: AddressBudget = { blocks: 8, freeBits: 8, coverage: 0.5 };

interface Block {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly free: number;
  readonly seen: bigint;
}

export interface Cover {
  /** Sorted blocks. */
  readonly cidrs: readonly string[];
  /** Addresses in them that were not seen. */
  readonly unseen: bigint;
}

/** The fewest blocks that a greedy search finds for all of these addresses; undefined where the budget does not allow for any. */
export function coverAddresses(ips: readonly string[], { blocks: most, freeBits, coverage }: AddressBudget): Cover | undefined {
  let blocks = exactBlocks(ips);
  while (blocks.length > most) {
    let best: { readonly block: Block; readonly extra: bigint } | undefined;
    for (let index = 1; index < blocks.length; index++) {
      const block = merged(blocks[index - 1] as Block, blocks[index] as Block, blocks);
      if (block === undefined || block.free > freeBits || Number(block.seen) / Number(sizeOf(block)) < coverage) continue;
      const extra = sizeOf(block) - block.seen;
      if (best === undefined || extra < best.extra) best = { block, extra };
    }
    if (best === undefined) return undefined;
    const { block } = best;
    blocks = [...blocks.filter((other) => !holds(block, other)), block].sort(inOrder);
  }
  return { cidrs: blocks.map(textOf), unseen: blocks.reduce((sum, block) => sum + sizeOf(block) - block.seen, 0n) };
}

/** Whole blocks of nothing but these addresses. */
function exactBlocks(ips: readonly string[]): Block[] {
  const stack: Block[] = [];
  const all = [...new Set(ips)].flatMap((ip) => parseIp(ip) ?? []).map(({ family, value }): Block => ({ family, first: value, free: 0, seen: 1n })).sort(inOrder);
  for (const block of all) {
    stack.push(block);
    for (;;) {
      const [left, right] = [stack.at(-2), stack.at(-1)];
      if (left === undefined || right === undefined || left.family !== right.family || left.free !== right.free || (left.first ^ right.first) !== sizeOf(left) || left.free >= 64) break;
      stack.splice(-2, 2, { family: left.family, first: left.first, free: left.free + 1, seen: left.seen + right.seen });
    }
  }
  return stack;
}

function merged(left: Block, right: Block, all: readonly Block[]): Block | undefined {
  if (left.family !== right.family) return undefined;
  let free = Math.max(left.free, right.free);
  while (left.first >> BigInt(free) !== right.first >> BigInt(free)) free++;
  const block: Block = { family: left.family, first: (left.first >> BigInt(free)) << BigInt(free), free, seen: 0n };
  return { ...block, seen: all.filter((other) => holds(block, other)).reduce((sum, { seen }) => sum + seen, 0n) };
}

function holds(block: Block, other: Block): boolean {
  return block.family === other.family && other.free <= block.free && other.first >> BigInt(block.free) === block.first >> BigInt(block.free);
}

function sizeOf({ free }: Block): bigint {
  return 1n << BigInt(free);
}

function inOrder(a: Block, b: Block): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}

function textOf({ family, first, free }: Block): string {
  return `${formatIp({ family, value: first })}/${(family === 4 ? 32 : 128) - free}`;
}

/** Whether a block holds an address; false for what is neither. */
export function blockHolds(cidr: string, ip: string): boolean {
  const [block, address] = [parseCidr(cidr), parseIp(ip)];
  return block !== undefined && address !== undefined && block.family === address.family && block.first <= address.value && address.value <= block.last;
}

/** Private, shared and link-local addresses: never meant by a wide block of the internet. */
const special = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];

/** What to leave out of a block that is wider than private networks are: those that lie within it. */
export function exceptionsOf(cidr: string, own: readonly string[]): readonly string[] {
  const block = parseCidr(cidr);
  if (block === undefined) return [];
  return [...new Set([...special, ...own])].filter((text) => {
    const inner = parseCidr(text);
    return inner !== undefined && inner.family === block.family && block.first <= inner.first && inner.last <= block.last && (block.first !== inner.first || block.last !== inner.last);
  }).sort();
}
