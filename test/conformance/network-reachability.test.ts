import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection, ReachEnd } from "@bulkhead/network-policy";
import { createReachability, parseIp } from "@bulkhead/network-policy";
import { describe, expect, test } from "vitest";
import { sharedData } from "../e2e/support.ts";
import type { NamedPod } from "./clusters.ts";
import { clusterOf, generateCluster, probes } from "./clusters.ts";
import type { Namespaces, Outside, Policy } from "./reachability.ts";
import { reaches } from "./reachability.ts";

const cases = join(sharedData, "cyclonus/cases.jsonl");

const peerOf = (end: NamedPod | Outside): ReachEnd => ("labels" in end ? { kind: "workload", workload: { namespace: end.namespace, kind: "Pod", name: end.name } } : { kind: "address", ip: end.ip, names: [] });

/** Whether the connectivity as a whole holds a connection. */
function holds(connections: readonly Connection[], from: NamedPod | Outside, to: NamedPod | Outside, protocol: "TCP" | "UDP" | "SCTP", port: number): boolean {
  const isAt = ({ workloads, ranges }: Connection["from"], end: NamedPod | Outside): boolean => {
    if ("labels" in end) return workloads.some(({ namespace, name }) => namespace === end.namespace && name === end.name);
    const address = parseIp(end.ip);
    return ranges.some((range) => {
      const [first, last] = [parseIp(range.first), parseIp(range.last)];
      return first?.family === address?.family && (first?.value ?? 0n) <= (address?.value ?? 0n) && (address?.value ?? 0n) <= (last?.value ?? 0n);
    });
  };
  return connections.some((connection) => isAt(connection.from, from) && isAt(connection.to, to) && connection.ports[protocol].some(([first, last]) => first <= port && port <= last));
}

interface Case {
  readonly id: string;
  readonly namespaces: Namespaces;
  readonly order: readonly string[];
  readonly pods: readonly NamedPod[];
  readonly policies: readonly Policy[];
  readonly tables: { readonly [protocolAndPort: string]: { readonly combined: readonly string[] } };
}

describe.skipIf(!existsSync(cases))("reachability, as cyclonus computes it", () => {
  test("of single connections, and of all at once", () => {
    let cells = 0;
    const different: string[] = [];
    for (const { id, namespaces, order, pods, policies, tables } of readFileSync(cases, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Case)) {
      const reachability = createReachability(clusterOf(namespaces, pods, policies));
      const connections = reachability.edges();
      if (reachability.problems.length > 0) different.push(`${id}: ${JSON.stringify(reachability.problems)}`);
      const ends = order.map((name) => pods.find((pod) => `${pod.namespace}/${pod.name}` === name) as NamedPod);
      for (const [what, { combined }] of Object.entries(tables)) {
        const [protocol, port] = what.split("/") as ["TCP" | "UDP" | "SCTP", string];
        for (const [row, from] of ends.entries()) {
          for (const [column, to] of ends.entries()) {
            const theirs = combined[row]?.[column];
            if (row === column || (theirs !== "." && theirs !== "X")) continue;
            cells += 1;
            const verdict = reachability.allows(peerOf(from), peerOf(to), protocol, Number(port));
            const ours = [verdict.allowed, verdict.partly, verdict.egress.allowed && verdict.ingress.allowed, holds(connections, from, to, protocol, Number(port))];
            if (ours.some((allowed) => allowed !== (theirs === "."))) different.push(`${id} ${what} ${order[row]} -> ${order[column]}: theirs ${theirs}, ours ${ours.join(", ")}`);
          }
        }
      }
    }
    process.stderr.write(`reachability: ${cells} cells compared with cyclonus, ${different.length} differ\n`);
    expect(different.slice(0, 10)).toEqual([]);
    expect(cells).toBeGreaterThan(60_000);
  });
});

describe("reachability, against an evaluator that was written apart from it", () => {
  test("agrees on generated clusters, on every pair and port", () => {
    const count = { allowed: 0, denied: 0 };
    for (let seed = 0; seed < 600; seed++) {
      const { namespaces, pods, policies, outside } = generateCluster(seed);
      const reachability = createReachability(clusterOf(namespaces, pods, policies));
      expect({ seed, problems: reachability.problems }).toEqual({ seed, problems: [] });
      const connections = reachability.edges();
      const ends: readonly (NamedPod | Outside)[] = [...pods, ...outside];
      for (const from of ends) {
        for (const to of ends) {
          if (from.ip.includes(":") !== to.ip.includes(":") || !("labels" in from || "labels" in to)) continue;
          for (const [port, protocol] of probes) {
            const theirs = reaches(from, to, port, protocol, policies, namespaces);
            const verdict = reachability.allows(peerOf(from), peerOf(to), protocol, port);
            const ours = [verdict.allowed, verdict.partly, verdict.egress.allowed && verdict.ingress.allowed, holds(connections, from, to, protocol, port)];
            if (ours.some((allowed) => allowed !== theirs)) expect.fail(`seed ${seed}: ${JSON.stringify(from)} -> ${JSON.stringify(to)} ${protocol} ${port}: ours ${ours.join(", ")}, theirs ${theirs}: ${JSON.stringify({ namespaces, policies })}`);
            count[theirs ? "allowed" : "denied"] += 1;
          }
        }
      }
    }
    process.stderr.write(`reachability: ${count.allowed + count.denied} connections of generated clusters compared, ${count.denied} of them denied\n`);
    expect(count.allowed).toBeGreaterThan(10_000);
    expect(count.denied).toBeGreaterThan(10_000);
  });
});
