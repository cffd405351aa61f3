/** Sets of which every two members are linked, and that together hold every link. */
export interface CliqueCover {
  /** Sorted, each with its members sorted. */
  readonly cliques: readonly (readonly string[])[];
  /** Whether there are provably no fewer. */
  readonly isSmallest: boolean;
}

export type Links = ReadonlyMap<string, ReadonlySet<string>>;

/** Steps of the search, and sets that it looks at for one link: a problem that is hard in general (Garey and Johnson, GT17). */
const [mostSteps, mostOptions] = [20_000, 200];

/** As few cliques as hold every link, by a search that begins with the links that fewest cliques hold; where that takes too long, as few as it has found. */
export function coverLinks(links: Links): CliqueCover {
  const pairs = [...links.keys()].sort().flatMap((a) => [...(links.get(a) ?? [])].filter((b) => a < b).sort().map((b) => [a, b] as const));
  const options = new Map(pairs.map((pair) => [keyOf(pair), cliquesWith(pair, links)]));
  let isWhole = [...options.values()].every(({ length }) => length < mostOptions);
  let best: readonly Clique[] | undefined;
  let steps = 0;
  const search = (left: ReadonlySet<string>, chosen: readonly Clique[]): void => {
    if (++steps > mostSteps && best !== undefined) {
      isWhole = false;
      return;
    }
    if (left.size === 0) {
      best = chosen;
      return;
    }
    if (best !== undefined && chosen.length + leastFor(left, options) >= best.length) return;
    let next: readonly Clique[] = [];
    for (const pair of left) {
      const useful = options.get(pair) ?? [];
      if (next.length === 0 || useful.length < next.length) next = useful;
      if (next.length === 1) break;
    }
    const gain = ({ pairs: held }: Clique): number => held.filter((pair) => left.has(pair)).length;
    for (const clique of [...next].sort((a, b) => gain(b) - gain(a))) {
      const rest = new Set(left);
      for (const pair of clique.pairs) rest.delete(pair);
      search(rest, [...chosen, clique]);
    }
  };
  search(new Set(options.keys()), []);
  const cliques = (best ?? []).map(({ members }) => members).sort((a, b) => (a.join("\n") < b.join("\n") ? -1 : 1));
  return { cliques, isSmallest: isWhole };
}

interface Clique {
  readonly members: readonly string[];
  /** Keys of the links that it holds. */
  readonly pairs: readonly string[];
}

/** Every two of sorted names. */
export function pairsOf(sorted: readonly string[]): readonly (readonly [string, string])[] {
  return sorted.flatMap((a, index) => sorted.slice(index + 1).map((b) => [a, b] as const));
}

function keyOf(pair: readonly [string, string]): string {
  return pair.join("\n");
}

/** The largest cliques that hold a link, at most so many. */
function cliquesWith([a, b]: readonly [string, string], links: Links): readonly Clique[] {
  const found: Clique[] = [];
  const common = [...(links.get(a) ?? [])].filter((name) => links.get(b)?.has(name) === true).sort();
  // Bron and Kerbosch: what can still be added, and what was left to an earlier branch.
  const grow = (members: readonly string[], candidates: readonly string[], seen: readonly string[]): void => {
    if (found.length >= mostOptions) return;
    if (candidates.length === 0 && seen.length === 0) {
      const sorted = [...members].sort();
      found.push({ members: sorted, pairs: pairsOf(sorted).map(keyOf) });
    }
    const [left, passed] = [[...candidates], [...seen]];
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const near = links.get(name);
      grow([...members, name], left.filter((other) => near?.has(other) === true), passed.filter((other) => near?.has(other) === true));
      passed.push(name);
    }
  };
  grow([a, b], common, []);
  return found;
}

/** Links of which no two are in one clique need a clique each. */
function leastFor(left: ReadonlySet<string>, options: ReadonlyMap<string, readonly Clique[]>): number {
  const taken = new Set<string>();
  let least = 0;
  for (const pair of left) {
    if (taken.has(pair)) continue;
    least++;
    for (const { pairs } of options.get(pair) ?? []) for (const held of pairs) taken.add(held);
  }
  return least;
}
