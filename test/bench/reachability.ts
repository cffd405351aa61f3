import type { Cluster, NetworkPolicy, Workload } from "../../packages/network-policy/dist/index.js";
import { createReachability } from "../../packages/network-policy/dist/index.js";
import { say } from "../toolchain/run.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

/** Applications of ten workloads in a namespace of their own; each workload takes requests from two others, all ask a name server, half of the policies name addresses. */
export function cluster(pods: number, policies: number): Pick<Cluster, "namespaces" | "workloads" | "policies"> {
  const count = Math.ceil(pods / 10);
  const namespaces = Array.from({ length: count }, (_, index) => ({ name: `app-${index}`, labels: { team: `team-${index % 20}` } }));
  const address = (index: number): string => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  const workload = (index: number): Workload => ({
    namespace: `app-${Math.floor(index / 10)}`, kind: "Deployment", name: `service-${index % 10}`, labels: { app: `service-${index % 10}`, tier: index % 10 < 3 ? "front" : "back" }, hostNetwork: false, from: "generated",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }], addresses: [{ pod: `service-${index}`, ip: address(index) }],
  });
  const dns: Workload = { namespace: "kube-system", kind: "Deployment", name: "coredns", labels: { "k8s-app": "kube-dns" }, hostNetwork: false, from: "generated", ports: [{ name: "dns", port: 53, protocol: "UDP" }], addresses: [{ pod: "coredns-1", ip: "10.255.0.1" }] };
  const policy = (index: number): NetworkPolicy => {
    const [namespace, own] = [index % count, Math.floor(index / count) % 10];
    const from = [1, 2].map((step) => ({ podSelector: { matchLabels: { app: `service-${(own + step) % 10}` } } }));
    return {
      apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: `service-${own}`, namespace: `app-${namespace}` },
      spec: {
        podSelector: { matchLabels: { app: `service-${own}` } }, policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [...from, { namespaceSelector: { matchLabels: { team: `team-${namespace % 20}` } }, podSelector: { matchLabels: { app: "service-0" } } }], ports: [{ port: "http" }] }],
        egress: [{ to: from, ports: [{ port: 8080 }] }, { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } }, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: [{ port: 53, protocol: "UDP" }, { port: 53 }] }, ...(index % 2 === 0 ? [{ to: [{ ipBlock: { cidr: `192.0.${index % 200}.0/24`, except: [`192.0.${index % 200}.128/25`] } }], ports: [{ port: 443 }] }] : [])],
      },
    };
  };
  return { namespaces: [...namespaces, { name: "kube-system", labels: {} }], workloads: [...Array.from({ length: pods }, (_, index) => workload(index)), dns], policies: Array.from({ length: policies }, (_, index) => policy(index)) };
}

/** The whole connectivity of 500, 1,000 and 2,000 pods under 500 policies: all pairs would take 16 times as long for four times as many pods. */
export async function reachability(): Promise<readonly Comparison[]> {
  const measure = (pods: number) => {
    const input = cluster(pods, 500);
    const { length } = createReachability(input).edges();
    return { name: `${pods} pods, 500 policies, ${length} edges`, measure: async (): Promise<number> => {
      const begin = performance.now();
      if (createReachability(input).edges().length !== length) throw new Error("the edges differ from run to run");
      return performance.now() - begin;
    } };
  };
  const [small, middle, large] = [measure(500), measure(1000), measure(2000)];
  say(`reachability: ${[small, middle, large].map(({ name }) => name).join("; ")}`);
  return [
    await compare("connectivity of a cluster, 1,000 pods to 500", "ms", middle, small, 10, 4),
    await compare("connectivity of a cluster, 2,000 pods to 500", "ms", large, small, 10, 8),
  ];
}
