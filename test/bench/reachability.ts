import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster, NetworkPolicy, Workload } from "../../packages/network-policy/dist/index.js";
import { createReachability } from "../../packages/network-policy/dist/index.js";
import { root } from "../e2e/support.ts";
import { obtain } from "../toolchain/resolve.ts";
import { run, say } from "../toolchain/run.ts";
import { cyclonus } from "../toolchain/tools.ts";
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
export async function reachability(folder: string): Promise<readonly Comparison[]> {
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
    ...(await againstCyclonus(folder)),
  ];
}

/** Who reaches whom in the same cluster, as whole processes: cyclonus asks for one port, `network reach` for all. */
async function againstCyclonus(folder: string): Promise<readonly Comparison[]> {
  const tool = await obtain(cyclonus);
  if ("missing" in tool) {
    say(`cyclonus: skipped, ${tool.missing}`);
    return [];
  }
  const [pods, count] = [200, 100];
  const { namespaces, workloads, policies } = cluster(pods, count);
  const [model, manifests, separate] = [join(folder, "model.json"), join(folder, "cluster.json"), join(folder, "policies")];
  mkdirSync(separate, { recursive: true });
  for (const [index, policy] of policies.entries()) writeFileSync(join(separate, `${index}.yaml`), JSON.stringify(policy));
  const named = workloads.map(({ namespace, labels, ports, addresses: [{ pod, ip } = { pod: "", ip: "" }] }) => ({ namespace, name: pod, labels, ports, ip }));
  writeFileSync(model, JSON.stringify({
    Probes: [{ Protocol: "TCP", Port: 8080 }],
    Resources: { Namespaces: Object.fromEntries(namespaces.map(({ name, labels }) => [name, labels])), Pods: named.map(({ namespace, name, labels, ports, ip }) => ({ Namespace: namespace, Name: name, Labels: labels, IP: ip, Containers: ports.map((port) => ({ Name: port.name, Port: port.port, Protocol: port.protocol, PortName: port.name })) })) },
  }));
  writeFileSync(manifests, JSON.stringify({ apiVersion: "v1", kind: "List", items: [
    ...policies, ...namespaces.map((metadata) => ({ apiVersion: "v1", kind: "Namespace", metadata })),
    ...named.map(({ namespace, name, labels, ports, ip }) => ({ apiVersion: "v1", kind: "Pod", metadata: { namespace, name, labels }, spec: { containers: [{ name: "main", image: "main", ports: ports.map((port) => ({ name: port.name, containerPort: port.port, protocol: port.protocol })) }] }, status: { podIP: ip } })),
  ] }));
  const time = (command: string, args: readonly string[]) => async (): Promise<number> => {
    const begin = performance.now();
    const { code, stdout, stderr } = await run(command, args);
    if (code !== 0 || stdout.length < pods * 10) throw new Error(`${command}: exit ${code}, ${stdout.length} characters: ${stderr.slice(-500)}`);
    return performance.now() - begin;
  };
  const ours = { name: "network reach", measure: time(process.execPath, [join(root, "packages/cli/dist/main.js"), "network", "reach", manifests]) };
  const theirs = { name: `cyclonus ${cyclonus.version} analyze`, measure: time(tool.path, ["analyze", "--mode", "probe", "--probe-path", model, "--policy-path", separate]) };
  return [await compare(`who reaches whom, ${pods} pods and ${count} policies`, "ms", ours, theirs, 10, 1)];
}
