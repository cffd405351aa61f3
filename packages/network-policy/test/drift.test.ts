import type { Drift, Field } from "@bulkhead/core";
import { UNKNOWN } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import type { Stack } from "./stack";
import { clusterPolicy, deployment, namespace, policy, short, stackOf } from "./stack";

const named = (name: string, ns = "shop", kind = "Deployment"): object => ({ namespace: ns, kind, name });
const flow = (from: object, to: object, port: number, more: object = {}): object => ({ from, to, protocol: "TCP", port, first: "2026-01-05", last: "2026-01-06", ...more });
const lock = (edges: readonly object[], workloads: readonly object[] = []): unknown => ({ version: 1, edges, workloads });
const pods = (app: string): object => ({ podSelector: { matchLabels: { app } } });
const deny = policy({ policyTypes: ["Ingress", "Egress"] }, "deny");
const out = (rules: readonly object[]): object => policy({ ...pods("web"), policyTypes: ["Egress"], egress: rules }, "web");
const into = (rules: readonly object[], selector: object = pods("db")): object => policy({ ...selector, policyTypes: ["Ingress"], ingress: rules }, "db");
const port = (...numbers: readonly unknown[]): object => ({ ports: numbers.map((number) => ({ port: number })) });
const flows = lock([flow(named("web"), named("db"), 5432)]);
const stack = [namespace(), deployment("web"), deployment("db"), deny, out([{ to: [pods("db")], ...port(5432) }]), into([{ from: [pods("web")], ...port(5432) }])];

const texts = (field: Field<readonly Drift[]>): unknown => short(field, (drift) => drift.map(({ text }) => text));
/** Whatever differs, at the subject that says so. */
function drift(documents: readonly unknown[], given: unknown = flows, context: object = {}): { readonly [subject: string]: unknown } {
  const judged = stackOf(documents, { flows: given, ...context });
  const subjects = documents.flatMap((document) => {
    const { kind, metadata } = document as { readonly kind: string; readonly metadata: { readonly name?: unknown } };
    const about = kind === "Deployment" ? "workload" : kind === "NetworkPolicy" ? "trafficPolicy" : undefined;
    return about === undefined ? [] : [[`${String(metadata.name)}${about === "workload" ? "" : " policy"}`, judged.drift(judged.one(about, typeof metadata.name === "string" ? metadata.name : undefined) as Parameters<Stack["drift"]>[0])] as const];
  });
  return Object.fromEntries(subjects.map(([name, field]) => [name, texts(field)] as const).filter(([, said]) => !Array.isArray(said) || said.length > 0));
}
const denies = "isolated by NetworkPolicy shop/deny, and none of their rules fits";

describe("policies and accepted flows", () => {
  test("that are equal do not differ", () => {
    expect(drift(stack)).toEqual({});
    expect(drift([namespace(), deployment("web"), deployment("db")])).toEqual({});
  });

  test.each<readonly [string, readonly unknown[], unknown, object]>([
    ["a flow that nothing lets in", [...stack.slice(0, 5)], flows, { db: [`TCP 5432 from Deployment shop/web (${denies})`] }],
    ["a flow that nothing lets out", stack.filter((one) => one !== stack[4]), flows, { web: [`TCP 5432 to Deployment shop/db (${denies})`] }],
    ["another port", stack, lock([flow(named("web"), named("db"), 5433)]), {
      web: [`TCP 5433 to Deployment shop/db (isolated by NetworkPolicy shop/deny, NetworkPolicy shop/web, and none of their rules fits)`], db: ["TCP 5433 from Deployment shop/web (isolated by NetworkPolicy shop/db, NetworkPolicy shop/deny, and none of their rules fits)"],
      "web policy": ["spec.egress[0] (to pods with app=db at TCP 5432)"], "db policy": ["spec.ingress[0] (from pods with app=web at TCP 5432)"],
    }],
    ["a peer that no flow needs", [...stack.slice(0, 5), into([{ from: [pods("web"), { ipBlock: { cidr: "10.0.0.0/8" } }], ...port(5432) }])], flows, { "db policy": ["spec.ingress[0].from[1] (10.0.0.0/8)"] }],
    ["a port that no flow needs", [...stack.slice(0, 5), into([{ from: [pods("web")], ...port(5432, 22) }])], flows, { "db policy": ["spec.ingress[0].ports[1] (TCP 22)"] }],
    ["a rule that no flow needs", [...stack.slice(0, 5), into([{ from: [pods("web")], ...port(5432) }, { from: [{ namespaceSelector: {}, ...pods("monitoring") }], ...port(9187) }])], flows, { "db policy": ["spec.ingress[1] (from pods with app=monitoring of every namespace at TCP 9187)"] }],
    ["a peer at a port that only another needs", [...stack.slice(0, 5), deployment("api"), into([{ from: [pods("web"), pods("api")], ...port(5432, 22) }])], lock([flow(named("web"), named("db"), 5432), flow(named("api"), named("db"), 22)]), {
      api: [`TCP 22 to Deployment shop/db (${denies})`], "db policy": ["spec.ingress[0].from[0] (pods with app=web at TCP 22)", "spec.ingress[0].from[1] (pods with app=api at TCP 5432)"],
    }],
    ["pods that a peer admits besides", [...stack.slice(0, 5), deployment("api"), into([{ from: [{ podSelector: {} }], ...port(5432) }])], flows, { "db policy": ["spec.ingress[0].from[0] (it admits Deployment shop/api too, which no flow needs at TCP 5432)"] }],
    ["pods that a policy selects besides", [...stack.slice(0, 5), deployment("cache"), into([{ from: [pods("web")], ...port(5432) }], {})], flows, { "db policy": ["spec.podSelector (it selects Deployment shop/cache, Deployment shop/web too, which no flow needs at TCP 5432 from pods with app=web)"] }],
    ["no flow at all", stack, lock([]), { "web policy": ["spec.egress[0] (to pods with app=db at TCP 5432)"], "db policy": ["spec.ingress[0] (from pods with app=web at TCP 5432)"] }],
    ["rules of a direction that the policy is not about", [...stack.slice(0, 5), policy({ ...pods("db"), policyTypes: ["Ingress"], ingress: [{ from: [pods("web")], ...port(5432) }], egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] }, "db")], flows, {}],
    ["asking for names", [...stack, policy({ policyTypes: ["Egress"], egress: [{ ports: [{ port: 53, protocol: "UDP" }, { port: 53 }] }] }, "dns")], flows, {}],
    ["ports by name", [...stack.slice(0, 2), deployment("db", { app: "db" }, { containers: [{ name: "db", image: "db", ports: [{ name: "sql", containerPort: 5432 }] }] }), deny, out([{ to: [pods("db")], ...port("sql") }]), into([{ from: [pods("web")], ...port("sql", "metrics") }])], flows, { "db policy": ["spec.ingress[0].ports[1] (TCP metrics)"] }],
    ["an address within a block", [...stack, out([{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }, { ipBlock: { cidr: "198.51.100.0/24" } }], ...port(443) }])].map((one, index) => (index === 6 ? { ...one as object, metadata: { name: "outside", namespace: "shop" } } : one)), lock([flow(named("web"), named("db"), 5432), flow(named("web"), { address: "192.0.2.7" }, 443)]), { "outside policy": ["spec.egress[0].to[1] (198.51.100.0/24)"] }],
    ["addresses of nodes, as they were seen", [...stack.slice(0, 5), into([{ from: [pods("web")], ...port(5432) }, { from: [{ ipBlock: { cidr: "10.9.0.0/30" } }], ...port(9187) }])], lock([flow(named("web"), named("db"), 5432), flow({ entity: "remote-node" }, named("db"), 9187, { ips: ["10.9.0.1", "10.9.0.2"] })]), {}],
    ["and one of them that is not let in", [...stack.slice(0, 5), into([{ from: [pods("web")], ...port(5432) }, { from: [{ ipBlock: { cidr: "10.9.0.0/31" } }], ...port(9187) }])], lock([flow(named("web"), named("db"), 5432), flow({ entity: "remote-node" }, named("db"), 9187, { ips: ["10.9.0.1", "10.9.0.2"] })]), { db: ["TCP 9187 from entity remote-node (isolated by NetworkPolicy shop/db, NetworkPolicy shop/deny, and none of their rules fits)"] }],
    ["a policy of the cluster that denies", [...stack, clusterPolicy({ tier: "Admin", priority: 1, subject: { namespaces: {} }, ingress: [{ name: "quarantine", action: "Deny", from: [{ namespaces: {} }] }] })], flows, {
      db: ['TCP 5432 from Deployment shop/web (denied by ClusterNetworkPolicy cluster ingress[0] "quarantine")'], "db policy": ["spec.ingress[0] (from pods with app=web at TCP 5432)"],
    }],
  ])("%s", (_, documents, given, expected) => {
    expect(drift(documents, given)).toEqual(expected);
  });

  const dns = { namespace: "kube-system", kind: "Deployment", name: "coredns" };
  test("a peer outside of the program is known by the labels that the lockfile has", () => {
    const rule = { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } }, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ...port(9153) };
    const documents = [...stack.slice(0, 4), out([{ to: [pods("db")], ...port(5432) }, rule]), stack[5]];
    const edges = [flow(named("web"), named("db"), 5432), flow(named("web"), dns, 9153)];
    expect(drift(documents, lock(edges, [{ ...dns, labels: { "k8s-app": "kube-dns" } }]))).toEqual({});
    expect(drift(documents, lock(edges, [{ ...dns, labels: { "k8s-app": "other" } }]))).toMatchObject({ "web policy": ["spec.egress[1] (to pods with k8s-app=kube-dns of namespaces with kubernetes.io/metadata.name=kube-system at TCP 9153)"], web: [expect.stringContaining("TCP 9153 to Deployment kube-system/coredns (isolated by")] });
    expect(drift(documents, lock(edges))).toEqual({ "web policy": "unknown", web: "elsewhere" });
  });

  test("a workload that is elsewhere keeps the policies that it needs", () => {
    expect(drift([namespace(), deployment("web"), deny, stack[4], stack[5]], lock([flow(named("web"), named("db"), 5432)], [{ ...named("db"), labels: { app: "db" } }]))).toEqual({});
  });

  const late = (name: string, labels: unknown, ns: unknown = "shop"): object => deployment(name, labels, {}, ns);
  test.each<readonly [string, readonly unknown[], object]>([
    ["the labels of the pods that are let in", [namespace(), late("web", UNKNOWN), ...stack.slice(2)], { web: "unknown", db: "unknown", "web policy": "unknown", "db policy": "unknown" }],
    ["their name", [namespace(), late(UNKNOWN as never, { app: "web" }), ...stack.slice(2)], { "Symbol(bulkhead.unknown)": "unknown" }],
    ["the selector of a policy", [...stack.slice(0, 5), policy({ podSelector: UNKNOWN, policyTypes: ["Ingress"], ingress: [{ from: [pods("web")], ...port(5432) }] }, "db")], { db: "unknown", "db policy": "unknown" }],
    ["the namespace of a policy", [...stack.slice(0, 5), policy({ ...pods("db"), policyTypes: ["Ingress"], ingress: [{ from: [pods("web")], ...port(5432) }] }, "db", UNKNOWN)], { db: "unknown", "db policy": "unknown" }],
    ["a peer", [...stack.slice(0, 5), into([{ from: [UNKNOWN], ...port(5432) } as never])], { db: "unknown", "db policy": "unknown" }],
    ["a peer beside one that no flow needs", [...stack.slice(0, 5), into([{ from: [pods("web"), { podSelector: { matchLabels: { app: UNKNOWN } } }, { ipBlock: { cidr: "10.0.0.0/8" } }], ...port(5432) }])], { "db policy": [["spec.ingress[0].from[2] (10.0.0.0/8)"], "or more"] }],
    ["a port", [...stack.slice(0, 5), into([{ from: [pods("web")], ports: [{ port: UNKNOWN }] }])], { db: "unknown", "db policy": "unknown" }],
    ["a policy of the cluster", [...stack, clusterPolicy(UNKNOWN)], { web: "unknown", db: "unknown" }],
    ["a namespace that is made elsewhere", stack.slice(1, 5), { db: "elsewhere" }],
    ["policies that isolate in a namespace that is made elsewhere", stack.slice(1, 3), { web: "elsewhere", db: "elsewhere" }],
    ["what a chart isolates", [...stack.slice(0, 3), { type: "kubernetes:helm.sh/v3:Release", kind: "", metadata: {}, properties: { chart: "redis", namespace: "shop" } }], { web: "elsewhere", db: "elsewhere" }],
    ["what a chart brings", [...stack.slice(0, 5), { type: "kubernetes:helm.sh/v3:Release", kind: "", metadata: {}, properties: { chart: "redis", namespace: "shop" } }], { db: "elsewhere" }],
  ])("not known: %s", (_, documents, expected) => {
    expect(drift(documents, lock([flow(named("web"), named("db"), 5432)], [{ ...named("web"), labels: { app: "web" } }]))).toEqual(expected);
  });
});
