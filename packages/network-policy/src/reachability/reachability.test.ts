import { expect, test } from "vitest";
import type { Workload } from "../model/cluster.ts";
import type { NetworkPolicy } from "../model/policy.ts";
import type { ReachEnd } from "./reachability.ts";
import { createReachability, explain } from "./reachability.ts";
import { becauseText } from "./why.ts";

const workload = (namespace: string, name: string, more: Partial<Workload> = {}): Workload => ({ namespace, kind: "Deployment", name, labels: { app: name }, ports: [], hostNetwork: false, addresses: [], from: "test", ...more });
const end = (namespace: string, name: string): ReachEnd => ({ kind: "workload", workload: { namespace, kind: "Deployment", name } });
const policy = (name: string, spec: NetworkPolicy["spec"]): NetworkPolicy => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace: "shop" }, spec });
const namespaces = [{ name: "shop", labels: { team: "a" } }, { name: "batch", labels: {} }];
const workloads = [workload("shop", "web", { addresses: [{ pod: "web-1", ip: "10.0.0.1" }, { pod: "web-2", ip: "10.1.0.1" }] }), workload("shop", "api", { ports: [{ name: "http", port: 8080, protocol: "TCP" }] }), workload("batch", "job"), workload("batch", "agent", { hostNetwork: true, addresses: [{ pod: "agent-1", ip: "192.168.0.1" }] })];
const clusterPolicy = (kind: string, spec: object, version = kind === "ClusterNetworkPolicy" ? "v1alpha2" : "v1alpha1") => ({ apiVersion: `policy.networking.k8s.io/${version}`, kind, metadata: { name: String((spec as { readonly name?: string }).name ?? "default") }, spec, from: "test" });

test("both ends decide, and each says why", () => {
  const { allows } = createReachability({ namespaces, workloads, policies: [policy("deny", { podSelector: {}, policyTypes: ["Ingress"] }), policy("api", { podSelector: { matchLabels: { app: "api" } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: "http" }] }] })] });
  const why = (from: ReachEnd, to: ReachEnd, port: number): readonly string[] => explain(from, to, allows(from, to, "TCP", port));
  expect(why(end("shop", "web"), end("shop", "api"), 8080)).toEqual(["Deployment shop/web lets it through: no policy applies to its egress", "Deployment shop/api lets it through: NetworkPolicy shop/api ingress[0]"]);
  expect(why(end("batch", "job"), end("shop", "api"), 8080)[1]).toBe("Deployment shop/api does not let it through: isolated by NetworkPolicy shop/api, NetworkPolicy shop/deny, and none of their rules fits");
  expect(allows(end("shop", "web"), end("shop", "api"), "TCP", 80).allowed).toBe(false);
  expect(why(end("batch", "agent"), end("shop", "api"), 8080)[0]).toBe("Deployment batch/agent lets it through: policies do not apply to it");
  expect(allows({ kind: "entity", entity: "host" }, end("shop", "api"), "TCP", 1)).toMatchObject({ allowed: true, ingress: { because: "node" } });
  expect(allows(end("batch", "job"), end("batch", "agent"), "TCP", 1).allowed).toBe(true);
  expect(() => allows(end("shop", "none"), end("shop", "api"), "TCP", 1)).toThrow("Deployment shop/none is not in the cluster");
});

test("selectors find no pod on its node's network; its address may be named", () => {
  const ingress = (from: object): ReturnType<typeof createReachability> => createReachability({ namespaces, workloads, policies: [policy("api", { podSelector: {}, ingress: [{ from: [from] }] })] });
  expect(ingress({ namespaceSelector: {} }).allows(end("batch", "agent"), end("shop", "api"), "TCP", 1).allowed).toBe(false);
  expect(ingress({ ipBlock: { cidr: "192.168.0.0/16" } }).allows(end("batch", "agent"), end("shop", "api"), "TCP", 1).allowed).toBe(true);
});

test("a block that holds some of a workload's pods lets those through", () => {
  const { allows, assumptions } = createReachability({ namespaces, workloads, policies: [policy("api", { podSelector: { matchLabels: { app: "api" } }, ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/16" } }] }] })] });
  expect(allows(end("shop", "web"), end("shop", "api"), "TCP", 1)).toMatchObject({ allowed: false, partly: true });
  expect(allows({ kind: "pod", workload: { namespace: "shop", kind: "Deployment", name: "web" }, ip: "10.0.0.1" }, end("shop", "api"), "TCP", 1)).toMatchObject({ allowed: true, partly: true });
  expect(assumptions).toEqual(["the addresses of 2 workloads are not known: no address block is taken to hold their pods"]);
});

const fromJob = [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: "job" } } } }];
const shop = { namespaces: { matchLabels: { team: "a" } } };
const allowJob = policy("api", { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 80 }] }] });

test.each([
  ["an admin policy comes before NetworkPolicies", [clusterPolicy("ClusterNetworkPolicy", { tier: "Admin", priority: 1, subject: shop, ingress: [{ name: "no jobs", action: "Deny", from: fromJob, protocols: [{ tcp: { destinationPort: { range: { start: 79, end: 81 } } } }] }] })], [allowJob], { 80: false, 443: false }, 'denied by ClusterNetworkPolicy default ingress[0] "no jobs"'],
  ["what it passes on NetworkPolicies decide", [clusterPolicy("ClusterNetworkPolicy", { tier: "Admin", priority: 1, subject: shop, ingress: [{ action: "Pass", from: fromJob }, { action: "Deny", from: fromJob }] })], [allowJob], { 80: true, 443: false }, "NetworkPolicy shop/api ingress[0]"],
  ["the lower number comes first", [clusterPolicy("AdminNetworkPolicy", { name: "b", priority: 5, subject: shop, ingress: [{ action: "Allow", from: fromJob, ports: [{ portNumber: { protocol: "TCP", port: 443 } }] }] }), clusterPolicy("AdminNetworkPolicy", { name: "a", priority: 10, subject: shop, ingress: [{ action: "Deny", from: fromJob }] })], [allowJob], { 80: false, 443: true }, "denied by AdminNetworkPolicy a ingress[0]"],
  ["the baseline is asked where no NetworkPolicy isolates", [clusterPolicy("BaselineAdminNetworkPolicy", { subject: shop, ingress: [{ action: "Deny", from: fromJob, ports: [{ portRange: { protocol: "TCP", start: 1, end: 100 } }] }] })], [], { 80: false, 443: true }, "denied by BaselineAdminNetworkPolicy default ingress[0]"],
  ["the baseline is not asked where one does", [clusterPolicy("ClusterNetworkPolicy", { tier: "Baseline", priority: 0, subject: shop, ingress: [{ action: "Deny", from: fromJob }] })], [allowJob], { 80: true, 443: false }, "NetworkPolicy shop/api ingress[0]"],
  ["a name of a port is each pod's own", [clusterPolicy("ClusterNetworkPolicy", { tier: "Admin", priority: 0, subject: shop, ingress: [{ action: "Deny", from: fromJob, protocols: [{ destinationNamedPort: "http" }] }] })], [], { 80: true, 8080: false }, "no policy applies"],
])("%s", (_, clusterPolicies, policies, ports, why) => {
  const reach = createReachability({ namespaces, workloads, policies, clusterPolicies });
  expect(reach.problems).toEqual([]);
  for (const [port, allowed] of Object.entries(ports)) {
    expect([port, reach.allows(end("batch", "job"), end("shop", "api"), "TCP", Number(port)).allowed]).toEqual([port, allowed]);
    const held = reach.edges().some(({ from, to, ports: { TCP } }) => from.workloads.some(({ name }) => name === "job") && to.workloads.some(({ name }) => name === "api") && TCP.some(([first, last]) => first <= Number(port) && Number(port) <= last));
    expect([port, held]).toEqual([port, allowed]);
  }
  expect(explain(end("batch", "job"), end("shop", "api"), reach.allows(end("batch", "job"), end("shop", "api"), "TCP", 80))[1]).toContain(why);
});

test("a peer that cannot be read fails closed: accepting nobody, or denying everybody", () => {
  const egress = (action: string) => createReachability({ namespaces, workloads, policies: [], clusterPolicies: [clusterPolicy("ClusterNetworkPolicy", { tier: "Admin", priority: 1, subject: shop, egress: [{ action, to: [{ domainNames: ["example.com"] }] }, { action: "Deny", to: [{ networks: ["0.0.0.0/0"] }] }] })] });
  const world = { kind: "address", ip: "192.0.2.1", names: [] } as const;
  expect(egress("Accept").allows(end("shop", "web"), world, "TCP", 443)).toMatchObject({ allowed: false, egress: { rules: [{ rule: 1 }] } });
  expect(egress("Deny").allows(end("shop", "web"), end("batch", "job"), "TCP", 443).allowed).toBe(false);
  expect(egress("Pass").problems).toEqual([{ policy: "ClusterNetworkPolicy default", path: "spec.egress[0].to[0]", expected: "namespaces, pods or networks; addresses of nodes and names of domains are not known here", found: "one with domainNames", taken: "the rule denies everybody" }]);
});

test.each([
  ["a block that is none", { from: [{ ipBlock: { cidr: "10.0.0.0/33" } }] }, "ingress[0].from[0].ipBlock.cidr", '"10.0.0.0/33"'],
  ["a range that ends before it begins", { ports: [{ port: 80, endPort: 79 }] }, "ingress[0].ports[0].endPort", "79"],
  ["a peer that names nobody", { from: [{}] }, "ingress[0].from[0]", "none of them"],
])("%s lets nothing through, and is a problem", (_, rule, path, found) => {
  const { problems, allows } = createReachability({ namespaces, workloads, policies: [policy("api", { podSelector: {}, ingress: [rule] })] });
  expect(problems).toMatchObject([{ policy: "NetworkPolicy shop/api", path, found, taken: "it lets nothing through" }]);
  expect(allows({ kind: "address", ip: "10.0.0.9", names: [] }, end("shop", "api"), "TCP", 80).allowed).toBe(false);
});

test("each edge says which rules let it through, and each workload which policies apply to it", () => {
  const admin = clusterPolicy("ClusterNetworkPolicy", { tier: "Admin", priority: 1, subject: shop, ingress: [{ name: "probes", action: "Accept", from: fromJob, protocols: [{ tcp: { destinationPort: { number: 9000 } } }] }] });
  const rules = policy("api", { podSelector: { matchLabels: { app: "api" } }, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 80 }] }, { from: [{ podSelector: {} }, { namespaceSelector: {} }], ports: [{ port: 443 }] }] });
  const { edges, why, policiesOf } = createReachability({ namespaces, workloads, policies: [rules], clusterPolicies: [admin] });
  const reasons = (from: string, to: string): readonly string[] => edges().filter((edge) => edge.from.workloads.some(({ name }) => name === from) && edge.to.workloads.some(({ name }) => name === to)).flatMap((edge) => {
    const { egress, ingress } = why(edge);
    return [egress.map((reason) => becauseText(reason, "egress")).join("; "), ingress.map((reason) => becauseText(reason, "ingress")).join("; ")];
  });
  expect(reasons("web", "api")).toEqual(["no policy applies to its egress", "NetworkPolicy shop/api ingress[0], NetworkPolicy shop/api ingress[1]"]);
  expect(reasons("job", "api")).toEqual(["no policy applies to its egress", 'ClusterNetworkPolicy default ingress[0] "probes", NetworkPolicy shop/api ingress[1]']);
  expect(reasons("job", "web")).toEqual(["no policy applies to its egress", 'ClusterNetworkPolicy default ingress[0] "probes"; no policy applies to its ingress']);
  expect(reasons("web", "agent")[1]).toBe("policies do not apply to it");
  // What an admin policy has accepted never gets to the others.
  const whole = createReachability({ namespaces, workloads, policies: [rules], clusterPolicies: [clusterPolicy("ClusterNetworkPolicy", { tier: "Admin", priority: 1, subject: shop, ingress: [{ action: "Accept", from: fromJob }] })] });
  const [edge] = whole.edges().filter(({ from, to }) => from.workloads.some(({ name }) => name === "job") && to.workloads.some(({ name }) => name === "api"));
  expect(edge === undefined ? [] : whole.why(edge).ingress.map((reason) => becauseText(reason, "ingress"))).toEqual(["ClusterNetworkPolicy default ingress[0]"]);
  expect(policiesOf({ namespace: "shop", kind: "Deployment", name: "api" })).toEqual({ ingress: ["ClusterNetworkPolicy default", "NetworkPolicy shop/api"], egress: [] });
  expect(policiesOf({ namespace: "batch", kind: "Deployment", name: "job" })).toEqual({ ingress: [], egress: [] });
  expect(() => why({ ...(edges()[0] as ReturnType<typeof edges>[number]) })).toThrow("the connection is none of these edges");
});

test("blocks that another set of policies names are kept apart, and change no verdict", () => {
  const other = createReachability({ namespaces, workloads, policies: [policy("out", { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: "192.0.2.0/24", except: ["192.0.2.7/32"] } }] }] })] });
  expect(other.blocks).toEqual([{ cidr: "192.0.2.0/24", except: ["192.0.2.7/32"] }]);
  const input = { namespaces, workloads, policies: [allowJob] };
  const [plain, apart] = [createReachability(input), createReachability({ ...input, apart: other.blocks })];
  const outside = ({ edges }: typeof plain): readonly string[] => [...new Set(edges().flatMap(({ to: { ranges } }) => (ranges.some(({ first }) => ["0.0.0.0", "::"].includes(first)) ? [] : ranges.map(({ first, last }) => `${first}-${last}`))))];
  expect(outside(plain)).toEqual([]);
  expect(outside(apart)).toEqual(["192.0.2.0-192.0.2.6", "192.0.2.8-192.0.2.255"]);
  for (const ip of ["192.0.2.1", "192.0.2.7", "8.8.8.8"]) expect(apart.allows(end("shop", "api"), { kind: "address", ip, names: [] }, "TCP", 80)).toEqual(plain.allows(end("shop", "api"), { kind: "address", ip, names: [] }, "TCP", 80));
});
