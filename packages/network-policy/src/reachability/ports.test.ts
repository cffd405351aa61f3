import { expect, test } from "vitest";
import type { PortSet } from "./ports.ts";
import { everyPort, has, intersect, noPorts, portSet, subtract, toRanges, union } from "./ports.ts";

/** All pairs of sets over a few ports, at the ends of TCP's range and where UDP begins. */
function* sets(): Generator<PortSet> {
  const pieces = [portSet("TCP", 1, 1), portSet("TCP", 2, 3), portSet("TCP", 5, 5), portSet("TCP", 65_535, 65_535), portSet("UDP", 1, 1), portSet("ICMP")];
  for (let mask = 0; mask < 1 << pieces.length; mask++) yield pieces.filter((_, index) => mask & (1 << index)).reduce(union, noPorts);
  yield everyPort;
  yield portSet("TCP");
}

const points = [1, 2, 3, 4, 5, 6, 65_534, 65_535, 65_536, 65_537, 65_538, 131_073, 262_144];

test("union, intersection and difference are those of the ports, and ranges stay sorted and apart", () => {
  const wrong: string[] = [];
  for (const a of sets()) {
    for (const b of sets()) {
      const results = [[union(a, b), (x: boolean, y: boolean) => x || y], [intersect(a, b), (x: boolean, y: boolean) => x && y], [subtract(a, b), (x: boolean, y: boolean) => x && !y]] as const;
      for (const [result, combine] of results) {
        if (points.some((point) => has(result, point) !== combine(has(a, point), has(b, point)))) wrong.push(`${a} and ${b}: ${result}`);
        if (result.some((value, index) => index > 0 && (index % 2 === 0 ? value <= (result[index - 1] ?? 0) + 1 : value < (result[index - 1] ?? 0)))) wrong.push(`${a} and ${b}: ${result} is not in order`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("ranges by protocol", () => {
  expect(toRanges(everyPort)).toEqual({ TCP: [[1, 65_535]], UDP: [[1, 65_535]], SCTP: [[1, 65_535]], ICMP: true });
  expect(toRanges(subtract(everyPort, union(portSet("UDP", 53, 53), portSet("ICMP"))))).toEqual({ TCP: [[1, 65_535]], UDP: [[1, 52], [54, 65_535]], SCTP: [[1, 65_535]], ICMP: false });
  expect(union(subtract(everyPort, portSet("SCTP")), portSet("SCTP"))).toBe(everyPort);
});
