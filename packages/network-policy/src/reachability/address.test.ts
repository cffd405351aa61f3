import { expect, test } from "vitest";
import { formatIp, parseCidr, parseIp } from "./address.ts";
import { partition } from "./partition.ts";

test.each([
  ["10.0.0.1", 4, 0x0a000001n, "10.0.0.1"], ["255.255.255.255", 4, 0xffffffffn, "255.255.255.255"], ["::", 6, 0n, "::"], ["::1", 6, 1n, "::1"], ["1::", 6, 1n << 112n, "1::"],
  ["2001:DB8:0:0:1:0:0:1", 6, 0x20010db8000000000001000000000001n, "2001:db8::1:0:0:1"], ["1:0:2:3:4:5:6:7", 6, 0x00010000000200030004000500060007n, "1:0:2:3:4:5:6:7"],
  ["::ffff:10.0.0.1", 4, 0x0a000001n, "10.0.0.1"], ["::ffff:a00:1", 4, 0x0a000001n, "10.0.0.1"], ["64:ff9b::192.0.2.1", 6, 0x0064ff9b0000000000000000c0000201n, "64:ff9b::c000:201"],
] as const)("%s is an address", (text, family, value, shortest) => {
  expect(parseIp(text)).toEqual({ family, value });
  expect(formatIp({ family, value })).toBe(shortest);
});

test.each(["", "10.0.0", "10.0.0.256", "10.0.0.01", "1.2.3.4.5", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::1.2.3", "10.0.0.1/8", "fe80::1%eth0"])("%j is none", (text) => {
  expect(parseIp(text)).toBeUndefined();
});

test.each([
  ["10.1.2.3/8", 4, "10.0.0.0", "10.255.255.255"], ["0.0.0.0/0", 4, "0.0.0.0", "255.255.255.255"], ["192.0.2.1/32", 4, "192.0.2.1", "192.0.2.1"], ["fd00::1/64", 6, "fd00::", "fd00::ffff:ffff:ffff:ffff"],
  ["::/0", 6, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], ["::ffff:10.1.2.3/104", 4, "10.0.0.0", "10.255.255.255"],
] as const)("%s is a block", (text, family, first, last) => {
  const range = parseCidr(text);
  expect([range?.family, formatIp({ family, value: range?.first ?? -1n }), formatIp({ family, value: range?.last ?? -1n })]).toEqual([family, first, last]);
});

test.each(["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "fd00::/129", "::ffff:10.0.0.0/95", "x/8"])("%j is none either", (text) => {
  expect(parseCidr(text)).toBeUndefined();
});

test("a partition says which blocks hold an address, at their edges and in their exceptions", () => {
  const block = (text: string) => {
    const range = parseCidr(text);
    if (range === undefined) throw new Error(text);
    return range;
  };
  const { setsOf, pieces } = partition(new Map([[1, { block: block("10.0.0.0/8"), except: [block("10.1.0.0/16"), block("10.1.2.0/24")] }], [2, { block: block("0.0.0.0/0"), except: [] }], [3, { block: block("fd00::/8"), except: [] }]]));
  const of = (text: string) => setsOf(parseIp(text) ?? { family: 4, value: 0n });
  expect(["9.255.255.255", "10.0.0.0", "10.0.255.255", "10.1.0.0", "10.1.2.3", "10.2.0.0", "10.255.255.255", "11.0.0.0", "fcff::", "fd00::", "fe00::"].map((ip) => of(ip).join())).toEqual(["2", "1,2", "1,2", "2", "2", "1,2", "1,2", "2", "", "3", ""]);
  for (const family of [4, 6] as const) {
    const own = pieces.filter(({ range }) => range.family === family);
    expect(own.map(({ range }, index) => range.first - (own[index - 1]?.range.last ?? -1n))).toEqual(own.map(() => 1n));
    expect(own.at(-1)?.range.last).toBe((1n << (family === 4 ? 32n : 128n)) - 1n);
  }
});
