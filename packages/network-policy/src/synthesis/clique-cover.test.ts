import { describe, expect, test } from "vitest";
import { coverLinks, pairsOf } from "./clique-cover";

function linksOf(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const links = new Map<string, Set<string>>();
  for (const [a, b] of pairs.flatMap(([one, other]) => [[one, other], [other, one]] as const)) links.set(a, (links.get(a) ?? new Set()).add(b));
  return links;
}

/** Numbers from a seed (Park and Miller). */
function randoms(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** The fewest, by trying all sets of at most so many of all cliques. */
function fewest(pairs: readonly (readonly [string, string])[]): number {
  const links = linksOf(pairs);
  const names = [...links.keys()].sort();
  const cliques = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((__, index) => (bits >> index) & 1)).filter((members) => members.length > 1 && pairsOf(members).every(([a, b]) => links.get(a)?.has(b)));
  const bitOf = new Map(pairs.map((pair, index) => [[...pair].sort().join(" "), 1 << index]));
  const masks = [...new Set(cliques.map((members) => pairsOf(members).reduce((mask, pair) => mask | (bitOf.get(pair.join(" ")) ?? 0), 0)))];
  const all = 2 ** pairs.length - 1;
  let reached = new Set([0]);
  for (let count = 0; ; count++) {
    if (reached.has(all)) return count;
    reached = new Set([...reached].flatMap((mask) => masks.map((more) => mask | more)));
  }
}

describe("cliques that hold every link", () => {
  test("three that all talk share one; a chain has one for each link; nobody is none", () => {
    expect(coverLinks(linksOf([["a", "b"], ["b", "c"], ["a", "c"]]))).toEqual({ cliques: [["a", "b", "c"]], isSmallest: true });
    expect(coverLinks(linksOf([["a", "b"], ["b", "c"]]))).toEqual({ cliques: [["a", "b"], ["b", "c"]], isSmallest: true });
    expect(coverLinks(new Map())).toEqual({ cliques: [], isSmallest: true });
  });

  test("what the first link that is at hand would spoil: the triangle in the middle is none of them", () => {
    const sun = linksOf([["a", "b"], ["b", "c"], ["a", "c"], ["a", "x"], ["b", "x"], ["b", "y"], ["c", "y"], ["a", "z"], ["c", "z"]]);
    expect(coverLinks(sun)).toEqual({ cliques: [["a", "b", "x"], ["a", "c", "z"], ["b", "c", "y"]], isSmallest: true });
  });

  test.each(Array.from({ length: 40 }, (_, index) => index + 1))("no fewer than there must be, and no two together who are not linked: graph %i", (seed) => {
    const random = randoms(seed);
    const names = ["a", "b", "c", "d", "e", "f"];
    const pairs = pairsOf(names).filter(() => random() < 0.55).slice(0, 10);
    const { cliques, isSmallest } = coverLinks(linksOf(pairs));
    const held = new Set(cliques.flatMap((members) => pairsOf(members).map((pair) => pair.join(" "))));
    expect([...held].sort()).toEqual(pairs.map((pair) => pair.join(" ")).sort());
    expect([cliques.length, isSmallest]).toEqual([fewest(pairs), true]);
  });

  test("where the search takes too long, it says so and still holds every link and no other", () => {
    const random = randoms(7);
    const names = Array.from({ length: 40 }, (_, index) => `n${String(index).padStart(2, "0")}`);
    const pairs = pairsOf(names).filter(() => random() < 0.6);
    const { cliques, isSmallest } = coverLinks(linksOf(pairs));
    expect(isSmallest).toBe(false);
    expect([...new Set(cliques.flatMap((members) => pairsOf(members).map((pair) => pair.join(" "))))].sort()).toEqual(pairs.map((pair) => pair.join(" ")).sort());
  });
});
