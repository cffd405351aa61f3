import type { Cluster, Flow, FlowEnd, Protocol, Service, Workload } from "../../packages/network-policy/src/index";
import { random } from "./generator.ts";
import type { Namespaces, Outside, PodEnd } from "./reachability.ts";

/** A connection between two ends, as it was made: pods' ports, whatever the flow shows. */
export interface Truth {
  readonly from: PodEnd | Outside;
  readonly to: PodEnd | Outside;
  readonly protocol: Protocol;
  readonly port: number;
}

export interface GeneratedCluster {
  readonly cluster: Cluster;
  readonly namespaces: Namespaces;
  readonly pods: readonly (PodEnd & { readonly workload: Workload })[];
  /** Requests that were let through, with all that surrounds them in a log: replies, drops, the same again. */
  readonly flows: readonly Flow[];
  readonly truths: readonly Truth[];
}

const start = Date.UTC(2026, 0, 1);
const hour = 3_600_000;

/** `v6` has the same pods and flows with addresses of the other family. */
export function generateCluster(seed: number, v6 = false): GeneratedCluster {
  const next = random(seed);
  const below = (count: number): number => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const inside = (index: number): string => (v6 ? `fd00::${(index + 1).toString(16)}` : `10.0.0.${index + 1}`);
  const outside = (index: number): string => (v6 ? `2001:db8::${(index + 1).toString(16)}` : `198.51.100.${index + 1}`);
  const clusterIp = (index: number): string => (v6 ? `fd01::${(index + 1).toString(16)}` : `10.96.0.${index + 1}`);

  const names = ["shop", "data", "ops"].slice(0, 1 + below(3));
  const workloads: Workload[] = [];
  let address = 0;
  const count = 2 + below(4);
  for (let index = 0; index < count; index++) {
    const kind = pick(["Deployment", "Deployment", "StatefulSet", "Job", "Pod"]);
    const app = pick(["web", "api", "db"]);
    const labels = { app, ...(below(3) === 0 ? { version: pick(["v1", "v2"]) } : {}), ...(below(4) === 0 ? { tier: pick(["front", "back"]) } : {}) };
    const isSelected = kind === "Deployment" || kind === "StatefulSet";
    const selector = below(3) === 0 ? labels : { app };
    workloads.push({
      namespace: pick(names), kind, name: `${app}${index}`, labels: { ...labels, ...(kind === "Job" ? { "job-name": `${app}${index}` } : {}) },
      ...(isSelected ? { selector: { matchLabels: selector } } : {}),
      ports: [{ name: "main", port: pick([8080, 9090]), protocol: "TCP" }, { name: "stats", port: 9100, protocol: pick(["TCP", "UDP", "SCTP"]) }],
      hostNetwork: false,
      addresses: Array.from({ length: 1 + below(2) }, () => ({ pod: `${app}${index}-${address}`, ip: inside(address++) })),
      from: "generated",
    });
  }
  const resolver: Workload = { namespace: pick(names), kind: "Deployment", name: "resolver", labels: { "k8s-app": "dns" }, selector: { matchLabels: { "k8s-app": "dns" } }, ports: [{ name: "dns", port: 53, protocol: "UDP" }], hostNetwork: false, addresses: [{ pod: "resolver-0", ip: inside(address++) }], from: "generated" };
  workloads.push(resolver);
  const services = workloads.map((workload, index): Service => ({
    namespace: workload.namespace, name: workload.name, type: "ClusterIP", selector: workload.labels, clusterIps: [clusterIp(index)], externalIps: [],
    ports: workload.ports.map(({ name = "", port, protocol }) => ({ name, port: port + 1000, targetPort: below(2) === 0 ? name : port, protocol })),
  }));
  const pods = workloads.flatMap((workload) => workload.addresses.map(({ ip }) => ({ namespace: workload.namespace, labels: workload.labels, ip, ports: workload.ports.map(({ name = "", port, protocol }) => ({ name, containerPort: port, protocol })), workload })));

  const flows: Flow[] = [];
  const truths: Truth[] = [];
  const endOf = (pod: (typeof pods)[number]): FlowEnd => (below(2) === 0 ? { ip: pod.ip } : { ip: pod.ip, namespace: pod.namespace, pod: pod.workload.addresses.find(({ ip }) => ip === pod.ip)?.pod ?? "", labels: pod.labels });
  const say = (source: FlowEnd, destination: FlowEnd, protocol: Protocol, port: number, verdict: Flow["verdict"] = "forwarded"): void => {
    const first = start + below(200) * hour;
    const flow: Flow = { source, destination, protocol, port, sourcePort: 40_000 + below(1000), direction: "request", verdict, first, last: first + below(hour), count: 1 + below(3), at: `flows:${flows.length + 1}` };
    flows.push(flow);
    if (below(2) === 0) flows.push({ ...flow, source: destination, destination: source, port: flow.sourcePort ?? 0, sourcePort: port, direction: "reply", at: `flows:${flows.length + 1}` });
    if (below(4) === 0) flows.push({ ...flow, at: `flows:${flows.length + 1}` });
  };
  const connect = (from: Workload, to: Workload, protocol: Protocol, port: number): void => {
    const sources = pods.filter(({ workload }) => workload === from);
    const service = services[workloads.indexOf(to)];
    const servicePort = service?.ports.find((own) => own.protocol === protocol && own.port === port + 1000)?.port;
    const alone = workloads.filter((workload) => workload.namespace === to.namespace && Object.entries(to.labels).every(([key, value]) => workload.labels[key] === value)).length === 1;
    const target = pick(pods.filter(({ workload }) => workload === to));
    const source = pick(sources);
    truths.push({ from: source, to: target, protocol, port });
    if (service !== undefined && servicePort !== undefined && alone && below(3) === 0) say(endOf(source), { ip: service.clusterIps[0] ?? "" }, protocol, servicePort);
    else say(endOf(source), endOf(target), protocol, port);
  };
  for (let edge = below(6); edge >= 0; edge--) {
    const [from, to] = [pick(workloads), pick(workloads)];
    if (from === to || from === resolver || to === resolver) continue;
    const { port, protocol } = pick(to.ports);
    connect(from, to, protocol, port);
  }
  for (let edge = below(4); edge > 0; edge--) {
    const [pod, ip] = [pick(pods.filter(({ workload }) => workload !== resolver)), outside(below(60) * 3)];
    const [port, isOut] = [pick([443, 5432]), below(3) > 0];
    truths.push(isOut ? { from: pod, to: { ip }, protocol: "TCP", port } : { from: { ip }, to: pod, protocol: "TCP", port });
    if (isOut) say(endOf(pod), { ip, entity: "world" }, "TCP", port);
    else say({ ip, entity: "world" }, endOf(pod), "TCP", port);
  }
  // What connects to anything has asked for a name, over both protocols.
  for (const workload of new Set(truths.flatMap(({ from }) => ("workload" in from ? [(from as (typeof pods)[number]).workload] : [])))) {
    if (workload !== resolver) for (const protocol of ["UDP", "TCP"] as const) connect(workload, resolver, protocol, 53);
  }
  for (let drop = below(3); drop > 0; drop--) say(endOf(pick(pods)), endOf(pick(pods)), "TCP", 6666, pick(["dropped", "audited"]));
  const cluster: Cluster = { namespaces: names.map((name) => ({ name, labels: { "kubernetes.io/metadata.name": name } })), workloads, services, entries: [], monitors: [], policies: [], clusterPolicies: [], containers: [], networks: [], gaps: [] };
  return { cluster, namespaces: Object.fromEntries(names.map((name) => [name, { "kubernetes.io/metadata.name": name }])), pods, flows, truths };
}
