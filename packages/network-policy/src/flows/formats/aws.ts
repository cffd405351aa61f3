import { isPlainObject, normalIp, type PlainObject, portNumber, protocolOf, textOf, timeOf } from "../ends";
import { type Format, makeFlow, type Outcome, type ReaderContext, timeOrCount } from "../format";

const cloudWatch = /Node: ([^;]*);SIP: ([^;]*);SPORT: ([^;]*);DIP: ([^;]*);DPORT: ([^;]*);PROTOCOL: ([^;]*);PolicyVerdict: ([A-Za-z/]+)/;
const sentence = /Src IP:? *([^\s,]+),? *Src Port:? *(\d+),? *Dest IP:? *([^\s,]+),? *Dest Port:? *(\d+),? *Proto:? *(\w+),? *Verdict:? *([A-Za-z/]+)/;
const flowInfo = /^Flow Info/;

/**
 * The network policy agent of the AWS VPC CNI: what it sends to CloudWatch (`Node: n;SIP: a;SPORT: p;...`, alone, behind a time, or as `message` of an exported
 * event), and its log in JSON on the node (`Flow Info`). Addresses only, and only of pods that a policy selects already. A record is written once for a new
 * connection, in the direction in which it is opened.
 */
export const aws: Format = {
  name: "AWS VPC CNI",
  json: false,
  looksLike: (text) => cloudWatch.test(text) || /"msg" *: *"Flow Info/.test(text) || /"logger" *: *"ebpf-client"|"caller" *: *"(ebpf|events|controllers|rpc)\//.test(text),
  create: (context) => {
    context.tally.incomplete("only pods that a policy selects already are in this log");
    return { read: (text, _, at) => readLine(text, at, context) };
  },
};

function readLine(text: string, at: string, context: ReaderContext): Outcome {
  const line = text.trim();
  const record = line.startsWith("{") ? parse(line) : undefined;
  if (line.startsWith("{") && record === undefined) return { expected: "a line of the agent's log", found: "text that begins like JSON and is none" };
  const message = record === undefined ? line : (textOf(record["message"]) ?? textOf(record["msg"]) ?? "");
  const time = record === undefined ? timeOf(/^\d{4}-\d\d-\d\dT[\d:.]+Z?/.exec(line)?.[0]) : timeOf(record["ts"] ?? record["timestamp"] ?? record["@timestamp"]);
  const sent = cloudWatch.exec(message);
  if (sent !== null) return makeRecord([sent[2], sent[3], sent[4], sent[5], sent[6], sent[7]], time, at, context);
  if (record !== undefined && flowInfo.test(message) && record["Src IP"] !== undefined) {
    return makeRecord(["Src IP", "Src Port", "Dest IP", "Dest Port", "Proto", "Verdict"].map((name) => record[name]), time, at, context);
  }
  const said = sentence.exec(message);
  if (said !== null) return makeRecord(said.slice(1), time, at, context);
  if (flowInfo.test(message) || /SIP: |PolicyVerdict/.test(message)) return { expected: "addresses, ports, protocol and verdict of a flow", found: "a line that lacks one of them" };
  return { ignored: "another message of the agent" };
}

function parse(line: string): PlainObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function makeRecord(fields: readonly unknown[], time: number | undefined, at: string, context: ReaderContext): Outcome {
  const [sourceText, sourcePort, destinationText, port, protocolText, verdictText] = fields;
  const source = normalIp(String(sourceText));
  const destination = normalIp(String(destinationText));
  if (source === undefined || destination === undefined) return { expected: "IP addresses of both ends", found: "other text" };
  const verdict = String(verdictText).toUpperCase();
  if (verdict.startsWith("EXPIRED") || verdict === "DELETED") return { ignored: "the end of a connection" };
  if (verdict !== "ACCEPT" && verdict !== "DENY") return { expected: "the verdict ACCEPT, DENY or EXPIRED/DELETED", found: "another" };
  const protocol = protocolOf(protocolText);
  if (protocol === undefined) return { ignored: "no protocol that a policy can name" };
  const number = portNumber(port);
  if (protocol !== "ICMP" && number === undefined) return { expected: "a destination port from 1 to 65535", found: "another value" };
  if (time !== undefined) context.tally.tick(time);
  return makeFlow({ source: { ip: source }, destination: { ip: destination }, protocol, port: protocol === "ICMP" ? undefined : number, sourcePort: portNumber(sourcePort), direction: "request", verdict: verdict === "ACCEPT" ? "forwarded" : "dropped", first: timeOrCount(time, context), at });
}
