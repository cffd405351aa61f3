import type { DockerContainer, DockerNetwork, Protocol } from "../../model/cluster";
import type { Flow, FlowEnd, ListeningPort } from "../../model/flow";
import { isPlainObject, normalIp, portNumber, protocolOf, textOf, timeOf, type PlainObject } from "../ends";
import { recordedContainer, recordedNetwork } from "./recorded";
import { type EndDraft, type Format, isEmptyEnd, makeFlow, type Outcome, type ReaderContext } from "../format";

/**
 * What `bulkhead network record` writes: one object a line, whose `bulkhead` says what it is: `recording` (the head, with what it
 * cannot show), `container` and `network` (what was there), `flow` (a Flow without `at`), `listening` (a port and whose it is), `lost` (samples that could not
 * be taken) and `end`. A recording without its end was cut off.
 */
export const recording: Format = {
  name: "bulkhead recording",
  json: true,
  looksLike: (_, value) => value !== undefined && typeof value["bulkhead"] === "string",
  create: (context) => {
    const cutOff = "the recording has no end: it was cut off";
    context.tally.incomplete(cutOff);
    return {
      read: (_, value, at) => {
        const kind = value["bulkhead"];
        if (kind === "recording") return readHead(value, context);
        if (kind === "container" || kind === "network") return readInventoryLine(kind, value, context);
        if (kind === "flow") return readFlow(value, at);
        if (kind === "listening") return readListening(value, context);
        if (kind === "lost") {
          const count = Number(value["count"]);
          if (!Number.isSafeInteger(count) || count < 1) return { expected: "how many samples were lost", found: "another value" };
          context.tally.lost += count;
          return { ignored: "a report of lost samples" };
        }
        if (kind !== "end") return { expected: "a flow, a listening port, lost samples or the end of a recording", found: "an object of another kind" };
        context.tally.complete(cutOff);
        return { ignored: "the end of a recording" };
      },
    };
  },
};

/** One line of a recording. */
export function writeFlow({ at: _, ...flow }: Flow): string {
  return `${JSON.stringify({ bulkhead: "flow", ...flow })}\n`;
}

export function writeListening(port: ListeningPort): string {
  return `${JSON.stringify({ bulkhead: "listening", ...port })}\n`;
}

/** A container or a network, as it was while the recording was made. */
export function writeInventory(kind: "container" | "network", value: DockerContainer | DockerNetwork): string {
  return `${JSON.stringify({ bulkhead: kind, ...value })}\n`;
}

/** The first line of a recording. `incomplete` says what the way of recording cannot show. */
export function writeHead(head: { readonly source: string; readonly from: string; readonly incomplete: readonly string[] }): string {
  return `${JSON.stringify({ bulkhead: "recording", version: 1, ...head })}\n`;
}

/** The last lines of a recording: how many samples were lost, if any, and that it is whole. */
export function writeEnd(lost: number, until: string): string {
  return `${lost > 0 ? `${JSON.stringify({ bulkhead: "lost", count: lost })}\n` : ""}${JSON.stringify({ bulkhead: "end", until })}\n`;
}

function readHead(value: PlainObject, { tally }: ReaderContext): Outcome {
  if (value["version"] !== 1) return { expected: "a recording of version 1", found: "another version" };
  if (Array.isArray(value["incomplete"])) for (const reason of value["incomplete"]) if (typeof reason === "string") tally.incomplete(reason);
  return { ignored: "the head of a recording" };
}

function readInventoryLine(kind: "container" | "network", value: PlainObject, { tally }: ReaderContext): Outcome {
  const [container, network] = kind === "container" ? [recordedContainer(value), undefined] : [undefined, recordedNetwork(value)];
  if (container !== undefined) tally.container(container);
  else if (network !== undefined) tally.network(network);
  else return { expected: `a ${kind}, with its name and settings`, found: "none, or another value" };
  return { ignored: `a ${kind} of the recording` };
}

function readListening(value: PlainObject, { tally }: ReaderContext): Outcome {
  const protocol = protocolOf(value["protocol"]);
  const port = portNumber(value["port"]);
  if (protocol === undefined || port === undefined) return { expected: "protocol and port of what listens", found: "another value" };
  const ip = normalIp(textOf(value["ip"]) ?? "");
  const container = textOf(value["container"]);
  tally.listen({ ...(ip === undefined ? {} : { ip }), ...(container === undefined ? {} : { container }), protocol, port });
  return { ignored: "a port that listens" };
}

function readFlow(value: PlainObject, at: string): Outcome {
  const protocol = protocolOf(value["protocol"]);
  const [direction, verdict] = [value["direction"], value["verdict"]];
  const first = timeOf(value["first"]);
  const port = portNumber(value["port"]);
  const source = readEnd(value["source"]);
  const destination = readEnd(value["destination"]);
  const malformed = (expected: string): Outcome => ({ expected, found: "none, or another value" });
  if (protocol === undefined) return malformed("the protocol TCP, UDP, SCTP or ICMP");
  if (protocol !== "ICMP" && port === undefined) return malformed("a port from 1 to 65535");
  if (direction !== "request" && direction !== "reply" && direction !== "unknown") return malformed("the direction request, reply or unknown");
  if (verdict !== "forwarded" && verdict !== "dropped" && verdict !== "audited") return malformed("the verdict forwarded, dropped or audited");
  if (first === undefined) return malformed("the time of the first observation");
  if (source === undefined || destination === undefined || isEmptyEnd(source) || isEmptyEnd(destination)) return malformed("two ends that say who they are");
  const count = Number(value["count"] ?? 1);
  if (!Number.isSafeInteger(count) || count < 1) return malformed("a count of 1 or more");
  return makeFlow({ source, destination, protocol: protocol as Protocol, port: protocol === "ICMP" ? undefined : port, sourcePort: portNumber(value["sourcePort"]), direction, verdict, first, last: Math.max(first, timeOf(value["last"]) ?? first), count, at });
}

function readEnd(value: unknown): FlowEnd | undefined {
  if (!isPlainObject(value)) return undefined;
  const end: EndDraft = {};
  const ip = normalIp(textOf(value["ip"]) ?? "");
  if (value["ip"] !== undefined && ip === undefined) return undefined;
  if (ip !== undefined) end.ip = ip;
  for (const name of ["container", "namespace", "pod"] as const) {
    const text = textOf(value[name]);
    if (text !== undefined) end[name] = text;
  }
  if (value["entity"] === "host" || value["entity"] === "world") end.entity = value["entity"];
  return end;
}
