/** A block of addresses: its bits, the length of its prefix, and its first address. */
interface Block {
  readonly bits: 32 | 128;
  readonly length: number;
  readonly first: bigint;
}

/** Where clouds serve credentials to their instances, and what is link-local with them. Nothing may be opened to a block that lies in one of these. */
const metadata = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "fd00:c1::/32", "fd20:ce::254/128", "100.100.100.200/32", "168.63.129.16/32"];
/** Private addresses, which are no internet: a wider block leaves them out, and one of their own opens them (RFC 1918, 6598, 4193). */
const privateBlocks = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/** IPv4 addresses that a gateway translates (RFC 6052): whatever an IPv4 block leaves out would be reached through them. */
const translated = "64:ff9b::/96";
/** IPv4 addresses as a socket spells them (RFC 4291). They leave as IPv4, and the API server takes no such block, also not as an exception. */
const mapped = "::ffff:0:0/96";

/** A block that a policy may name, with what is left out of it; or why it may not. */
export type OpenedBlock = { readonly cidr: string; readonly except: readonly string[] } | { readonly refused: string };

/** What was expected in the place of a block that a policy cannot name, or nothing. */
export function faultOfBlock(cidr: string): string | undefined {
  const block = parse(cidr);
  if (block === undefined) return "a block of addresses such as 203.0.113.0/24";
  if (block.first !== (block.first >> BigInt(block.bits - block.length)) << BigInt(block.bits - block.length)) return "a block whose address has no bits beyond its length";
  return contains(parse(mapped), block) ? "a block of IPv4 addresses as such, not within IPv6" : undefined;
}

/** Whether a block is every address there is. */
export function isEveryAddress(cidr: string): boolean {
  return parse(cidr)?.length === 0;
}

export function openedBlock(cidr: string): OpenedBlock {
  const block = parse(cidr);
  const fault = faultOfBlock(cidr);
  if (fault !== undefined) return { refused: fault };
  if (metadata.some((other) => contains(parse(other), block))) return { refused: "a block outside of the cloud's instance metadata and of link-local addresses" };
  if (contains(parse(translated), block)) return { refused: "a block of IPv4 addresses as such, not within IPv6" };
  const inside = [...metadata, ...privateBlocks, translated].filter((other) => contains(block, parse(other)) && !contains(parse(other), block));
  // What lies in another exception is left out with it.
  return { cidr, except: inside.filter((other) => !inside.some((wider) => wider !== other && contains(parse(wider), parse(other)))) };
}

function contains(outer: Block | undefined, inner: Block | undefined): boolean {
  if (outer === undefined || inner === undefined || outer.bits !== inner.bits || inner.length < outer.length) return false;
  const shift = BigInt(outer.bits - outer.length);
  return outer.first >> shift === inner.first >> shift;
}

function parse(cidr: string): Block | undefined {
  const [address = "", length = "", more] = cidr.split("/");
  const bits = address.includes(":") ? 128 : 32;
  const first = bits === 32 ? version4(address) : version6(address);
  if (first === undefined || more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) return undefined;
  return { bits, length: Number(length), first };
}

function version4(address: string): bigint | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function version6(address: string): bigint | undefined {
  const [head = "", tail, more] = address.split("::");
  const groups = (part: string): readonly string[] => (part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const zeros = 8 - left.length - right.length;
  if (more !== undefined || (tail === undefined ? zeros !== 0 : zeros < 1)) return undefined;
  const all = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) ? all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) : undefined;
}
