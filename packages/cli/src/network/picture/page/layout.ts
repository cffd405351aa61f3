/** Who calls stands left of whom it calls; what belongs together stands in one lane. Pure: the same graph is always drawn the same. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LayoutNode {
  readonly id: number;
  readonly lane: number;
}

export interface Layout {
  readonly nodes: ReadonlyMap<number, Box>;
  /** From top to bottom. */
  readonly lanes: readonly { readonly lane: number; readonly box: Box }[];
  readonly width: number;
  readonly height: number;
}

export const nodeSize = { width: 172, height: 44 } as const;
const gap = { column: 96, row: 18, lane: 14 } as const;
/** To the right there is room for lines between nodes of one column. */
const inset = { top: 34, left: 24, right: 64, bottom: 16 } as const;
const margin = 4;
/** Rows that a lane has before nodes of one rank stand beside each other; where all have one rank, it is a square. */
const mostRows = 6;
/** A longer chain of calls is folded: what is wider than a screen is seen at once by nobody. */
const mostRanks = 6;
const sweeps = 4;

type Pairs = readonly (readonly [from: number, to: number])[];

/** `outside`: a lane that is drawn first, and that ranks do not depend on: it both calls and is called. */
export function layout(nodes: readonly LayoutNode[], pairs: Pairs, outside?: number): Layout {
  const laneOf = new Map(nodes.map(({ id, lane }) => [id, lane]));
  const inside = pairs.filter(([from, to]) => [from, to].every((id) => laneOf.has(id) && laneOf.get(id) !== outside));
  const longest = ranksOf(nodes.filter(({ lane }) => lane !== outside).map(({ id }) => id), inside);
  const count = Math.max(0, ...longest.values()) + 1;
  const ranks = count <= mostRanks ? longest : new Map([...longest].map(([id, rank]) => [id, Math.floor((rank * mostRanks) / count)]));
  const last = Math.min(count, mostRanks) - 1;
  const senders = new Set(pairs.map(([from]) => from));
  const rankOf = (id: number): number => ranks.get(id) ?? (senders.has(id) ? 0 : last);
  const lanes = [...new Set(nodes.map(({ lane }) => lane))].map((lane) => cellsOf(nodes.filter((node) => node.lane === lane), lane, rankOf, last));
  const weight = ({ ids, lane }: Lane): number => (lane === outside ? -1 : ids.reduce((sum, id) => sum + rankOf(id), 0) / ids.length);
  lanes.sort((a, b) => weight(a) - weight(b) || a.lane - b.lane);
  order(lanes, pairs);
  return place(lanes, last);
}

interface Lane {
  readonly lane: number;
  readonly ids: readonly number[];
  /** The nodes of each rank. */
  readonly cells: Map<number, number[]>;
  readonly rows: number;
}

function cellsOf(nodes: readonly LayoutNode[], lane: number, rankOf: (id: number) => number, last: number): Lane {
  const cells = new Map<number, number[]>();
  for (const { id } of nodes) {
    const rank = rankOf(id);
    const cell = cells.get(rank) ?? [];
    cells.set(rank, cell);
    cell.push(id);
  }
  const most = Math.max(...[...cells.values()].map((cell) => cell.length));
  return { lane, ids: nodes.map(({ id }) => id), cells, rows: Math.min(most, last > 0 ? mostRows : Math.max(3, Math.ceil(Math.sqrt(most)))) };
}

/** The longest way to each node from one that nobody calls; those that call each other in a circle have one rank. */
function ranksOf(ids: readonly number[], pairs: Pairs): ReadonlyMap<number, number> {
  const targets = new Map(ids.map((id) => [id, [] as number[]]));
  for (const [from, to] of pairs) targets.get(from)?.push(to);
  const circles = circlesOf(ids, targets);
  const rank = new Map(ids.map((id) => [circles.get(id) as number, 0]));
  // Circles are numbered from those that call nobody: the highest number comes first.
  const byCircle = new Map<number, number[]>([...new Set(circles.values())].map((circle) => [circle, []]));
  for (const id of ids) byCircle.get(circles.get(id) as number)?.push(id);
  for (const [circle, members] of [...byCircle].sort(([a], [b]) => b - a)) {
    const below = (rank.get(circle) ?? 0) + 1;
    for (const to of members.flatMap((id) => targets.get(id) ?? [])) {
      const other = circles.get(to) as number;
      if (other !== circle) rank.set(other, Math.max(rank.get(other) ?? 0, below));
    }
  }
  return new Map(ids.map((id) => [id, rank.get(circles.get(id) as number) ?? 0]));
}

/** Strongly connected components (Tarjan), numbered so that a component only calls those with lower numbers. */
function circlesOf(ids: readonly number[], targets: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, number> {
  const [found, lowest, circle]: [Map<number, number>, Map<number, number>, Map<number, number>] = [new Map(), new Map(), new Map()];
  const stack: number[] = [];
  let count = 0;
  const visit = (id: number): void => {
    const number = found.size;
    found.set(id, number);
    lowest.set(id, number);
    stack.push(id);
    for (const to of targets.get(id) ?? []) {
      if (!found.has(to)) visit(to);
      if (!circle.has(to)) lowest.set(id, Math.min(lowest.get(id) as number, lowest.get(to) as number));
    }
    if (lowest.get(id) !== number) return;
    for (let member = -1; member !== id; ) {
      member = stack.pop() as number;
      circle.set(member, count);
    }
    count++;
  };
  for (const id of ids) if (!found.has(id)) visit(id);
  return circle;
}

/** Within its cell a node moves to the height of those that it is connected with. */
function order(lanes: readonly Lane[], pairs: Pairs): void {
  // In a dense graph everything is connected with everything: there is nothing to gain.
  if (pairs.length > 20_000) return;
  const others = new Map<number, number[]>(lanes.flatMap(({ ids }) => ids.map((id) => [id, []])));
  for (const [from, to] of pairs) {
    others.get(from)?.push(to);
    others.get(to)?.push(from);
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const height = new Map<number, number>();
    lanes.forEach(({ cells, rows }, index) => {
      for (const cell of cells.values()) cell.forEach((id, at) => void height.set(id, index * 1000 + (at % rows) * 10));
    });
    for (const { cells } of lanes) {
      for (const cell of cells.values()) {
        const aim = (id: number): number => {
          const heights = (others.get(id) ?? []).flatMap((other) => height.get(other) ?? []);
          return heights.length === 0 ? (height.get(id) ?? 0) : heights.reduce((sum, value) => sum + value, 0) / heights.length;
        };
        const aims = new Map(cell.map((id) => [id, aim(id)]));
        cell.sort((a, b) => (aims.get(a) ?? 0) - (aims.get(b) ?? 0) || a - b);
      }
    }
  }
}

function place(lanes: readonly Lane[], last: number): Layout {
  const columns = Array.from({ length: last + 1 }, (_, rank) => Math.max(1, ...lanes.map(({ cells, rows }) => Math.ceil((cells.get(rank)?.length ?? 0) / rows))));
  const [step, height] = [nodeSize.width + gap.column, nodeSize.height + gap.row];
  const starts = columns.map((_, rank) => columns.slice(0, rank).reduce((sum, count) => sum + count, 0));
  const total = columns.reduce((sum, count) => sum + count, 0);
  const width = inset.left + inset.right + total * step - gap.column;
  const nodes = new Map<number, Box>();
  const boxes: { readonly lane: number; readonly box: Box }[] = [];
  let y = margin;
  for (const { lane, cells, rows } of lanes) {
    for (const [rank, cell] of cells) {
      cell.forEach((id, at) => {
        const column = (starts[rank] ?? 0) + Math.floor(at / rows);
        nodes.set(id, { x: margin + inset.left + column * step, y: y + inset.top + (at % rows) * height, ...nodeSize });
      });
    }
    const tall = inset.top + rows * height - gap.row + inset.bottom;
    boxes.push({ lane, box: { x: margin, y, width, height: tall } });
    y += tall + gap.lane;
  }
  return { nodes, lanes: boxes, width: width + 2 * margin, height: Math.max(0, y - gap.lane) + margin };
}
