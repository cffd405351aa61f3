import { expect, test } from "vitest";
import { readInventory } from "../inventory/inventory";
import type { Cluster } from "../model/cluster";
import type { Flow, FlowEnd } from "../model/flow";
import { calicoPolicies } from "./calico";
import { ciliumPolicies } from "./cilium";
import type { Learned } from "./learn";
import { learn } from "./learn";
import { createObserver } from "./observe";
import { summarize } from "./summary";

interface Port {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: string;
}
const deployment = (namespace: string, name: string, ports: readonly Port[], labels: { readonly [key: string]: string } = { app: name }): object => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace, name },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "main", ports }] } } },
});
const service = (namespace: string, name: string, port: object, spec: object = {}, labels: object = { app: name }): object => ({ apiVersion: "v1", kind: "Service", metadata: { namespace, name, labels }, spec: { selector: { app: name }, ports: [port], ...spec } });
const ingress = (name: string, backend: string, spec: object = {}): object => ({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { namespace: "shop", name }, spec: { defaultBackend: { service: { name: backend, port: { number: 80 } } }, ...spec } });
const http = { containerPort: 8080 };
const controller = [deployment("front", "controller", [{ containerPort: 8443 }]), service("front", "controller", { port: 443, targetPort: 8443 }, { type: "LoadBalancer" })];

const inventoryOf = (...documents: readonly object[]): Cluster => readInventory(documents.map((value, index) => ({ value, from: `${index}.yaml` })));
const pod = (namespace: string, app: string): FlowEnd => ({ namespace, pod: `${app}-6b746f74dc-9rcxx`, labels: { app } });
const flow = (source: FlowEnd, destination: FlowEnd, port: number, more: Partial<Flow> = {}): Flow => ({ source, destination, protocol: "TCP", port, direction: "request", verdict: "forwarded", first: 0, last: 1000, count: 1, at: "f:1", ...more });

function learnFrom(inventory: Cluster, flows: readonly Flow[]): { readonly learned: Learned; readonly text: string } {
  const observer = createObserver(inventory);
  for (const one of flows) observer.add(one);
  const observations = observer.finish();
  const learned = learn({ observations, inventory });
  return { learned, text: summarize(learned, observations).join("\n") };
}
const allowOf = ({ policies }: Learned, name: string) => policies.find(({ metadata }) => metadata.name.startsWith(`allow-${name}-`));

test("an Ingress opens the way from the pods that serve its class, and says what asked for it", () => {
  const inventory = inventoryOf(...controller, deployment("shop", "web", [http]), service("shop", "web", { port: 80, targetPort: 8080 }), deployment("shop", "blog", [http]), service("shop", "blog", { port: 80, targetPort: 8080 }), ingress("web", "web"), ingress("blog", "blog"));
  const { learned } = learnFrom(inventory, [flow(pod("front", "controller"), pod("shop", "web"), 8080)]);
  const blog = allowOf(learned, "blog");
  expect(blog?.spec).toEqual({ podSelector: { matchLabels: { app: "blog" } }, policyTypes: ["Ingress"], ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "front" } }, podSelector: { matchLabels: { app: "controller" } } }], ports: [{ protocol: "TCP", port: 8080 }] }] });
  expect(blog?.metadata.annotations?.["bulkhead.dev/ingress-0"]).toBe("Deployment front/controller -> Deployment shop/blog TCP 8080: declared by Ingress shop/blog");
  expect(allowOf(learned, "controller")?.spec.egress).toHaveLength(1);
  expect(learned.verification.slack).toEqual(learned.verification.declared);
  expect(learned.verification.declared).toEqual(["Deployment front/controller -> Deployment shop/blog TCP 8080"]);
});

test("an Ingress of another class, and one that nobody was seen to serve, stay closed and are said", () => {
  const documents = [...controller, deployment("shop", "web", [http]), service("shop", "web", { port: 80, targetPort: 8080 }), deployment("shop", "blog", [http]), service("shop", "blog", { port: 80, targetPort: 8080 }), ingress("web", "web", { ingressClassName: "one" }), ingress("blog", "blog", { ingressClassName: "two" })];
  const { learned, text } = learnFrom(inventoryOf(...documents), [flow(pod("front", "controller"), pod("shop", "web"), 8080)]);
  expect(allowOf(learned, "blog")).toBeUndefined();
  expect(text).toContain("Ingress shop/blog: no flow shows which pods serve it: the way to Deployment shop/blog TCP 8080 stays closed");
  // A caller from inside is no controller.
  const { learned: inside } = learnFrom(inventoryOf(...documents.slice(2), deployment("shop", "api", [])), [flow(pod("shop", "api"), pod("shop", "web"), 8080)]);
  expect(allowOf(inside, "blog")).toBeUndefined();
});

test("Prometheus reaches what monitors name", () => {
  const prometheus = deployment("monitoring", "prometheus", [], { "app.kubernetes.io/name": "prometheus" });
  const monitor = { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor", metadata: { namespace: "monitoring", name: "web" }, spec: { selector: { matchLabels: { app: "web" } }, namespaceSelector: { matchNames: ["shop"] }, endpoints: [{ port: "metrics" }] } };
  const pods = { apiVersion: "monitoring.coreos.com/v1", kind: "PodMonitor", metadata: { namespace: "shop", name: "db" }, spec: { selector: { matchLabels: { app: "db" } }, podMetricsEndpoints: [{ port: "stats" }] } };
  const apps = [deployment("shop", "web", [http, { containerPort: 9102 }]), service("shop", "web", { name: "metrics", port: 9102 }), deployment("shop", "db", [{ name: "stats", containerPort: 9187 }])];
  const seen = [flow(pod("shop", "web"), pod("shop", "db"), 5432)];
  const { learned } = learnFrom(inventoryOf(prometheus, monitor, pods, ...apps), seen);
  expect(learned.verification.declared).toEqual(["Deployment monitoring/prometheus -> Deployment shop/db TCP 9187", "Deployment monitoring/prometheus -> Deployment shop/web TCP 9102"]);
  expect(learned.verification.slack).toEqual(learned.verification.declared);
  const { learned: without, text } = learnFrom(inventoryOf(monitor, pods, ...apps), seen);
  expect(without.verification.slack).toEqual([]);
  expect(text).toContain("ServiceMonitor monitoring/web: no workload, or more than one, has the label of a Prometheus");
});

test("source ranges open a Service of type LoadBalancer where its pods see them, and are no range of the whole internet", () => {
  const outward = (spec: object): Cluster => inventoryOf(deployment("shop", "web", [http]), service("shop", "web", { port: 80, targetPort: 8080 }, { type: "LoadBalancer", ...spec }), deployment("shop", "db", []));
  const seen = [flow(pod("shop", "web"), pod("shop", "db"), 5432)];
  const local = learnFrom(outward({ externalTrafficPolicy: "Local", loadBalancerSourceRanges: ["203.0.113.0/24"] }), seen);
  expect(allowOf(local.learned, "web")?.spec.ingress).toEqual([{ from: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [{ protocol: "TCP", port: 8080 }] }]);
  for (const [spec, why] of [[{}, "it leads outside, and no flow shows from where"], [{ loadBalancerSourceRanges: ["203.0.113.0/24"] }, "its pods see nodes"], [{ externalTrafficPolicy: "Local", loadBalancerSourceRanges: ["0.0.0.0/0"] }, "0.0.0.0/0 is the whole internet"]] as const) {
    const { learned, text } = learnFrom(outward(spec), seen);
    expect(allowOf(learned, "web")?.spec.ingress).toBeUndefined();
    expect(text).toContain(why);
  }
});

test("a port has the name that all pods give it, in every kind of policy, and is a number otherwise", () => {
  const named = { name: "http", containerPort: 8080 };
  const seen = [flow(pod("shop", "web"), pod("shop", "api"), 8080)];
  const inventory = inventoryOf(deployment("shop", "web", []), deployment("shop", "api", [named]));
  const { learned } = learnFrom(inventory, seen);
  expect([allowOf(learned, "api")?.spec.ingress?.[0]?.ports, allowOf(learned, "web")?.spec.egress?.[0]?.ports]).toEqual([[{ protocol: "TCP", port: "http" }], [{ protocol: "TCP", port: "http" }]]);
  expect(learned.verification).toMatchObject({ denied: [], slack: [] });
  expect(JSON.stringify(ciliumPolicies(learned.plan))).toContain('"toPorts":[{"ports":[{"port":"http","protocol":"TCP"}]}]');
  expect(JSON.stringify(calicoPolicies(learned.plan))).toContain('"destination":{"ports":["http"]}');
  for (const ports of [[named, { name: "http", containerPort: 9090 }], [{ name: "http", containerPort: 9090 }], [{ ...named, protocol: "UDP" }]]) {
    const { learned: other } = learnFrom(inventoryOf(deployment("shop", "web", []), deployment("shop", "api", ports)), seen);
    expect(allowOf(other, "api")?.spec.ingress?.[0]?.ports).toEqual([{ protocol: "TCP", port: 8080 }]);
    expect(other.verification.denied).toEqual([]);
  }
});

test("a range is one that the pods declare, and its other ports are declared", () => {
  const media = (count: number): Cluster => inventoryOf(deployment("shop", "web", []), deployment("shop", "media", Array.from({ length: count }, (_, index) => ({ containerPort: 30_000 + index, protocol: "UDP" }))));
  const seen = [flow(pod("shop", "web"), pod("shop", "media"), 30_002, { protocol: "UDP" }), flow(pod("shop", "web"), pod("shop", "media"), 30_005, { protocol: "UDP" })];
  const { learned } = learnFrom(media(8), seen);
  expect(allowOf(learned, "media")?.spec.ingress?.[0]?.ports).toEqual([{ protocol: "UDP", port: 30_000, endPort: 30_007 }]);
  expect(learned.verification.slack).toHaveLength(6);
  expect(learned.verification.slack).toEqual(learned.verification.declared);
  expect(JSON.stringify(ciliumPolicies(learned.plan))).toContain('{"port":"30000","endPort":30007,"protocol":"UDP"}');
  expect(JSON.stringify(calicoPolicies(learned.plan))).toContain('"ports":["30000:30007"]');
  const { learned: wide } = learnFrom(media(100), seen);
  expect(wide.verification.slack).toEqual(["Deployment shop/web -> Deployment shop/media UDP 30000-30099"]);
  expect(wide.verification.slack).toEqual(wide.verification.declared);
  const { learned: few } = learnFrom(media(7), seen);
  expect(allowOf(few, "media")?.spec.ingress?.[0]?.ports).toEqual([{ protocol: "UDP", port: 30_002 }, { protocol: "UDP", port: 30_005 }]);
});
