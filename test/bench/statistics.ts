/** One comparison: how many times as much A takes as B, in pairs run in turn. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly a: string;
  readonly b: string;
  readonly medianA: number;
  readonly medianB: number;
  /** Median of the ratios of the pairs. */
  readonly ratio: number;
  readonly pairs: number;
  /** What the ratio must not exceed, where there is such a figure. */
  readonly limit?: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

export interface Side<Measured = number> {
  readonly name: string;
  readonly measure: () => Promise<Measured>;
}

/** Measures each side in every round, in the opposite order every other time, after one warm-up of each. What each side measured, by round. */
export async function inTurn<Measured>(sides: readonly Side<Measured>[], rounds: number, after?: (round: number, measured: readonly Measured[]) => void): Promise<readonly (readonly Measured[])[]> {
  for (const { measure } of sides) await measure();
  const all = sides.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...sides.keys()];
    if (round % 2 === 1) order.reverse();
    for (const index of order) {
      const side = sides[index];
      if (side !== undefined) all[index]?.push(await side.measure());
    }
    after?.(round, all.flatMap((values) => values.slice(-1)));
  }
  return all;
}

/** The comparison of two series that were measured in turn. */
export function comparison(name: string, unit: string, [a, valuesA]: readonly [string, readonly number[]], [b, valuesB]: readonly [string, readonly number[]], limit?: number): Comparison {
  const ratio = median(valuesA.map((value, pair) => value / (valuesB[pair] ?? Number.NaN)));
  return { name, unit, a, b, medianA: median(valuesA), medianB: median(valuesB), ratio, pairs: valuesA.length, ...(limit === undefined ? {} : { limit }) };
}

/** Measures A and B in turn. */
export async function compare(name: string, unit: string, a: Side, b: Side, pairs: number, limit?: number): Promise<Comparison> {
  const [valuesA = [], valuesB = []] = await inTurn([a, b], pairs, (round, [ofA, ofB]) => {
    if (unit === "s") process.stderr.write(`  pair ${round + 1} of ${pairs}: ${a.name} ${ofA?.toFixed(1)} s, ${b.name} ${ofB?.toFixed(1)} s\n`);
  });
  return comparison(name, unit, [a.name, valuesA], [b.name, valuesB], limit);
}
