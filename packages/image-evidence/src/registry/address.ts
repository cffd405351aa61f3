import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/** Where an address leads. `special`: link-local (metadata services), multicast, unspecified, reserved. */
export type AddressClass = "public" | "private" | "loopback" | "special";

const lists: readonly { readonly name: Exclude<AddressClass, "public">; readonly list: BlockList }[] = [
  { name: "loopback", list: subnets("127.0.0.0/8", "::1/128") },
  { name: "special", list: subnets("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8") },
  { name: "private", list: subnets("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10") },
];

function subnets(...blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = "", bits = ""] = block.split("/");
    list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}

/** The class of an IP address, also of an IPv4 one that is written within IPv6 (mapped, compatible, NAT64, 6to4). */
export function classOfAddress(address: string): AddressClass {
  const bare = address.replace(/^\[|\]$/g, "").split("%", 1)[0] ?? "";
  const family = isIP(bare) === 6 ? "ipv6" : "ipv4";
  const own = lists.find(({ list }) => list.check(bare, family))?.name;
  if (own !== undefined) return own;
  const within = family === "ipv6" ? embedded(bare) : undefined;
  return within === undefined ? "public" : classOfAddress(within);
}

function embedded(address: string): string | undefined {
  const groups = groupsOf(address);
  const v4 = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const zero = a === 0 && b === 0 && c === 0 && d === 0;
  if (zero && e === 0 && (f === 0xffff || f === 0)) return v4(g, h);
  if (zero && e === 0xffff && f === 0) return v4(g, h);
  if (a === 0x64 && b === 0xff9b) return v4(g, h);
  return a === 0x2002 ? v4(b, c) : undefined;
}

/** The eight groups; the URL parser has one spelling for each address, without dotted numbers. */
function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const numbers = (text: string): readonly number[] => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const [first, last] = [numbers(head), numbers(tail ?? "")];
  return tail === undefined ? first : [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

/** Whether a URL's host name is one of this machine, without asking anyone. */
export function isLoopbackName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return isIP(name.replace(/^\[|\]$/g, "")) !== 0 && classOfAddress(name) === "loopback";
}

const order: readonly AddressClass[] = ["special", "loopback", "private", "public"];

/**
 * The class of a URL's host name: of several addresses that of the most inward one. A name that nobody resolves is
 * public: no connection to it can be made, but through a proxy, whose view of the world is another.
 */
export async function classOfHost(hostname: string): Promise<AddressClass> {
  if (isLoopbackName(hostname)) return "loopback";
  if (isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return classOfAddress(hostname);
  const found = await lookup(hostname, { all: true }).catch(() => []);
  const classes = found.map(({ address }) => classOfAddress(address));
  return order.find((name) => classes.includes(name)) ?? "public";
}

/** Whether a registry of one class may send its clients to a host of another: never further inward than itself. */
export function mayLeadTo(from: AddressClass, to: AddressClass): boolean {
  return to === "public" || to === from || (to === "private" && from === "loopback");
}
