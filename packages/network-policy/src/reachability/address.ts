/** An address as a number. IPv4 within IPv6 (`::ffff:10.0.0.1`) is IPv4, as Go's net package has it. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** First and last address of a block. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const mapped = 0xffffn << 32n;

/** Undefined for a text that is no address. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(":")) {
    const value = parseV4(text);
    return value === undefined ? undefined : { family: 4, value };
  }
  const value = parseV6(text);
  if (value === undefined) return undefined;
  return value >> 32n === 0xffffn ? { family: 4, value: value - mapped } : { family: 6, value };
}

/** `10.0.0.0/8`; bits behind the prefix are ignored. Undefined for a text that is no block. */
export function parseCidr(text: string): AddressRange | undefined {
  const [address = "", length = "", more] = text.split("/");
  const base = parseIp(address);
  if (base === undefined || more !== undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const isMapped = base.family === 4 && address.includes(":");
  const prefix = Number(length) - (isMapped ? 96 : 0);
  const bits = base.family === 4 ? 32 : 128;
  if (prefix < 0 || prefix > bits) return undefined;
  const free = BigInt(bits - prefix);
  const first = (base.value >> free) << free;
  return { family: base.family, first, last: first | ((1n << free) - 1n) };
}

/** The shortest form of an address (RFC 5952). */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - index * 16)) & 0xffffn));
  let [start, length] = [-1, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && groups[to] === 0) to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tailV4 = dotted === null ? undefined : parseV4(dotted[2] as string);
  if (dotted !== null && tailV4 === undefined) return undefined;
  const plain = tailV4 === undefined || dotted === null ? text : `${dotted[1] as string}${(tailV4 >> 16n).toString(16)}:${(tailV4 & 0xffffn).toString(16)}`;
  const [head = "", tail, more] = plain.split("::");
  if (more !== undefined) return undefined;
  const groups = (part: string): readonly string[] => (part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}
