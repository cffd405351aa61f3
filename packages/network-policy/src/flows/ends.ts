import { isIP } from "node:net";
import type { Labels, Protocol } from "../model/cluster";
import type { FlowEnd } from "../model/flow";

const known = new Map<string, string | undefined>();
/** Addresses whose normal form is kept. */
const mostKnown = 50_000;

/** Normal form of an address: IPv6 in lower case and shortest form, IPv4 that was mapped into IPv6 as itself, no zone; undefined for what is no address. */
export function normalIp(text: string): string | undefined {
  const found = known.get(text);
  if (found !== undefined || known.has(text)) return found;
  const normal = normalize(text);
  if (known.size >= mostKnown) known.clear();
  known.set(text, normal);
  return normal;
}

function normalize(text: string): string | undefined {
  const bare = text.replace(/%.*$/, "");
  const kind = isIP(bare);
  if (kind === 4) return bare;
  if (kind === 0) return undefined;
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (mapped === null) return short;
  const [high, low] = [Number.parseInt(mapped[1] ?? "0", 16), Number.parseInt(mapped[2] ?? "0", 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`, `*:80`: address and port; undefined for anything else. */
export function addressAndPort(text: string): { readonly ip: string; readonly port: number } | undefined {
  const colon = text.lastIndexOf(":");
  if (colon === -1) return undefined;
  const ip = normalIp(text.slice(0, colon).replace(/^\[|\](?=%|$)/g, ""));
  const port = portNumber(text.slice(colon + 1));
  return ip === undefined || port === undefined ? undefined : { ip, port };
}

/** 1 to 65535, as a number or as text; undefined for anything else. */
export function portNumber(value: unknown): number | undefined {
  const port = typeof value === "number" ? value : typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

const byProtocol: { readonly [name: string]: Protocol } = { TCP: "TCP", UDP: "UDP", SCTP: "SCTP", ICMP: "ICMP", ICMPV4: "ICMP", ICMPV6: "ICMP", "ICMP6": "ICMP", "1": "ICMP", "6": "TCP", "17": "UDP", "58": "ICMP", "132": "SCTP" };

/** By name in any case, or by number. */
export function protocolOf(value: unknown): Protocol | undefined {
  const name = String(value).toUpperCase();
  return Object.hasOwn(byProtocol, name) ? byProtocol[name] : undefined;
}

/** `a=b`, each; the first `=` divides. */
export function labelsOf(pairs: readonly string[]): Labels {
  return Object.fromEntries(pairs.filter((pair) => pair.includes("=")).map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.slice(pair.indexOf("=") + 1).trim()]));
}

/** Milliseconds since 1970 of an RFC 3339 time, of seconds or of milliseconds; undefined for anything else. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]/.test(value)) {
    const time = Date.parse(value);
    return Number.isNaN(time) ? undefined : time;
  }
  const number = typeof value === "string" && /^\d{9,19}(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || number <= 0) return undefined;
  // Seconds until the year 5138, milliseconds, microseconds, nanoseconds.
  if (number < 1e11) return Math.trunc(number * 1000);
  if (number < 1e14) return Math.trunc(number);
  return Math.trunc(number / (number < 1e17 ? 1e3 : 1e6));
}

/** Why there is nothing to learn from a flow between these ends; undefined where there is. */
export function nothingToLearn(source: FlowEnd, destination: FlowEnd): string | undefined {
  const [from, to] = [source.ip, destination.ip];
  if (from !== undefined && from === to) return "a workload that talks to itself";
  for (const ip of [from, to]) {
    if (ip === undefined) continue;
    if (ip.startsWith("127.") || ip === "::1") return "loopback";
    if (ip === "0.0.0.0" || ip === "::" || ip === "255.255.255.255") return "an address that is no end: unspecified or broadcast";
    if (ip.startsWith("ff") && ip.includes(":")) return "multicast";
    if (/^2(2[4-9]|3\d)\./.test(ip)) return "multicast";
  }
  return undefined;
}

export type PlainObject = { readonly [key: string]: unknown };

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a field, if it is one and not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value !== "-" ? value : undefined;
}
