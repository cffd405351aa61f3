import type { Field } from "../field";
import { isObject, known, mapField, UNKNOWN, unknown, unsupported } from "../field";
import type { Cluster, Model, Resource } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, node, stringField } from "../node";
import type { Address } from "./common";
import { quoted } from "./common";

/** True where any place says so; else unknown where any may. */
function anySays(places: readonly [Field<boolean>, ...Field<boolean>[]]): Field<boolean> {
  const open = places.find(({ state }) => state === "unknown");
  return places.find((place) => place.state === "value" && place.value) ?? open ?? mapField(places[0], (value) => value);
}

const is = (place: Node, pattern: RegExp): Field<boolean> => mapField(stringField(place), (text) => pattern.test(text));

/**
 * Dataplane V2, which Autopilot always has, enforces policies, and so does the add-on of Calico.
 * https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy
 */
function gke(root: Node): Field<boolean> {
  return anySays([is(at(root, "datapathProvider"), /^ADVANCED_DATAPATH$/), booleanField(at(root, "networkPolicy", "enabled")), booleanField(at(root, "enableAutopilot"))]);
}

/** The same cluster in the words of Google's own API. */
function gkeNative(root: Node): Field<boolean> {
  return anySays([is(at(root, "networkConfig", "datapathProvider"), /^ADVANCED_DATAPATH$/), booleanField(at(root, "networkPolicy", "enabled")), booleanField(at(root, "autopilot", "enabled"))]);
}

/**
 * Without a network policy engine nothing is enforced, but by Cilium as the data plane; with a network plugin of one's own
 * (`none`) Azure knows nothing of it. https://learn.microsoft.com/azure/aks/use-network-policies
 */
function aks(profile: Node, dataplane: string): Field<boolean> {
  const [policy, plugin, plane] = [stringField(at(profile, "networkPolicy")), stringField(at(profile, "networkPlugin")), is(at(profile, dataplane), /^cilium$/i)];
  if (policy.state === "value" && !/^none$/i.test(policy.value)) return known(true, policy.path);
  if (policy.state === "unknown") return policy as Field<never>;
  if (plugin.state === "unknown") return plugin as Field<never>;
  if (plugin.state === "value" && /^none$/i.test(plugin.value)) return unsupported(plugin.path, "its network plugin is brought by somebody else, and enforces policies or not");
  if (policy.state === "value") return known(false, policy.path);
  return plane.state === "unset" ? { ...plane, path: policy.path } : plane;
}

/**
 * The VPC CNI enforces policies where its add-on is told to; the add-on's values are JSON, or YAML.
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
 */
function vpcCni(values: Node): Field<boolean> {
  const text = stringField(values);
  if (text.state !== "value") return text as Field<never>;
  const setting = settingOf(text.value);
  return setting === undefined ? unknown(values.path, "is neither JSON nor YAML that can be read here") : known(setting, values.path);
}

/** Undefined where the text cannot be read. */
function settingOf(text: string): boolean | undefined {
  try {
    const values: unknown = JSON.parse(text);
    return isObject(values) ? String(values["enableNetworkPolicy"]) === "true" : undefined;
  } catch {
    if (/^\s*[{[]/.test(text)) return undefined;
    return /^(["']?)enableNetworkPolicy\1\s*:\s*(["']?)true\2\s*(#.*)?$/m.test(text);
  }
}

const isVpcCni = (root: Node): boolean => at(root, "addonName").value === UNKNOWN || at(root, "addonName").value === "vpc-cni";

function addon(root: Node): Field<boolean> {
  const name = at(root, "addonName");
  return name.value === UNKNOWN ? unknown(name.path) : vpcCni(at(root, "configurationValues"));
}

const clusters: readonly { readonly type: RegExp; readonly read: (root: Node) => Field<boolean>; readonly concerns?: (root: Node) => boolean }[] = [
  { type: /^gcp:container\/cluster:Cluster$/, read: gke },
  { type: /^google-native:container\/v1(beta1)?:Cluster$/, read: gkeNative },
  { type: /^azure-native:containerservice(\/v\w+)?:ManagedCluster$/, read: (root) => aks(at(root, "networkProfile"), "networkDataplane"), concerns: (root) => !isAutomatic(root) },
  { type: /^azure:containerservice\/kubernetesCluster:KubernetesCluster$/, read: (root) => aks(at(root, "networkProfile"), "networkDataPlane") },
  { type: /^aws:eks\/addon:Addon$/, read: addon, concerns: isVpcCni },
  { type: /^aws-native:eks:Addon$/, read: addon, concerns: isVpcCni },
];

/** AKS Automatic comes with Cilium. https://learn.microsoft.com/azure/aks/intro-aks-automatic */
function isAutomatic(root: Node): boolean {
  return at(root, "sku", "name").value === "Automatic";
}

export function isClusterType(type: string): boolean {
  return clusters.some((cluster) => cluster.type.test(type));
}

/** Clusters of the managed Kubernetes services, and the add-on of EKS that is its network. */
export function readCluster(inputs: unknown, address: Address & { readonly type: string }): readonly Model[] {
  const root = node(inputs);
  const found = clusters.find(({ type }) => type.test(address.type));
  if (found === undefined || found.concerns?.(root) === false) return [];
  const kind = address.type.split(":").at(-1) ?? address.type;
  const resource: Resource = { platform: "kubernetes", kind, name: address.name ?? "(unnamed)", ...(address.urn === undefined ? {} : { urn: address.urn }) };
  const subject: Cluster = { about: "cluster", resource, label: quoted(resource), path: root.path, enforcesNetworkPolicy: found.read(root) };
  return [{ resource, subjects: [subject], holes: [], notExamined: [], holdsContainers: false }];
}
