import { expect, test } from "vitest";
import type { Flow, FlowEnd } from "../model/flow";
import { calicoPolicies } from "./calico";
import { ciliumPolicies } from "./cilium";
import type { Learned } from "./learn";
import { learn } from "./learn";
import { createObserver } from "./observe";
import type { PlanOptions } from "./plan";
import { summarize } from "./summary";
import { workloadLinks } from "./typescript";

const pod = (name: string, namespace = "shop", labels: { readonly [key: string]: string } = { app: name }): FlowEnd => ({ namespace, pod: `${name}-6b746f74dc-9rcxx`, labels });
const flow = (source: FlowEnd, destination: FlowEnd, port: number, more: Partial<Flow> = {}): Flow => ({ source, destination, protocol: "TCP", port, direction: "request", verdict: "forwarded", first: 0, last: 1000, count: 1, at: "f:1", ...more });
const dns = (source: FlowEnd): Flow => flow(source, pod("coredns", "kube-system", { "k8s-app": "kube-dns" }), 53, { protocol: "UDP" });
const outside = (ip: string): FlowEnd => ({ ip, entity: "world" });

function learnFrom(flows: readonly Flow[], options: PlanOptions = {}): Learned {
  const observer = createObserver();
  for (const one of flows) observer.add(one);
  return learn({ observations: observer.finish(), options });
}
const allow = ({ policies }: Learned, workload: string): unknown => policies.find(({ metadata: { name } }) => name.startsWith(`allow-${workload}-`))?.spec;

test("name resolution is opened over both protocols, to the resolver that was seen and no other", () => {
  const learned = learnFrom([dns(pod("web")), flow(pod("web"), pod("api"), 8080), flow(pod("job"), pod("api"), 8080)]);
  const resolver = { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } }, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: [{ protocol: "TCP", port: 53 }, { protocol: "UDP", port: 53 }] };
  expect(allow(learned, "web")).toMatchObject({ egress: expect.arrayContaining([resolver]) });
  // It was not seen to ask, and connects to something.
  expect(allow(learned, "job")).toMatchObject({ egress: expect.arrayContaining([resolver]) });
  expect(allow(learned, "api")).toEqual({ podSelector: { matchLabels: { app: "api" } }, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: { matchLabels: { app: "job" } } }, { podSelector: { matchLabels: { app: "web" } } }], ports: [{ protocol: "TCP", port: 8080 }] }] });
  expect(learned.plan.open).toEqual(["kube-system"]);
  expect(learned.verification.slack).toEqual(learned.verification.declared);
});

test("many addresses are opened by nothing but a block that was asked for, which leaves out what is private", () => {
  const flows = Array.from({ length: 20 }, (_, index) => flow(pod("web"), outside(`${index + 20}.0.0.1`), 443));
  const refused = learnFrom(flows);
  expect(allow(refused, "web")).toBeUndefined();
  expect(refused.verification.denied).toHaveLength(20);
  expect(refused.plan.unsafe.map(({ what }) => what)).toEqual(["Deployment shop/web -> 20 addresses TCP 443"]);
  const asked = learnFrom(flows, { allow: ["0.0.0.0/0"], clusterBlocks: ["203.0.113.0/24"] });
  expect(asked.verification.denied).toEqual([]);
  expect(allow(asked, "web")).toMatchObject({ egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "203.0.113.0/24"] } }], ports: [{ protocol: "TCP", port: 443 }] }] });
});

test("an address within what a wide block leaves out is not opened by it", () => {
  expect(allow(learnFrom([flow(pod("web"), outside("10.1.2.3"), 443)], { allow: ["0.0.0.0/0"] }), "web")).toMatchObject({ egress: [{ to: [{ ipBlock: { cidr: "10.1.2.3/32" } }] }] });
});

test("the address of instance metadata is opened by nothing but its own block", () => {
  const flows = [flow(pod("web"), outside("169.254.169.254"), 80)];
  for (const options of [{}, { allow: ["0.0.0.0/0"] }]) expect(learnFrom(flows, options).verification.denied).toHaveLength(1);
  expect(learnFrom(flows, { allow: ["169.254.169.254/32"] }).verification.denied).toEqual([]);
});

test("a node reaches its own pods without a rule; another node by its address, which is said", () => {
  const learned = learnFrom([flow({ entity: "host", ip: "10.0.0.1" }, pod("web"), 8080), flow({ entity: "remote-node", ip: "10.0.0.2" }, pod("web"), 8080)]);
  expect(allow(learned, "web")).toMatchObject({ ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.2/32" } }] }] });
  expect(learned.plan.unsafe).toMatchObject([{ reason: "addresses of nodes are written as they were seen, and change with the nodes" }]);
});

test("workloads with equal labels are one for every rule, and are named", () => {
  const learned = learnFrom([flow(pod("blue", "shop", { app: "web" }), pod("api"), 8080), flow(pod("green", "shop", { app: "web" }), pod("db"), 5432)]);
  expect(learned.plan.inseparable).toEqual([[{ namespace: "shop", kind: "Deployment", name: "blue" }, { namespace: "shop", kind: "Deployment", name: "green" }]]);
  expect(learned.verification.slack).toEqual(["Deployment shop/blue -> Deployment shop/db TCP 5432", "Deployment shop/green -> Deployment shop/api TCP 8080"]);
});

test("ICMP is no rule of NetworkPolicy, and is said", () => {
  const { port: _, ...icmp } = flow(pod("web"), pod("api"), 0, { protocol: "ICMP" });
  const learned = learnFrom([icmp]);
  expect(learned.plan.subjects).toEqual([]);
  expect(learned.plan.unsafe.map(({ reason }) => reason)).toEqual(["NetworkPolicy has no rule for ICMP: what becomes of it, the network plugin decides"]);
});

test("Cilium: names with the rule that reads answers, entities, ICMP", () => {
  const { port: _, ...icmp } = flow(pod("web"), pod("api"), 0, { protocol: "ICMP" });
  const learned = learnFrom([dns(pod("web")), flow(pod("web"), { ...outside("192.0.2.7"), names: ["api.example.com"] }, 443), flow({ entity: "host" }, pod("web"), 8080), icmp], { backEnd: "cilium" });
  const web = ciliumPolicies(learned.plan).find(({ metadata: { name } }) => name.startsWith("allow-web-"));
  expect(web?.spec).toEqual({
    endpointSelector: { matchLabels: { app: "web" } },
    ingress: [{ fromEntities: ["host"], toPorts: [{ ports: [{ port: "8080", protocol: "TCP" }] }] }],
    egress: expect.arrayContaining([
      { toFQDNs: [{ matchName: "api.example.com" }], toPorts: [{ ports: [{ port: "443", protocol: "TCP" }] }] },
      { toEndpoints: [{ matchLabels: { "k8s-app": "kube-dns", "k8s:io.kubernetes.pod.namespace": "kube-system" } }], toPorts: [{ ports: [{ port: "53", protocol: "TCP" }, { port: "53", protocol: "UDP" }], rules: { dns: [{ matchPattern: "*" }] } }] },
      { toEndpoints: [{ matchLabels: { app: "api" } }], icmps: [{ fields: [{ type: 8, family: "IPv4" }, { type: 128, family: "IPv6" }] }] },
    ]),
  });
  expect(learned.verification.denied).toEqual([]);
});

test("Calico: one protocol and one selector a rule", () => {
  const learned = learnFrom([dns(pod("web")), flow(pod("web"), pod("db", "data"), 5432), flow(pod("web"), outside("192.0.2.7"), 443)], { backEnd: "calico" });
  const web = calicoPolicies(learned.plan).find(({ metadata: { name } }) => name.startsWith("allow-web-"));
  expect(web?.spec).toEqual({
    selector: "app == 'web'", types: ["Egress"],
    egress: expect.arrayContaining([
      { action: "Allow", protocol: "TCP", destination: { nets: ["192.0.2.7/32"], ports: [443] } },
      { action: "Allow", protocol: "TCP", destination: { namespaceSelector: "projectcalico.org/name == 'data'", selector: "app == 'db'", ports: [5432] } },
      { action: "Allow", protocol: "UDP", destination: { namespaceSelector: "projectcalico.org/name == 'kube-system'", selector: "k8s-app == 'kube-dns'", ports: [53] } },
    ]),
  });
  expect(web?.spec.egress).toHaveLength(4);
});

test("what a flow says stays text: in names, in comments, on a terminal", () => {
  const hostile = { namespace: "shop", pod: "x*/\u001b[31m\nevil();//", labels: { app: "x\n- evil", "bad key!": "1", tier: "front" } };
  const observer = createObserver();
  observer.add(flow(hostile, pod("api"), 8080));
  const observations = observer.finish();
  const learned = learn({ observations });
  expect(learned.policies.map(({ metadata: { name } }) => name).every((name) => /^[a-z0-9.-]+$/.test(name))).toBe(true);
  expect(JSON.stringify(learned.policies.map(({ spec }) => spec))).not.toContain("evil");
  expect(summarize(learned, observations).join("\n")).not.toContain("\u001b");
  const { text } = workloadLinks(observations.edges, learned.plan);
  expect(text.split("\n").filter((line) => line.includes("evil")).every((line) => /^ {2}(\/\*\* .* \*\/$|[\w$]+\.allowTo\([\w$]+, \{ port: 8080 \}\); \/\/ )|^export function|^ {2}readonly/.test(line))).toBe(true);
});
