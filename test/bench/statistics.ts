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

interface Side {
  readonly name: string;
  readonly measure: () => Promise<number>;
}

/** Measures A and B in turn, A first in one pair and B first in the next, after one warm-up of each. */
export async function compare(name: string, unit: string, a: Side, b: Side, pairs: number, limit?: number): Promise<Comparison> {
  await a.measure();
  await b.measure();
  const [valuesA, valuesB]: [number[], number[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    if (pair % 2 === 0) valuesA.push(await a.measure());
    valuesB.push(await b.measure());
    if (pair % 2 === 1) valuesA.push(await a.measure());
    if (unit === "s") process.stderr.write(`  pair ${pair + 1} of ${pairs}: ${a.name} ${valuesA.at(-1)?.toFixed(1)} s, ${b.name} ${valuesB.at(-1)?.toFixed(1)} s\n`);
  }
  const ratio = median(valuesA.map((value, pair) => value / (valuesB[pair] ?? Number.NaN)));
  return { name, unit, a: a.name, b: b.name, medianA: median(valuesA), medianB: median(valuesB), ratio, pairs, ...(limit === undefined ? {} : { limit }) };
}
