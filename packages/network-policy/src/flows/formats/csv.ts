import { entities, type Flow, type FlowDirection } from "../../model/flow";
import { labelsOf, normalIp, portNumber, protocolOf, timeOf } from "../ends";
import { type EndDraft, type Format, isEmptyEnd, makeFlow, type Outcome, type ReaderContext, timeOrCount } from "../format";

const ends = ["ip", "namespace", "pod", "workload", "labels", "entity", "names", "service", "container"] as const;

/** The columns of a plain CSV, in any order; each but `protocol` may be left out, and each end needs one of its own. */
export const csvColumns: readonly string[] = ["first", "last", "count", "protocol", "port", "source_port", "direction", "verdict", ...ends.map((name) => `source_${name}`), ...ends.map((name) => `destination_${name}`)];

/**
 * A plain CSV (RFC 4180, no line breaks within a field) with a heading of {@link csvColumns}. Times are RFC 3339 or milliseconds, `workload` is `Kind/name`,
 * `service` is `namespace/name`, labels are `a=b;c=d`, names are divided by `;`, `direction` is request (the default), reply or unknown, `verdict` is forwarded
 * (the default), dropped or audited.
 */
export const csv: Format = {
  name: "CSV",
  json: false,
  looksLike: (text) => isHeading(split(text)),
  create: (context) => {
    let heading: readonly string[] | undefined;
    return {
      read: (text, _, at) => {
        const cells = split(text);
        if (cells === undefined) return { expected: "cells divided by commas, with quotes that close", found: "a quote that does not close" };
        if (isHeading(cells)) {
          heading = cells.map((cell) => cell.trim().toLowerCase());
          const unknown = heading.filter((name) => !csvColumns.includes(name)).length;
          if (unknown > 0) context.tally.incomplete(`${unknown} columns of the CSV are not known, and not read`);
          return { ignored: "a heading" };
        }
        if (heading === undefined) return { expected: "a heading first", found: "a line of cells" };
        if (cells.length !== heading.length) return { expected: `${heading.length} cells, as in the heading`, found: `${cells.length}` };
        return readRow(new Map(heading.map((name, index) => [name, cells[index]?.trim() ?? ""])), at, context);
      },
    };
  },
};

function isHeading(cells: readonly string[] | undefined): boolean {
  const names = cells?.map((cell) => cell.trim().toLowerCase()) ?? [];
  return names.includes("protocol") && names.some((name) => name.startsWith("source_")) && names.some((name) => name.startsWith("destination_"));
}

function split(line: string): readonly string[] | undefined {
  const text = line.replace(/\r$/, "");
  if (!text.includes('"')) return text.split(",");
  const cells: string[] = [];
  for (let index = 0; index <= text.length; ) {
    if (text[index] !== '"') {
      const end = text.indexOf(",", index);
      cells.push(text.slice(index, end === -1 ? text.length : end));
      if (end === -1) return cells;
      index = end + 1;
      continue;
    }
    let cell = "";
    for (index++; ; index++) {
      const quote = text.indexOf('"', index);
      if (quote === -1) return undefined;
      cell += text.slice(index, quote);
      index = quote + 1;
      if (text[index] !== '"') break;
      cell += '"';
    }
    cells.push(cell);
    if (index >= text.length) return cells;
    if (text[index] !== ",") return undefined;
    index++;
  }
  return cells;
}

function readRow(row: ReadonlyMap<string, string>, at: string, context: ReaderContext): Outcome {
  const protocol = protocolOf(row.get("protocol"));
  if (protocol === undefined) return { expected: "the protocol TCP, UDP, SCTP or ICMP", found: row.get("protocol") === "" ? "none" : "another" };
  const port = portNumber(row.get("port"));
  if (protocol !== "ICMP" && port === undefined) return { expected: "a port from 1 to 65535", found: row.get("port") ? "another value" : "none" };
  const direction = row.get("direction") || "request";
  if (direction !== "request" && direction !== "reply" && direction !== "unknown") return { expected: "the direction request, reply or unknown", found: "another" };
  const verdict = row.get("verdict") || "forwarded";
  if (verdict !== "forwarded" && verdict !== "dropped" && verdict !== "audited") return { expected: "the verdict forwarded, dropped or audited", found: "another" };
  const [source, destination] = [readEnd(row, "source"), readEnd(row, "destination")];
  for (const end of [source, destination]) if (typeof end === "string") return { expected: end, found: "another value" };
  if (typeof source === "string" || typeof destination === "string") return { expected: "two ends", found: "another value" };
  if (isEmptyEnd(source) || isEmptyEnd(destination)) return { expected: "an address, pod, workload, entity, service or container at each end", found: "none" };
  for (const end of [source, destination]) if (end.pod !== undefined && end.namespace === undefined) context.tally.count("ends that are a pod without its namespace");
  const times = ["first", "last"].map((name) => (row.get(name) ? timeOf(row.get(name)) : "none"));
  const count = row.get("count") ? Number(row.get("count")) : 1;
  if (times.includes(undefined)) return { expected: "times as RFC 3339 or milliseconds", found: "another value" };
  if (!Number.isSafeInteger(count) || count < 1) return { expected: "a count of 1 or more", found: "another value" };
  const [first, last] = times.map((time) => (typeof time === "number" ? time : undefined));
  const begin = timeOrCount(first, context);
  return makeFlow({ source, destination, protocol, port: protocol === "ICMP" ? undefined : port, sourcePort: portNumber(row.get("source_port")), direction: direction as FlowDirection, verdict: verdict as Flow["verdict"], first: begin, last: Math.max(begin, last ?? begin), count, at });
}

/** The end, or what was expected of it. */
function readEnd(row: ReadonlyMap<string, string>, side: string): EndDraft | string {
  const cell = (name: string): string | undefined => row.get(`${side}_${name}`) || undefined;
  const end: EndDraft = {};
  const [address, namespace, pod, workload, labels, entity, names, service, container] = ends.map(cell);
  if (address !== undefined) {
    const ip = normalIp(address);
    if (ip === undefined) return `an IP address in ${side}_ip`;
    end.ip = ip;
  }
  if (namespace !== undefined) end.namespace = namespace;
  if (pod !== undefined) end.pod = pod;
  if (container !== undefined) end.container = container;
  if (labels !== undefined) end.labels = labelsOf(labels.split(";"));
  if (names !== undefined) end.names = names.split(";").map((name) => name.trim());
  if (workload !== undefined) {
    const [kind, name, more] = workload.split("/");
    if (!kind || !name || more !== undefined || namespace === undefined) return `Kind/name in ${side}_workload, and its ${side}_namespace`;
    end.workload = { namespace, kind, name };
  }
  if (service !== undefined) {
    const [within, name, more] = service.split("/");
    if (!within || !name || more !== undefined) return `namespace/name in ${side}_service`;
    end.service = { namespace: within, name };
  }
  if (entity !== undefined) {
    const found = entities.find((known) => known === entity);
    if (found === undefined) return `one of ${entities.join(", ")} in ${side}_entity`;
    end.entity = found;
  }
  return end;
}
