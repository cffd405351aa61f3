import type { Protocol } from "../model/cluster";
import { normalIp } from "../flows/ends";

/** One socket of a table of /proc/net. */
export interface Socket {
  readonly protocol: Protocol;
  readonly ip: string;
  readonly port: number;
  readonly peerIp: string;
  /** 0 for a socket without a peer. */
  readonly peerPort: number;
  /** `attempt` has no answer yet; `closed` is one that still waits (TIME_WAIT): the connection was there. */
  readonly state: "listening" | "open" | "closed" | "attempt";
}

export const socketTables = ["tcp", "tcp6", "udp", "udp6"] as const;
export type SocketTable = (typeof socketTables)[number];

/** include/net/tcp_states.h; UDP has 01 for a socket with a peer and 07 for one without. */
const tcpStates: { readonly [state: string]: Socket["state"] } = { "01": "open", "02": "attempt", "03": "attempt", "04": "open", "05": "open", "06": "closed", "07": "closed", "08": "open", "09": "open", "0A": "listening", "0B": "open", "0C": "attempt" };

/**
 * Reads /proc/net/{tcp,tcp6,udp,udp6}. Addresses there are words in the order of the machine's bytes.
 *
 * @returns the sockets, and how many lines are none.
 */
export function parseSocketTable(text: string, table: SocketTable, littleEndian = true): { readonly sockets: readonly Socket[]; readonly unread: number } {
  const sockets: Socket[] = [];
  let unread = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "" || /^\s*sl\s/.test(line)) continue;
    const [, local = "", peer = "", state = ""] = line.trim().split(/\s+/);
    const [here, there] = [parseEnd(local, littleEndian), parseEnd(peer, littleEndian)];
    const kind = table.startsWith("tcp") ? tcpStates[state.toUpperCase()] : there?.port === 0 ? "listening" : "open";
    if (here === undefined || there === undefined || kind === undefined) unread++;
    else sockets.push({ protocol: table.startsWith("tcp") ? "TCP" : "UDP", ip: here.ip, port: here.port, peerIp: there.ip, peerPort: there.port, state: kind });
  }
  return { sockets, unread };
}

function parseEnd(text: string, littleEndian: boolean): { readonly ip: string; readonly port: number } | undefined {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/i.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const bytes = (match[1].match(/.{8}/g) ?? []).flatMap((word) => {
    const four = (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
    return littleEndian ? four.reverse() : four;
  });
  const ip = bytes.length === 4 ? bytes.join(".") : normalIp(groups(bytes));
  return ip === undefined ? undefined : { ip, port: Number.parseInt(match[2], 16) };
}

function groups(bytes: readonly number[]): string {
  return Array.from({ length: 8 }, (_, index) => (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16)).join(":");
}

/** Addresses of the namespace itself, from /proc/net/fib_trie and /proc/net/if_inet6. */
export function parseLocalAddresses(fibTrie: string, ifInet6: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const match of fibTrie.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)) if (match[1] !== undefined) found.add(match[1]);
  for (const line of ifInet6.split("\n")) {
    const hex = /^[0-9a-f]{32}(?= )/.exec(line)?.[0];
    const ip = hex === undefined ? undefined : normalIp(hex.match(/.{4}/g)?.join(":") ?? "");
    if (ip !== undefined) found.add(ip);
  }
  return found;
}
