import { createReadStream, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Flow, type FlowEnd, Orienter, readFlows } from "../../packages/network-policy/src/index";
import { sharedData } from "../e2e/support.ts";

interface Row {
  readonly file: string;
  readonly src: string;
  readonly dst: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly verdict: string;
  readonly count: number;
}

const folder = join(sharedData, "hubble-flows");
const oracle = join(folder, "edges-derived.jsonl");
const rows = existsSync(oracle) ? readFileSync(oracle, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row) : [];
const files = [...new Set(rows.map(({ file }) => file))].sort();
if (rows.length === 0) process.stderr.write("skipped for want of ../shared/data/hubble-flows: edges of real captures\n");
const present = files.filter((file) => existsSync(join(folder, "testdata", file)));
for (const file of files) if (!present.includes(file)) process.stderr.write(`skipped for want of ../shared/data/hubble-flows/testdata/${file}: ${rows.filter((row) => row.file === file).length} edges\n`);

/**
 * What the oracle does not count and we do, each with its reason. Its requests are the records with `is_reply: false`, and those without `is_reply` that are a
 * TCP SYN; an edge of ours beyond these has one of these reasons.
 */
const reasons = {
  echo: "an ICMP echo request is a request, also where `is_reply` is absent",
  inferred: "`is_reply` is absent and the packet is no SYN: the direction comes from the ports and from who else listens there",
} as const;

function nameOf({ pod, namespace, entity, labels }: FlowEnd): string {
  if (pod !== undefined) return `${namespace}/${pod}`;
  return entity ?? (labels === undefined ? "?" : `k8s:${Object.entries(labels)[0]?.join("=")}`);
}

/** Names of the oracle: reserved identities as they are written, of several the first that counts. */
const oracleName = (name: string): string => name.replace(/^reserved:host,reserved:remote-node$/, "host").replace(/^reserved:/, "");
const oracleEdge = ({ src, dst, protocol, port, verdict }: Row): string => `${oracleName(src)} > ${oracleName(dst)} ${protocol.replace("ICMPv4", "ICMP")} ${port ?? 0} ${verdict === "DROPPED" ? "dropped" : "forwarded"}`;
const edgeOf = (flow: Pick<Flow, "source" | "destination" | "protocol" | "port" | "verdict">): string => `${nameOf(flow.source)} > ${nameOf(flow.destination)} ${flow.protocol} ${flow.port ?? 0} ${flow.verdict}`;

function add(counts: Map<string, number>, edge: string, count: number): void {
  counts.set(edge, (counts.get(edge) ?? 0) + count);
}

describe.skipIf(present.length === 0)("Hubble captures with the edges that were derived from them", () => {
  let compared = 0;
  const explained = new Map<string, number>();

  test.each(present)("%s", async (file) => {
    const path = join(folder, "testdata", file);
    const reading = readFlows(file, createReadStream(path));
    const orienter = new Orienter();
    const requests = new Map<string, number>();
    let echoes = 0;
    for await (const flow of reading.flows) {
      orienter.add(flow);
      if (flow.direction !== "request") continue;
      const raw = JSON.parse(readFileSync(path, "utf8").split("\n")[Number(flow.at.split(":").at(-1)) - 1] ?? "") as { readonly flow: { readonly is_reply?: boolean } };
      if (flow.protocol === "ICMP" && raw.flow.is_reply === undefined) {
        echoes++;
        continue;
      }
      add(requests, edgeOf(flow), 1);
    }
    const summary = reading.summary();
    expect(summary.read).toBe(readFileSync(path, "utf8").trim().split("\n").length);
    expect(summary.read).toBe(summary.used + Object.values(summary.ignored).reduce((sum, count) => sum + count, 0) + summary.malformed.count);
    expect(summary.malformed.count).toBe(0);

    const expected = new Map<string, number>();
    const ofFile = rows.filter((each) => each.file === file);
    for (const row of ofFile) add(expected, oracleEdge(row), row.count);
    // Observation by observation; REDIRECTED, a row of its own there, goes on to the same server.
    expect(Object.fromEntries([...requests].sort())).toEqual(Object.fromEntries([...expected].sort()));
    compared += ofFile.length;

    const { flows, summary: oriented } = orienter.finish();
    const ours = new Set(flows.map(edgeOf));
    for (const edge of expected.keys()) expect(ours).toContain(edge);
    const beyond = [...ours].filter((edge) => !expected.has(edge));
    // Only an inferred direction gives an edge that the oracle does not have.
    if (beyond.length > 0) expect(oriented.inferred).toBeGreaterThan(0);
    if (echoes > 0) add(explained, `${file}: ${reasons.echo}`, echoes);
    for (const edge of beyond) add(explained, `${file}: ${edge}: ${reasons.inferred}`, 1);
    expect(oriented.taken).toBe(oriented.requests + oriented.repeated + oriented.replies + oriented.ambiguous.count + oriented.overflow);
    // A client's port is never a server's: no edge leads to one.
    expect(flows.filter(({ port = 0 }) => port >= 32_768 && port <= 60_999)).toEqual([]);
  });

  test("counts", () => {
    process.stderr.write(`hubble-flows: ${compared} of ${rows.length} derived edges compared, ${rows.length - compared} in captures that are not here; beyond them:\n${[...explained].map(([reason, count]) => `  ${count} ${reason}\n`).join("")}`);
    expect(compared).toBeGreaterThan(0);
  });
});
