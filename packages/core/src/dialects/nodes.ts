import type { Model, NodeConfiguration, Resource } from "../model/subject";
import type { Node } from "../node";
import { at, members, node, numberField } from "../node";
import type { Address } from "./common";
import { quoted } from "./common";

/** Where a cloud's node pools say the kubelet's podPidsLimit. */
const pools: readonly { readonly type: RegExp; readonly places: (root: Node) => readonly Node[] }[] = [
  { type: /^gcp:container\/nodePool:NodePool$/, places: (root) => [at(root, "nodeConfig", "kubeletConfig", "podPidsLimit")] },
  { type: /^google-native:container\/v1(beta1)?:NodePool$/, places: (root) => [at(root, "config", "kubeletConfig", "podPidsLimit")] },
  { type: /^azure-native:containerservice(\/v\w+)?:AgentPool$/, places: (root) => [at(root, "kubeletConfig", "podMaxPids")] },
  {
    type: /^azure-native:containerservice(\/v\w+)?:ManagedCluster$/,
    places: (root) => members(at(root, "agentPoolProfiles")).items.map((pool) => at(pool, "kubeletConfig", "podMaxPids")),
  },
  { type: /^azure:containerservice\/kubernetesClusterNodePool:KubernetesClusterNodePool$/, places: (root) => [at(root, "kubeletConfig", "podMaxPid")] },
];

export function isNodePoolType(type: string): boolean {
  return pools.some((pool) => pool.type.test(type));
}

/** Node pools of the managed Kubernetes services. */
export function readNodePool(inputs: unknown, address: Address & { readonly type: string }): readonly Model[] {
  const root = node(inputs);
  const kind = address.type.split(":").at(-1) ?? address.type;
  const resource: Resource = {
    platform: "kubernetes", kind, name: address.name ?? "(unnamed)", ...(address.urn === undefined ? {} : { urn: address.urn }),
  };
  const places = pools.find((pool) => pool.type.test(address.type))?.places(root) ?? [];
  const subjects = places.map((place): NodeConfiguration => ({
    about: "node", resource, label: quoted(resource), path: root.path, pidsLimit: numberField(place),
  }));
  return [{ resource, subjects, holes: [], notExamined: [], holdsContainers: false }];
}
