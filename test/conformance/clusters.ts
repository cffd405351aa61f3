import type { Cluster, NetworkPolicy, Protocol, Workload } from "@bulkhead/network-policy";
import { random } from "./generator.ts";
import type { Namespaces, Outside, PodEnd, Policy } from "./reachability.ts";

export interface NamedPod extends PodEnd {
  readonly name: string;
}

const workloadOf = ({ namespace, name, labels, ip, ports }: NamedPod): Workload => ({
  namespace, kind: "Pod", name, labels, hostNetwork: false, from: "test",
  ports: ports.map((port) => ({ ...(port.name === undefined ? {} : { name: port.name }), port: port.containerPort, protocol: port.protocol as Protocol })),
  addresses: [{ pod: name, ip }],
});

export function clusterOf(namespaces: Namespaces, pods: readonly NamedPod[], policies: readonly Policy[]): Pick<Cluster, "namespaces" | "workloads" | "policies"> {
  return { namespaces: Object.entries(namespaces).map(([name, labels]) => ({ name, labels })), workloads: pods.map(workloadOf), policies: policies as unknown as readonly NetworkPolicy[] };
}

export const probes = [[80, "TCP"], [81, "TCP"], [8080, "TCP"], [8085, "TCP"], [53, "UDP"], [80, "UDP"], [36412, "SCTP"]] as const;

/** Small alphabets, so that selectors, names of ports and blocks meet and overlap. */
export function generateCluster(seed: number): { readonly namespaces: Namespaces; readonly pods: readonly NamedPod[]; readonly policies: readonly Policy[]; readonly outside: readonly Outside[] } {
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
