import type { Protocol } from "../model/cluster";

/** Ports of every protocol on one line of numbers: first and last of each range in turn, sorted and apart from each other. */
export type PortSet = readonly number[];
/** First and last port. */
export type PortRange = readonly [first: number, last: number];

/** Ports by protocol, as sorted ranges that do not touch. ICMP has none: it is let through or not. */
export interface PortRanges {
  readonly TCP: readonly PortRange[];
  readonly UDP: readonly PortRange[];
  readonly SCTP: readonly PortRange[];
  readonly ICMP: boolean;
}

/** Where a protocol's ports begin on the line; ICMP is one number, apart from the last port of SCTP. */
const base: { readonly [protocol in Protocol]: number } = { TCP: 0, UDP: 65_536, SCTP: 131_072, ICMP: 262_144 };
export const lastPort = 65_535;

export const noPorts: PortSet = [];
export const everyPort: PortSet = [1, lastPort, base.UDP + 1, base.UDP + lastPort, base.SCTP + 1, base.SCTP + lastPort, base.ICMP, base.ICMP];

/** All of a protocol's ports, or a range of them. */
export function portSet(protocol: Protocol, first = 1, last = lastPort): PortSet {
  return protocol === "ICMP" ? [base.ICMP, base.ICMP] : [base[protocol] + first, base[protocol] + last];
}

export function onePort(protocol: Protocol, port: number | undefined): number {
  return protocol === "ICMP" ? base.ICMP : base[protocol] + (port ?? 0);
}

export function union(a: PortSet, b: PortSet): PortSet {
  if (a.length === 0 || b === everyPort || a === b) return b;
  if (b.length === 0 || a === everyPort) return a;
  const merged: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const fromA = j >= b.length || (i < a.length && (a[i] as number) <= (b[j] as number));
    const [first, last] = fromA ? [a[i] as number, a[i + 1] as number] : [b[j] as number, b[j + 1] as number];
    if (fromA) i += 2;
    else j += 2;
    const end = merged.length - 1;
    if (end > 0 && first <= (merged[end] as number) + 1) merged[end] = Math.max(merged[end] as number, last);
    else merged.push(first, last);
  }
  return isEvery(merged) ? everyPort : merged;
}

export function intersect(a: PortSet, b: PortSet): PortSet {
  if (a === everyPort || a === b) return b;
  if (b === everyPort) return a;
  const common: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i] as number, b[j] as number);
    const last = Math.min(a[i + 1] as number, b[j + 1] as number);
    if (first <= last) common.push(first, last);
    if ((a[i + 1] as number) < (b[j + 1] as number)) i += 2;
    else j += 2;
  }
  return common;
}

export function subtract(a: PortSet, b: PortSet): PortSet {
  if (b.length === 0) return a;
  if (b === everyPort || a === b) return noPorts;
  const left: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let first = a[i] as number;
    const last = a[i + 1] as number;
    while (j < b.length && (b[j + 1] as number) < first) j += 2;
    for (let k = j; k < b.length && (b[k] as number) <= last && first <= last; k += 2) {
      if (first < (b[k] as number)) left.push(first, (b[k] as number) - 1);
      first = (b[k + 1] as number) + 1;
    }
    if (first <= last) left.push(first, last);
  }
  return left;
}

export function has(set: PortSet, point: number): boolean {
  for (let i = 0; i < set.length; i += 2) {
    if (point < (set[i] as number)) return false;
    if (point <= (set[i + 1] as number)) return true;
  }
  return false;
}

export function toRanges(set: PortSet): PortRanges {
  const of = (protocol: "TCP" | "UDP" | "SCTP"): readonly PortRange[] => {
    const inside = intersect(set, portSet(protocol));
    const ranges: PortRange[] = [];
    for (let i = 0; i < inside.length; i += 2) ranges.push([(inside[i] as number) - base[protocol], (inside[i + 1] as number) - base[protocol]]);
    return ranges;
  };
  return { TCP: of("TCP"), UDP: of("UDP"), SCTP: of("SCTP"), ICMP: has(set, base.ICMP) };
}

function isEvery(set: PortSet): boolean {
  return set.length === everyPort.length && set.every((value, index) => value === everyPort[index]);
}
