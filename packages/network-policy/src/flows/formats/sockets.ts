import { addressAndPort, portNumber, protocolOf } from "../ends";
import { type Format, makeFlow, type Outcome, type ReaderContext, timeOrCount } from "../format";

const states = new Set(["ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSE-WAIT", "LAST-ACK", "CLOSING", "CLOSED", "UNCONN", "LISTEN"]);

/**
 * `ss -Htnp`, with or without its heading, and with `-a` and `-u`: the sockets of one network namespace. Which end has opened a connection is not said: the
 * listening sockets (`-a`) tell, or the ports. Names of processes are not read.
 */
export const sockets: Format = {
  name: "ss",
  json: false,
  looksLike: (text) => /^(tcp +|udp +)?([A-Z0-9-]+) +\d+ +\d+ +\S+:(\d+|\*) +\S+:(\d+|\*)/.test(text.trim()) || isHeading(text),
  create: (context) => ({ read: (text, _, at) => readLine(text, at, context) }),
};

function isHeading(text: string): boolean {
  return /^(Netid +)?State +Recv-Q +Send-Q/.test(text.trim());
}

function readLine(text: string, at: string, context: ReaderContext): Outcome {
  if (isHeading(text)) return { ignored: "a heading" };
  const fields = text.trim().split(/\s+/);
  const named = /^(tcp|udp|sctp)$/.test(fields[0] ?? "");
  const [state = "", , , local = "", peer = ""] = named ? fields.slice(1) : fields;
  if (!states.has(state)) return { expected: "a socket with its state and both addresses", found: "another line" };
  const protocol = protocolOf(named ? fields[0] : "tcp");
  if (protocol === undefined) return { ignored: "no protocol that a policy can name" };
  if (state === "LISTEN" || (state === "UNCONN" && peer.endsWith(":*"))) return listen(local, protocol, context);
  if (state === "SYN-SENT" || state === "SYN-RECV") return { ignored: "an attempt without an answer" };
  const [from, to] = [addressAndPort(local), addressAndPort(peer)];
  if (from === undefined || to === undefined) return { expected: "addresses and ports of both ends", found: "other text" };
  return makeFlow({ source: { ip: from.ip }, destination: { ip: to.ip }, protocol, port: to.port, sourcePort: from.port, direction: "unknown", verdict: "forwarded", first: timeOrCount(undefined, context), at });
}

function listen(local: string, protocol: "TCP" | "UDP" | "SCTP" | "ICMP", { tally }: ReaderContext): Outcome {
  const port = portNumber(local.slice(local.lastIndexOf(":") + 1));
  const ip = addressAndPort(local)?.ip;
  // A socket on every address: no address says whose it is, so only the port's number is known.
  if (port !== undefined) tally.listen({ ...(ip === undefined || ip === "0.0.0.0" || ip === "::" ? {} : { ip }), protocol, port });
  return { ignored: "a socket that listens" };
}
