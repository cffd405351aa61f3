import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Flow, FlowSummary } from "../model/flow.ts";
import { Orienter } from "./orient.ts";
import { FlowFormatError, readFlows } from "./read.ts";
import { longest } from "./records.ts";

const folder = fileURLToPath(new URL("../../../../../shared/data/hubble-flows/testdata", import.meta.url));
const captures = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")).map((file) => readFileSync(join(folder, file), "utf8")) : [];
if (captures.length === 0) process.stderr.write("skipped for want of ../shared/data/hubble-flows: damaged lines of real captures\n");

const stamp = "2026-01-01T00:00:00Z";
const samples: { readonly [format: string]: readonly string[] } = {
  Hubble: captures.flatMap((text) => text.split("\n").slice(0, 12)),
  Goldmane: [JSON.stringify({ flow: { Key: { sourceName: "web-*", sourceNamespace: "shop", destName: "api-*", destNamespace: "shop", destPort: "80", proto: "tcp", reporter: "Src", action: "Allow", policies: { pendingPolicies: [{ action: "Deny" }] } }, startTime: "1767225600", sourceLabels: ["a=b"] } })],
  AWS: [`${stamp} Node: n;SIP: 10.0.0.1;SPORT: 40000;DIP: 10.0.0.2;DPORT: 53;PROTOCOL: UDP;PolicyVerdict: ACCEPT`, JSON.stringify({ ts: stamp, msg: "Flow Info:  ", "Src IP": "10.0.0.1", "Src Port": 1, "Dest IP": "10.0.0.2", "Dest Port": 2, Proto: "TCP", Verdict: "DENY" })],
  Envoy: [JSON.stringify({ start_time: stamp, upstream_host: "10.0.0.2:80", upstream_cluster: "outbound|80||a.b.svc.cluster.local", upstream_local_address: "10.0.0.1:1", downstream_local_address: "10.0.0.3:80", downstream_remote_address: "10.0.0.4:2" })],
  "Envoy text": [`[${stamp}] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 1 3 2 "-" "curl" "b" "r:80" "10.0.0.2:80" outbound|80||r.s.svc.cluster.local 10.0.0.1:4 10.96.0.9:80 10.0.0.1:3 - default`],
  Gadget: [JSON.stringify({ k8s: { namespace: "shop", podName: "web", podLabels: "a=b" }, endpoint: { addr: "10.0.0.2", port: 80, proto: "TCP", k8s: { kind: "pod", name: "api", namespace: "shop" } }, egress: 1 })],
  conntrack: ["ipv4     2 tcp      6 431999 ESTABLISHED src=172.18.0.3 dst=10.96.0.1 sport=43210 dport=80 src=172.18.0.2 dst=172.18.0.3 sport=8080 dport=43210 [ASSURED] mark=0 use=1"],
  ss: ["LISTEN 0 128 0.0.0.0:5432 0.0.0.0:*", "ESTAB 0 0 172.18.0.2:5432 172.18.0.3:43210"],
  CSV: ["protocol,port,source_ip,destination_ip,first", "TCP,80,10.0.0.1,10.0.0.2,2026-01-01T00:00:00Z", '"TCP",80,10.0.0.1,10.0.0.2,'],
  recording: [JSON.stringify({ bulkhead: "recording", version: 1 }), JSON.stringify({ bulkhead: "flow", source: { ip: "10.0.0.1", container: "a" }, destination: { ip: "10.0.0.2" }, protocol: "TCP", port: 80, direction: "request", verdict: "forwarded", first: 1_767_225_600_000, count: 1 }), JSON.stringify({ bulkhead: "listening", container: "a", protocol: "TCP", port: 80 })],
};

/** Numbers from 0 to below `limit`, the same in each run (Numerical Recipes). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const scraps = ["{", "}", "[", "]", '"', ",", ":", "null", "-1", "1e999", "99999999999999999999", "true", "{}", "[]", "\u0000", "\\", "\\u0000", "é", "\uFFFD", " ", "__proto__", "constructor", "[".repeat(5000), '{"a":'.repeat(5000)];

function damage(line: string, next: (limit: number) => number): string {
  const at = next(line.length + 1);
  const kind = next(5);
  if (kind === 0) return line.slice(0, at);
  if (kind === 1) return line.slice(0, at) + (scraps[next(scraps.length)] ?? "") + line.slice(at);
  if (kind === 2) return line.slice(0, at) + line.slice(at + 1 + next(20));
  // One value of the JSON becomes another.
  if (kind === 3) return line.replace(/:("[^"]*"|[\d.]+|true|false|\{[^{}]*\}|\[[^[\]]*\])/g, (value) => (next(12) === 0 ? `:${scraps[7 + next(7)]}` : value));
  return line.replace(/\d+/g, (value) => (next(6) === 0 ? String(next(100_000)) : value));
}

async function* chunks(bytes: Uint8Array, next: (limit: number) => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + next(700);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function read(text: string, next: (limit: number) => number): Promise<{ readonly flows: readonly Flow[]; readonly summary: FlowSummary }> {
  const reading = readFlows("f", chunks(new TextEncoder().encode(text), next));
  const flows: Flow[] = [];
  for await (const flow of reading.flows) flows.push(flow);
  return { flows, summary: reading.summary() };
}

const sum = (counts: { readonly [reason: string]: number }): number => Object.values(counts).reduce((total, count) => total + count, 0);

describe("damaged records never crash a reader, and each is counted once", () => {
  test.each(Object.entries(samples).filter(([, lines]) => lines.length > 0))("%s", async (_, lines) => {
    const next = numbers(7);
    let malformed = 0;
    for (let round = 0; round < 40; round++) {
      const damaged = Array.from({ length: 40 }, () => {
        const line = lines[next(lines.length)] ?? "";
        return next(3) === 0 ? line : damage(line, next);
      }).map((line) => line.replaceAll("\n", " "));
      const text = [lines[0] ?? "", ...damaged].join("\n");
      const { flows, summary } = await read(text, next);
      expect(summary.read).toBe(text.split("\n").filter((line) => /\S/.test(line)).length);
      expect(summary.read).toBe(summary.used + sum(summary.ignored) + summary.malformed.count);
      expect(summary.malformed.first.length).toBe(Math.min(10, summary.malformed.count));
      malformed += summary.malformed.count;
      const orienter = new Orienter({ most: 10, mostPending: 5 });
      orienter.listening(summary.listening);
      for (const flow of flows) {
        expect(flow.port === undefined ? flow.protocol === "ICMP" : flow.port > 0 && flow.port < 65_536).toBe(true);
        expect(Number.isFinite(flow.first) && flow.first <= flow.last && flow.count >= 1).toBe(true);
        orienter.add(flow);
      }
      const { summary: oriented, flows: requests } = orienter.finish();
      expect(oriented.taken).toBe(flows.length);
      expect(oriented.taken).toBe(oriented.requests + oriented.repeated + oriented.replies + oriented.ambiguous.count + oriented.overflow);
      expect(requests.length).toBeLessThanOrEqual(10);
    }
    expect(malformed).toBeGreaterThan(0);
  });
});

test.skipIf(captures.length === 0)("however the bytes are divided, the flows are the same", async () => {
  const text = captures.join("").slice(0, 200_000).replaceAll("shop", "läden");
  const whole = await read(text, () => 10_000_000);
  for (const seed of [1, 2, 3]) expect(await read(text, numbers(seed))).toEqual(whole);
  expect(whole.flows.length).toBeGreaterThan(100);
});

test("noise of any kind is refused as a whole", async () => {
  const next = numbers(11);
  for (let round = 0; round < 50; round++) await expect(read(Array.from({ length: 30 }, () => String.fromCharCode(33 + next(90))).join(next(2) === 0 ? "" : "\n"), next)).rejects.toThrow(FlowFormatError);
});

test("a line without end is malformed, and never kept whole", async () => {
  const flow = JSON.stringify({ flow: { time: stamp, verdict: "FORWARDED", IP: { source: "10.0.0.1", destination: "10.0.0.2" }, l4: { TCP: { source_port: 1, destination_port: 2 } }, source: {}, destination: {}, is_reply: false } });
  async function* endless(): AsyncGenerator<string> {
    yield `${flow}\n`;
    for (let length = 0; length <= longest + 2_000_000; length += 1_000_000) yield "x".repeat(1_000_000);
    yield `\n${flow}\n`;
  }
  const reading = readFlows("f", endless());
  const places: string[] = [];
  for await (const { at } of reading.flows) places.push(at);
  expect(places).toEqual(["f:1", "f:3"]);
  expect(reading.summary()).toMatchObject({ read: 3, used: 2, malformed: { count: 1, first: [{ at: "f:2", expected: "a record of at most 16 MiB" }] } });
});
