import type { AddressBlock } from "./members";

/** An address as a number, with the number of its bits. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return undefined;
  const groups = (part: string): readonly string[] => (part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function parseAddress(text: string): Address | undefined {
  const value = text.includes(":") ? parseV6(text) : parseV4(text);
  return value === undefined ? undefined : { bits: text.includes(":") ? 128 : 32, value };
}

/** Whether an address lies in a block such as `10.0.0.0/8`; undefined for a text that is no block. */
export function inBlock(cidr: string, address: string): boolean | undefined {
  const [network = "", length = "", more] = cidr.split("/");
  const [base, target] = [parseAddress(network), parseAddress(address)];
  if (base === undefined || target === undefined || more !== undefined || !/^\d{1,3}$/.test(length) || Number(length) > base.bits) return undefined;
  if (base.bits !== target.bits) return false;
  const shift = BigInt(base.bits - Number(length));
  return base.value >> shift === target.value >> shift;
}

/** Whether a block lets an address through: it lies in it, and in no exception. */
export function letsThrough({ cidr, except }: AddressBlock, address: string): boolean | undefined {
  const inside = inBlock(cidr, address);
  if (inside !== true) return inside;
  const exceptions = except.map((block) => inBlock(block, address));
  return exceptions.includes(true) ? false : exceptions.includes(undefined) ? undefined : true;
}
