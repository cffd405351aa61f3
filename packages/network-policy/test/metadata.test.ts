import { UNKNOWN } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import type { Stack } from "./stack";
import { clusterPolicy, deployment, namespace, policy, short, stackOf } from "./stack";

const web = deployment("web");
const selectsWeb = { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Egress"] };
const metadata = (stack: Stack): unknown => short(stack.metadataEgress(stack.one("workload")), ({ kind }) => kind);
const egress = (...specs: readonly object[]): readonly object[] => [namespace(), web, ...specs.map((spec, index) => policy({ ...selectsWeb, ...spec }, `p${index}`))];
const to = (cidr: unknown, except?: unknown): object => ({ to: [{ ipBlock: { cidr, ...(except === undefined ? {} : { except }) } }] });
const everybody = { namespaces: {} };
const both = ["169.254.169.254/32", "fd00:ec2::254/128"];
const admin = (egressRules: unknown, subject: unknown = everybody): object => clusterPolicy({ tier: "Admin", priority: 1, subject, egress: egressRules });
const deny = { action: "Deny", to: [{ networks: both }] };
const accept = { action: "Accept", to: [{ networks: ["169.254.169.254/32"] }] };
const open = { egress: [to("0.0.0.0/0")] };

describe("the instance metadata, by reachability", () => {
  test.each<readonly [string, readonly unknown[], string]>([
    ["no policy", egress(), "not isolated"],
    ["nothing let out", egress({}), "blocked"],
    ["two policies that add up", egress({ egress: [to("10.0.0.0/8")] }, { egress: [to("169.254.0.0/16")] }), "let through"],
    ["two policies, neither of which does", egress({ egress: [to("10.0.0.0/8")] }, { egress: [{ ...to("169.254.0.0/16"), ports: [{ port: 443 }] }] }), "blocked"],
    ["everything let out", egress({ egress: [{}] }), "let through"],
    ["every pod, which it is none of", egress({ egress: [{ to: [{ namespaceSelector: {} }] }] }), "blocked"],
    ["a port by name, which an address has none of", egress({ egress: [{ ...to("0.0.0.0/0"), ports: [{ port: "http" }] }] }), "blocked"],
    ["another protocol", egress({ egress: [{ ...to("0.0.0.0/0"), ports: [{ port: 80, protocol: "UDP" }] }] }), "blocked"],
    ["a range of ports", egress({ egress: [{ ...to("0.0.0.0/0"), ports: [{ port: 79, endPort: 81 }] }] }), "let through"],
    ["a range that ends before", egress({ egress: [{ ...to("0.0.0.0/0"), ports: [{ port: 1, endPort: 79 }] }] }), "blocked"],
    ["an exception", egress({ egress: [to("0.0.0.0/0", ["169.254.0.0/16"])] }), "blocked"],
    ["an exception that another rule takes back", egress({ egress: [to("0.0.0.0/0", ["169.254.0.0/16"]), to("169.254.169.0/24")] }), "let through"],
    ["over IPv6", egress({ egress: [to("fd00::/8")] }), "let through"],
    ["a policy about ingress", egress({ policyTypes: ["Ingress"], egress: [to("0.0.0.0/0")] }), "not isolated"],
    ["pods on the network of their node", [namespace(), deployment("web", { app: "web" }, { hostNetwork: true }), policy(selectsWeb)], "network of the node"],
    ["a namespace that is made elsewhere", [web], "elsewhere"],
    ["and a policy there that blocks", [web, policy(selectsWeb)], "blocked"],
  ])("%s", (_, documents, expected) => {
    expect(metadata(stackOf(documents))).toBe(expected);
  });

  test.each<readonly [string, readonly unknown[], string]>([
    ["denied for all pods, though a policy lets out", [...egress(open), admin([deny])], "blocked"],
    ["accepted before that is denied", [...egress(), admin([accept, deny])], "let through"],
    ["accepted, though no NetworkPolicy lets out", [...egress({}), admin([accept])], "let through"],
    ["passed on before that is denied", [...egress(open), admin([{ action: "Pass", to: [{ networks: both }] }, deny])], "let through"],
    ["denied over IPv4 alone", [...egress(open, { egress: [to("::/0")] }), admin([{ action: "Deny", to: [{ networks: ["169.254.169.254/32"] }] }])], "let through"],
    ["denied on another port", [...egress(open), admin([{ ...deny, protocols: [{ tcp: { destinationPort: { number: 443 } } }] }])], "let through"],
    ["denied for others", [...egress(open), admin([deny], { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: "db" } } } })], "let through"],
    ["denied in the tier that is asked last, and no NetworkPolicy isolates", [...egress(), clusterPolicy({ tier: "Baseline", priority: 1, subject: everybody, egress: [deny] })], "blocked"],
    ["denied there, and one lets out", [...egress(open), clusterPolicy({ tier: "Baseline", priority: 1, subject: everybody, egress: [deny] })], "let through"],
    ["by an AdminNetworkPolicy", [...egress(open), clusterPolicy({ priority: 1, subject: everybody, egress: [deny] }, "AdminNetworkPolicy")], "blocked"],
    ["by a BaselineAdminNetworkPolicy", [...egress(), clusterPolicy({ subject: everybody, egress: [deny] }, "BaselineAdminNetworkPolicy")], "blocked"],
    ["a policy of the cluster about ingress", [...egress(), clusterPolicy({ tier: "Admin", priority: 1, subject: everybody, ingress: [] })], "not isolated"],
    ["of a version that is not known here", [...egress(open), clusterPolicy({ tier: "Admin", priority: 1, subject: everybody, egress: [deny] }, "ClusterNetworkPolicy", "v9")], "unknown"],
  ])("with a policy of the cluster: %s", (_, documents, expected) => {
    expect(metadata(stackOf(documents))).toBe(expected);
  });

  test.each<readonly [string, readonly unknown[], string]>([
    ["a block", egress({ egress: [to(UNKNOWN)] }), "unknown"],
    ["an exception", egress({ egress: [to("0.0.0.0/0", [UNKNOWN])] }), "unknown"],
    ["a rule beside one that lets out", egress({ egress: [to("0.0.0.0/0"), UNKNOWN] }), "let through"],
    ["a block that the API refuses", egress({ egress: [to("169.254.169.254")] }), "unknown"],
    ["an exception that it refuses", egress({ egress: [to("0.0.0.0/0", ["nonsense"])] }), "unknown"],
    ["the ports of a rule", egress({ egress: [{ ...to("0.0.0.0/0"), ports: UNKNOWN }] }), "unknown"],
    ["the types of a policy that lets out", egress({ policyTypes: UNKNOWN, ...open }), "not isolated"],
    ["the types of a policy that does not", egress({ policyTypes: UNKNOWN }), "unknown"],
    ["the namespace of a policy that lets out", [namespace(), web, policy({ ...selectsWeb, ...open }, "p", UNKNOWN)], "not isolated"],
    ["the namespace of one that does not", [namespace(), web, policy(selectsWeb, "p", UNKNOWN)], "unknown"],
    ["the namespace of one that opens what another blocks", [...egress({}), policy({ policyTypes: ["Egress"], ...open }, "q", UNKNOWN)], "unknown"],
    ["the selector of one that cannot open it", [...egress({}), policy({ policyTypes: ["Egress"], podSelector: UNKNOWN }, "q")], "blocked"],
    ["the labels of the pods, which no policy chooses by", [namespace(), deployment("web", UNKNOWN), policy({ policyTypes: ["Egress"] })], "blocked"],
    ["the labels of the pods, which one does", [namespace(), deployment("web", UNKNOWN), policy(selectsWeb)], "unknown"],
    ["a label that no policy chooses by", [namespace(), deployment("web", { app: "web", team: UNKNOWN }), policy(selectsWeb)], "blocked"],
    ["the labels, with a policy of the cluster", [namespace(), deployment("web", UNKNOWN), policy({ policyTypes: ["Egress"] }), admin([deny])], "unknown"],
    ["the network of the pods", [namespace(), deployment("web", { app: "web" }, { hostNetwork: UNKNOWN }), policy(selectsWeb)], "unknown"],
    ["a policy of the cluster", [...egress({}), clusterPolicy({ tier: "Admin", priority: 1, subject: everybody, egress: [{ action: "Accept", to: [{ networks: [UNKNOWN] }] }] })], "unknown"],
    ["the labels of a namespace that a policy of the cluster chooses by", [web, policy(selectsWeb), admin([accept], { namespaces: { matchLabels: { team: "a" } } })], "unknown"],
    ["the namespace of the pods", [namespace(), deployment("web", { app: "web" }, {}, UNKNOWN), policy(selectsWeb)], "unknown"],
    ["what a document is", [...egress(open), { apiVersion: UNKNOWN, kind: "ClusterNetworkPolicy", metadata: { name: "x" }, spec: {} }], "unknown"],
  ])("not known: %s", (_, documents, expected) => {
    expect(metadata(stackOf(documents))).toBe(expected);
  });

  test("says at which address, and which rule of which policy decides", () => {
    const said = (documents: readonly unknown[]): unknown => {
      const stack = stackOf(documents);
      return short(stack.metadataEgress(stack.one("workload")));
    };
    expect(said(egress({ egress: [to("10.0.0.0/8"), to("169.254.0.0/16")] }))).toEqual({ kind: "let through", address: "169.254.169.254", by: ["NetworkPolicy shop/p0 egress[1]"] });
    expect(said([...egress({ egress: [to("::/0")] })])).toMatchObject({ address: "fd00:ec2::254" });
    expect(said([...egress({}), admin([accept])])).toMatchObject({ by: ["ClusterNetworkPolicy cluster egress[0]"] });
  });

  test("policies of Cilium and what a chart brings may isolate too", () => {
    for (const other of [{ apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", metadata: { name: "a", namespace: "shop" }, spec: {} }, { type: "kubernetes:helm.sh/v3:Release", properties: { chart: "redis", namespace: "shop" } }]) expect(metadata(stackOf([...egress(), other]))).toBe("elsewhere");
    expect(metadata(stackOf(egress(), { incomplete: "depends on more" }))).toBe("elsewhere");
    expect(metadata(stackOf([web], { closedWorld: true }))).toBe("not isolated");
  });
});
