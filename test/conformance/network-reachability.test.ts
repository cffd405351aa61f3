import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster, Connection, NetworkPolicy, Protocol, ReachEnd, Workload } from "@bulkhead/network-policy";
import { createReachability, parseIp } from "@bulkhead/network-policy";
import { describe, expect, test } from "vitest";
import { sharedData } from "../e2e/support.ts";
import { random } from "./generator.ts";
import type { Namespaces, Outside, PodEnd, Policy } from "./reachability.ts";
import { reaches } from "./reachability.ts";

const cases = join(sharedData, "cyclonus/cases.jsonl");

interface NamedPod extends PodEnd {
  readonly name: string;
}

const workloadOf = ({ namespace, name, labels, ip, ports }: NamedPod): Workload => ({
  namespace, kind: "Pod", name, labels, hostNetwork: false, from: "test",
  ports: ports.map((port) => ({ ...(port.name === undefined ? {} : { name: port.name }), port: port.containerPort, protocol: port.protocol as Protocol })),
  addresses: [{ pod: name, ip }],
});

function clusterOf(namespaces: Namespaces, pods: readonly NamedPod[], policies: readonly Policy[]): Pick<Cluster, "namespaces" | "workloads" | "policies"> {
  return { namespaces: Object.entries(namespaces).map(([name, labels]) => ({ name, labels })), workloads: pods.map(workloadOf), policies: policies as unknown as readonly NetworkPolicy[] };
}

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
      const { namespaces, pods, policies, outside } = generate(seed);
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

const probes = [[80, "TCP"], [81, "TCP"], [8080, "TCP"], [8085, "TCP"], [53, "UDP"], [80, "UDP"], [36412, "SCTP"]] as const;

/** Small alphabets, so that selectors, names of ports and blocks meet and overlap. */
function generate(seed: number): { readonly namespaces: Namespaces; readonly pods: readonly NamedPod[]; readonly policies: readonly Policy[]; readonly outside: readonly Outside[] } {
  const next = random(seed);
  const chance = (likelihood: number): boolean => next() < likelihood;
  const number = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => list[number(list.length)] as T;
  const many = <T>(most: number, make: (index: number) => T, least = 0): readonly T[] => Array.from({ length: least + number(most - least + 1) }, (_, index) => make(index));
  const labels = (): { readonly [key: string]: string } => Object.fromEntries(many(2, () => [pick(["app", "tier"]), pick(["a", "b", "c"])] as const));
  const names = ["x", "y", "z"].slice(0, 1 + number(3));
  const namespaces = Object.fromEntries(names.map((name) => [name, { "kubernetes.io/metadata.name": name, ...(chance(0.6) ? { team: pick(["a", "b"]) } : {}) }]));
  const address = (index: number): string => (chance(0.3) ? `fd00::${pick(["", "1:"])}${(index + 1).toString(16)}` : `10.${number(2)}.${number(2)}.${index + 1}`);
  const pods = many(6, (index): NamedPod => ({
    namespace: pick(names), name: `p${index}`, labels: labels(), ip: address(index),
    ports: [...(chance(0.6) ? [{ name: "http", containerPort: pick([80, 8080]), protocol: "TCP" }] : []), ...(chance(0.3) ? [{ name: "dns", containerPort: 53, protocol: "UDP" }] : []), ...(chance(0.2) ? [{ containerPort: 81, protocol: "TCP" }] : [])],
  }), 2);
  const selector = (keys: readonly string[], values: readonly string[]): object => ({
    ...(chance(0.6) ? { matchLabels: { [pick(keys)]: pick(values) } } : {}),
    ...(chance(0.3) ? { matchExpressions: many(2, () => (chance(0.5) ? { key: pick(keys), operator: pick(["In", "NotIn"]), values: many(2, () => pick(values), 1) } : { key: pick(keys), operator: pick(["Exists", "DoesNotExist"]) })) } : {}),
  });
  const podSelector = (): object => selector(["app", "tier"], ["a", "b", "c"]);
  const block = (): object => pick([{ cidr: "10.0.0.0/8", except: ["10.0.0.0/16"] }, { cidr: "10.0.0.0/23" }, { cidr: `10.${number(2)}.${number(2)}.${number(8)}/32` }, { cidr: "0.0.0.0/0", except: many(2, () => pick(["10.0.0.0/9", "10.1.1.0/30", "192.0.2.0/24"])) }, { cidr: "fd00::/64" }, { cidr: "fd00::1:0/112", except: ["fd00::1:2/127"] }, { cidr: "::/0" }]);
  const peer = (): object => pick([() => ({ podSelector: podSelector() }), () => ({ namespaceSelector: selector(["team", "kubernetes.io/metadata.name"], ["a", "b", "x", "y"]) }), () => ({ podSelector: podSelector(), namespaceSelector: selector(["team"], ["a", "b"]) }), () => ({ ipBlock: block() })])();
  const port = (): object => pick([{ port: 80 }, { port: 80, protocol: "UDP" }, { port: 53, protocol: "UDP" }, { port: "http" }, { port: "dns", protocol: "UDP" }, { port: "dns" }, { protocol: "SCTP" }, { protocol: "TCP" }, { port: 8080, endPort: pick([8080, 8084, 8085, 65_535]) }]);
  const rule = (side: "from" | "to") => (): object => ({ ...(chance(0.8) ? { [side]: many(3, peer) } : {}), ...(chance(0.7) ? { ports: many(3, port) } : {}) });
  const policies = many(6, (index) => ({
    metadata: { name: `policy-${index}`, namespace: pick(names) },
    spec: {
      podSelector: podSelector(),
      ...(chance(0.7) ? { policyTypes: pick([["Ingress"], ["Egress"], ["Ingress", "Egress"], []]) } : {}),
      ...(chance(0.7) ? { ingress: many(3, rule("from")) } : {}),
      ...(chance(0.7) ? { egress: many(3, rule("to")) } : {}),
    },
  })) as unknown as readonly Policy[];
  return { namespaces, pods, policies, outside: ["192.0.2.7", "10.1.1.2", "8.8.8.8", "fd00::1:2", "2001:db8::1"].map((ip) => ({ ip })) };
}
