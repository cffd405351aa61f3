import { normalIp, portNumber, protocolOf } from "../ends";
import type { Flow } from "../../model/flow";
import { Tally } from "../tally";
import { type Format, makeFlow, type Outcome, type ReaderContext, timeOrCount } from "../format";

const tuple = /\bsrc=(\S+) +dst=(\S+)(?: +sport=(\d+) +dport=(\d+))?/g;

/** `conntrack -L -o extended` and `conntrack -E -o extended,timestamp`, and the same without the family: who opened the connection comes first; the reply shows the address and port after translation. */
export const conntrack: Format = {
  name: "conntrack",
  json: false,
  looksLike: (text) => /\bsrc=\S+ +dst=\S+/.test(text) && /(^|\s)(tcp|udp|sctp|icmp|icmpv6|dccp|udplite|gre|unknown)\s+\d+/.test(text),
  create: (context) => ({ read: (text, _, at) => readLine(text, at, context) }),
};

/** The flows of a whole table, such as /proc/net/nf_conntrack, that was read at a time. Lines that are no flow are left out. */
export function parseConntrack(text: string, time: number): readonly Flow[] {
  const context = { tally: new Tally(), time };
  return text.split("\n").flatMap((line) => {
    const outcome = line.trim() === "" ? undefined : readLine(line, "", context);
    return outcome !== undefined && outcome !== "held" && "source" in outcome ? [outcome] : [];
  });
}

function readLine(text: string, at: string, context: ReaderContext): Outcome {
  if (/flow entries have been shown/.test(text)) return { ignored: "a summary of conntrack" };
  const [sent, answered] = [...text.matchAll(tuple)];
  const name = /(?:^|\s)(tcp|udp|sctp|icmp|icmpv6|dccp|udplite|gre|unknown)\s+\d+/.exec(text)?.[1];
  if (sent === undefined || answered === undefined || name === undefined) return { expected: "an entry of conntrack, with the addresses of both directions", found: "a line without them" };
  const protocol = protocolOf(name);
  if (protocol === undefined) return { ignored: "no protocol that a policy can name" };
  if (/\[DESTROY\]/.test(text)) return { ignored: "the end of a connection" };
  if (/\[UNREPLIED\]/.test(text) && protocol !== "UDP") return { ignored: "an attempt without an answer" };
  const source = normalIp(sent[1] ?? "");
  const destination = normalIp(answered[1] ?? "");
  const asked = normalIp(sent[2] ?? "");
  if (source === undefined || destination === undefined || asked === undefined) return { expected: "IP addresses of both ends", found: "other text" };
  const port = portNumber(answered[3]);
  if (protocol !== "ICMP" && port === undefined) return { expected: "ports from 1 to 65535", found: "none, or another value" };
  const stamp = /^\s*\[(\d{9,11}\.\d+)/.exec(text)?.[1];
  const time = timeOrCount(stamp === undefined ? undefined : Math.trunc(Number(stamp) * 1000), context);
  return makeFlow({ source: { ip: source }, destination: { ip: destination }, protocol, port: protocol === "ICMP" ? undefined : port, sourcePort: portNumber(sent[3]), direction: "request", verdict: "forwarded", first: time, at });
}
