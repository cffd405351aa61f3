import { expect, test } from "vitest";
import { coverAddresses, defaultBudget, exceptionsOf } from "./cidrs";

const range = (first: number, count: number, step = 1): readonly string[] => Array.from({ length: count }, (_, index) => `192.0.2.${first + index * step}`);

test.each<readonly [string, readonly string[], readonly string[], bigint]>([
  ["one address", ["192.0.2.7"], ["192.0.2.7/32"], 0n],
  ["neighbours are one block", ["192.0.2.7", "192.0.2.6", "192.0.2.6"], ["192.0.2.6/31"], 0n],
  ["whole blocks, of any size", range(0, 16), ["192.0.2.0/28"], 0n],
  ["both families", ["2001:db8::1", "192.0.2.1", "2001:db8::"], ["192.0.2.1/32", "2001:db8::/127"], 0n],
  // Ten even addresses: two of them have to share a block with one that was not seen.
  ["wider blocks where there are too many, with the fewest addresses besides", range(0, 10, 2), ["192.0.2.0/30", "192.0.2.4/30", "192.0.2.8/32", "192.0.2.10/32", "192.0.2.12/32", "192.0.2.14/32", "192.0.2.16/32", "192.0.2.18/32"], 4n],
])("%s", (_, ips, cidrs, unseen) => {
  expect(coverAddresses(ips, defaultBudget)).toEqual({ cidrs, unseen });
});

test("addresses far apart are not covered", () => {
  expect(coverAddresses(Array.from({ length: 9 }, (_, index) => `198.51.${index}.1`), defaultBudget)).toBeUndefined();
  expect(coverAddresses(Array.from({ length: 9 }, (_, index) => `2001:db8:${index}::1`), defaultBudget)).toBeUndefined();
});

test("no block is wider, or emptier, than the budget allows", () => {
  const cover = coverAddresses(range(0, 32, 4), { blocks: 4, freeBits: 8, coverage: 0.5 });
  expect(cover).toBeUndefined();
});

test("what a wide block leaves out", () => {
  expect(exceptionsOf("0.0.0.0/0", ["10.0.0.0/8", "203.0.113.0/24"])).toEqual(["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "203.0.113.0/24"]);
  expect(exceptionsOf("::/0", [])).toEqual(["fc00::/7", "fe80::/10"]);
  expect(exceptionsOf("10.0.0.0/8", [])).toEqual([]);
});
