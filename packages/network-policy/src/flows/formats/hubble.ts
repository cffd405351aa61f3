import type { Flow, FlowDirection } from "../../model/flow";
import { isPlainObject, normalIp, type PlainObject, portNumber, textOf, timeOf } from "../ends";
import { type Format, isEmptyEnd, makeFlow, type Outcome, type ReaderContext } from "../format";
import type { Ignored } from "../tally";
import { EndCache } from "./hubble-ends";

const forwarded = new Set(["FORWARDED", "REDIRECTED"]);
const otherVerdicts: { readonly [verdict: string]: string } = {
  TRACED: "seen on its way, before any verdict (TRACED)", TRANSLATED: "the translation of an address, no packet (TRANSLATED)", ERROR: "an error of the proxy (ERROR)", VERDICT_UNKNOWN: "no verdict",
};
/** Reasons to drop that are a policy's; every other is none that a policy could mend. */
const policyDrops = new Set(["POLICY_DENIED", "POLICY_DENY", "AUTH_REQUIRED", "DROP_REASON_UNKNOWN"]);
const expected = "a flow of Hubble (`hubble observe -o jsonpb`)";

/** Hubble: GetFlowsResponse a line with the names of its protocol buffers (`hubble observe -o jsonpb`), and the older form, which is the flow alone. Retina writes the same. */
export const hubble: Format = {
  name: "Hubble",
  json: true,
  looksLike: (_, value) => value !== undefined && (isPlainObject(value["lost_events"]) || isPlainObject(value["node_status"]) || looksLikeFlow(value["flow"]) || looksLikeFlow(value)),
  create: (context) => {
    const ends = new EndCache();
    return { read: (_, value, at) => readRecord(value, at, context, ends) };
  },
};

function looksLikeFlow(value: unknown): boolean {
  return isPlainObject(value) && (isPlainObject(value["IP"]) || isPlainObject(value["l4"]) || isPlainObject(value["l7"]) || "event_type" in value) && ("verdict" in value || isPlainObject(value["source"]));
}

function readRecord(record: PlainObject, at: string, context: ReaderContext, ends: EndCache): Outcome {
  const flow = record["flow"];
  if (isPlainObject(flow) && looksLikeFlow(flow)) return readFlow(flow, record, at, context, ends);
  const lost = record["lost_events"];
  if (isPlainObject(lost)) {
    const count = Number(lost["num_events_lost"] ?? 0);
    context.tally.lost += Number.isFinite(count) && count > 0 ? count : 1;
    context.tally.count("reports of lost events");
    return { ignored: "a report of lost events" };
  }
  if (isPlainObject(record["node_status"])) {
    const state = textOf(record["node_status"]["state_change"]);
    if (state !== undefined && /UNAVAILABLE|GONE|ERROR/.test(state)) context.tally.count("reports of a node that could not be reached");
    return { ignored: "the state of a node" };
  }
  if (looksLikeFlow(record)) return readFlow(record, record, at, context, ends);
  return { expected, found: "an object without one" };
}

function readFlow(flow: PlainObject, record: PlainObject, at: string, context: ReaderContext, ends: EndCache): Outcome {
  const verdict = verdictOf(flow);
  if (typeof verdict !== "string") return verdict;
  const time = timeOf(flow["time"] ?? record["time"]);
  if (time === undefined) return { expected: "the time of a flow, RFC 3339", found: flow["time"] === undefined ? "none" : "another value" };
  context.tally.tick(time);
  const l4 = flow["l4"];
  if (!isPlainObject(l4)) return { ignored: "no protocol that a policy can name" };
  const protocol = "TCP" in l4 ? "TCP" : "UDP" in l4 ? "UDP" : "SCTP" in l4 ? "SCTP" : "ICMPv4" in l4 || "ICMPv6" in l4 ? "ICMP" : undefined;
  if (protocol === undefined) return { ignored: "no protocol that a policy can name" };
  const layer = l4[protocol] ?? l4["ICMPv4"] ?? l4["ICMPv6"];
  if (!isPlainObject(layer)) return { expected: "the fields of the protocol", found: "another value" };
  const port = portNumber(layer["destination_port"]);
  if (protocol !== "ICMP" && port === undefined) return { expected: "a destination port from 1 to 65535", found: layer["destination_port"] === undefined ? "none" : "another value" };
  const ip = isPlainObject(flow["IP"]) ? flow["IP"] : {};
  const source = ends.read(flow["source"], ip["source"], flow["source_names"], flow["source_service"]);
  const destination = ends.read(flow["destination"], ip["destination"], flow["destination_names"], flow["destination_service"]);
  if (source === undefined || destination === undefined) return { expected: "addresses of both ends", found: "another value" };
  if (isEmptyEnd(source) || isEmptyEnd(destination)) return { ignored: "an end that nothing is known of" };
  for (const end of [source, destination]) if (end.namespace === undefined && end.entity === undefined && (end.pod !== undefined || end.labels !== undefined)) context.tally.count("ends that are a pod without its namespace");
  const dns = isPlainObject(flow["l7"]) ? readAnswer(flow["l7"]) : undefined;
  return makeFlow({ source, destination, protocol, port, sourcePort: portNumber(layer["source_port"]), direction: directionOf(flow, protocol, layer), verdict, first: time, dns, at });
}

function verdictOf(flow: PlainObject): Flow["verdict"] | Ignored {
  const verdict = flow["verdict"];
  if (typeof verdict !== "string") return { ignored: "no verdict" };
  if (forwarded.has(verdict)) return "forwarded";
  if (verdict === "AUDIT") return "audited";
  if (verdict !== "DROPPED") return { ignored: otherVerdicts[verdict] ?? "a verdict that is not known" };
  const reason = textOf(flow["drop_reason_desc"]);
  return reason === undefined || policyDrops.has(reason) ? "dropped" : { ignored: "dropped for another reason than a policy" };
}

/** `is_reply` may be absent, which is not false; then flags, kinds of message and the older field decide what they can. */
function directionOf(flow: PlainObject, protocol: string, layer: PlainObject): FlowDirection {
  const reply = flow["is_reply"];
  if (typeof reply === "boolean") return reply ? "reply" : "request";
  if (flow["reply"] === true) return "reply";
  const l7 = flow["l7"];
  if (isPlainObject(l7) && (l7["type"] === "REQUEST" || l7["type"] === "RESPONSE")) return l7["type"] === "REQUEST" ? "request" : "reply";
  if (protocol === "ICMP") return echoDirection(layer["type"] ?? 0);
  const flags = layer["flags"];
  if (protocol !== "TCP" || !isPlainObject(flags) || flags["SYN"] !== true) return "unknown";
  return flags["ACK"] === true ? "reply" : "request";
}

/** Numbers of ICMP and of ICMPv6; 0, an echo reply, is left out by protocol buffers. */
function echoDirection(type: unknown): FlowDirection {
  if (type === 8 || type === 128) return "request";
  return type === 0 || type === 129 ? "reply" : "unknown";
}

function readAnswer(l7: PlainObject): Flow["dns"] {
  const dns = l7["dns"];
  if (l7["type"] !== "RESPONSE" || !isPlainObject(dns) || !Array.isArray(dns["ips"])) return undefined;
  const name = textOf(dns["query"]);
  const ips = dns["ips"].map((ip) => (typeof ip === "string" ? normalIp(ip) : undefined)).filter((ip) => ip !== undefined);
  if (name === undefined || ips.length === 0) return undefined;
  return { name: name.replace(/\.$/, ""), ips, ttl: typeof dns["ttl"] === "number" ? dns["ttl"] : 0 };
}
