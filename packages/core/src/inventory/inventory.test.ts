import { describe, expect, test } from "vitest";
import type { Stack } from "../../test/stack";
import { stackOf } from "../../test/stack";
import type { EvaluationContext } from "../context";
import { readDocument } from "../dialects/read";
import type { Field } from "../field";
import { UNKNOWN } from "../field";

const namespace = (name: unknown = "shop", labels: unknown = {}): object => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
const deployment = (labels: unknown, more: { readonly namespace?: unknown; readonly name?: string; readonly spec?: object } = {}): object => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: more.name ?? "web", namespace: "namespace" in more ? more.namespace : "shop" },
  spec: { template: { metadata: { labels }, spec: { containers: [], ...more.spec } } },
});
const policy = (spec: object, name = "policy", ns: unknown = "shop"): object => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace: ns }, spec });
const web = deployment({ app: "web" });
const selectsWeb = { podSelector: { matchLabels: { app: "web" } } };

/** A field in one word: its value, or how it is unknown. */
function short(field: Field<unknown>): unknown {
  if (field.state === "value") return field.partial === true ? [field.value, "or more"] : field.value;
  return field.state === "unknown" && field.elsewhere === true ? "elsewhere" : field.state;
}

describe("a workload and the policies of its namespace", () => {
  const isSelected = (documents: readonly unknown[], context?: EvaluationContext, incomplete?: string): unknown => {
    const stack = stackOf(documents, context, incomplete);
    return short(stack.isSelected(stack.one("workload")));
  };

  test.each([
    ["selected", [web, policy(selectsWeb)], true],
    ["by a policy for every pod", [web, policy({})], true],
    ["not by a policy of another namespace", [namespace(), web, policy(selectsWeb, "policy", "other")], false],
    ["not, in a namespace that the program makes", [namespace(), web, policy({ podSelector: { matchLabels: { app: "db" } } })], false],
    ["in a namespace that is made elsewhere", [web], "elsewhere"],
    ["without a namespace, which is the default one", [deployment({}, { namespace: undefined }), namespace()], "elsewhere"],
    ["without a namespace, and a policy without one", [deployment({}, { namespace: undefined }), policy({}, "policy", null)], true],
    ["without a namespace, and a policy in default", [deployment({}, { namespace: undefined }), policy({}, "policy", "default")], true],
    ["with labels that are not known", [namespace(), deployment(UNKNOWN), policy(selectsWeb)], "unknown"],
    ["with labels that are not known, and a policy for every pod", [deployment(UNKNOWN), policy({})], true],
    ["with labels that are not known, and no policy at all", [namespace(), deployment(UNKNOWN)], false],
    ["with a label that is not known", [namespace(), deployment({ app: UNKNOWN }), policy(selectsWeb)], "unknown"],
    ["with a label that is not known and does not matter", [namespace(), deployment({ team: UNKNOWN, app: "web" }), policy(selectsWeb)], true],
    ["in a namespace that is not known", [namespace(), deployment({ app: "web" }, { namespace: UNKNOWN }), policy({})], "unknown"],
    ["and a policy whose namespace is not known", [namespace(), web, policy(selectsWeb, "policy", UNKNOWN)], "unknown"],
    ["and a policy whose selector is not known", [namespace(), web, policy({ podSelector: UNKNOWN })], "unknown"],
    ["and a policy of which nothing is known", [namespace(), web, { ...policy({}), spec: UNKNOWN }], "unknown"],
    ["and a document whose kind is not known", [namespace(), web, { apiVersion: "v1", kind: UNKNOWN }], "elsewhere"],
    ["and a list that is not known", [namespace(), web, { apiVersion: "v1", kind: "List", items: UNKNOWN }], "elsewhere"],
    ["and a Helm Release in its namespace", [namespace(), web, { type: "kubernetes:helm.sh/v3:Release", properties: { chart: "redis", namespace: "shop" } }], "elsewhere"],
    ["and a Helm Release in another namespace", [namespace(), web, { type: "kubernetes:helm.sh/v3:Release", properties: { chart: "redis", namespace: "cache" } }], false],
    ["and a policy of another kind", [namespace(), web, { apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", metadata: { name: "a", namespace: "shop" }, spec: {} }], "elsewhere"],
    ["and a custom resource that brings no policy", [namespace(), web, { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name: "a", namespace: "shop" }, spec: {} }], false],
    ["and a part of a policy", [namespace(), web, { type: "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch", properties: { metadata: { name: "a", namespace: "shop" } } }], "elsewhere"],
  ])("%s", (_, documents, expected) => {
    expect(isSelected(documents)).toBe(expected);
  });

  test("in a closed world what is made elsewhere is missing, but what is not read is not", () => {
    expect(isSelected([web], { closedWorld: true })).toBe(false);
    expect(isSelected([deployment({}, { namespace: undefined })], { closedWorld: true })).toBe(false);
    expect(isSelected([web, { type: "kubernetes:helm.sh/v3:Release", properties: { chart: "redis" } }], { closedWorld: true })).toBe("elsewhere");
    expect(isSelected([deployment(UNKNOWN), policy(selectsWeb)], { closedWorld: true })).toBe("unknown");
  });

  test("where not everything was in view, nothing is missing for certain", () => {
    expect(isSelected([namespace(), web], {}, "depends on more")).toBe("elsewhere");
    expect(isSelected([namespace(), web, policy({})], {}, "depends on more")).toBe(true);
  });

  test("a Patch that leaves out the labels is not examined", () => {
    const patch = { type: "kubernetes:apps/v1:DeploymentPatch", properties: { metadata: { name: "web", namespace: "shop" }, spec: { template: { spec: { containers: [] } } } } };
    expect(isSelected([namespace(), patch, policy(selectsWeb)])).toBe("unsupported");
  });

  test("pods of custom resources count, with the labels that their controller may add", () => {
    const rollout = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata: { name: "web", namespace: "shop" }, spec: { template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "a", image: "b" }] } } } };
    expect(isSelected([namespace(), rollout, policy(selectsWeb)])).toBe(true);
    expect(isSelected([namespace(), rollout, policy({ podSelector: { matchLabels: { app: "db" } } })])).toBe(false);
    expect(isSelected([namespace(), rollout, policy({ podSelector: { matchLabels: { "rollouts-pod-template-hash": "1" } } })])).toBe("unknown");
  });

  test("a job's own label selects its pods; a PodTemplate has none", () => {
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "load", namespace: "shop" }, spec: { template: { spec: { containers: [] } } } };
    expect(isSelected([namespace(), job, policy({ podSelector: { matchLabels: { "job-name": "load" } } })])).toBe(true);
    expect(readDocument({ apiVersion: "v1", kind: "PodTemplate", metadata: { name: "t" }, template: { spec: { containers: [] } } })[0]?.members).toEqual([]);
  });
});

describe("what denies by default", () => {
  const denies = (spec: object): readonly unknown[] => {
    const stack = stackOf([namespace(), policy(spec)]);
    return [short(stack.deniesByDefault(stack.one("tenancy"), "ingress")), short(stack.deniesByDefault(stack.one("tenancy"), "egress"))];
  };
  test.each([
    ["without types and rules: ingress", {}, [true, false]],
    ["without types, with a rule for egress: both", { egress: [{ to: [{ podSelector: {} }] }] }, [true, true]],
    ["without types, with an empty list for egress: ingress", { egress: [] }, [true, false]],
    ["the types that are given", { policyTypes: ["Egress"] }, [false, true]],
    ["types of which one is not known", { policyTypes: ["Egress", UNKNOWN] }, ["unknown", true]],
    ["not for some pods", { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress", "Egress"] }, [false, false]],
    ["not where everything is let through", { policyTypes: ["Ingress", "Egress"], ingress: [{}], egress: [{ to: [] }] }, [false, false]],
    ["with rules for some", { ingress: [{ ports: [{ port: 80 }] }] }, [true, false]],
    ["with rules that are not known", { policyTypes: ["Ingress", "Egress"], ingress: UNKNOWN, egress: [UNKNOWN] }, ["unknown", "unknown"]],
  ])("%s", (_, spec, expected) => {
    expect(denies(spec)).toEqual(expected);
  });

  test("a namespace that only workloads name is judged once, at the first of them", () => {
    const stack = stackOf([deployment({}, { name: "b" }), deployment({}, { name: "a" })]);
    const [found, ...others] = stack.tenancies();
    expect(others).toEqual([]);
    expect(found?.tenancy).toMatchObject({ declared: false, label: 'the namespace "shop" of Deployment "shop/a"', name: { state: "value", value: "shop", path: ["metadata", "namespace"] } });
  });

  test("a namespace whose name is not known is undecided", () => {
    const stack = stackOf([namespace(UNKNOWN), policy({})]);
    expect(short(stack.deniesByDefault(stack.one("tenancy"), "ingress"))).toBe("unknown");
  });
});

describe("where pods may send to", () => {
  const egress = (...specs: readonly object[]): Stack => stackOf([namespace(), web, ...specs.map((spec, index) => policy({ ...selectsWeb, policyTypes: ["Egress"], ...spec }, `p${index}`))]);
  const metadata = (stack: Stack): unknown => short(stack.metadataEgress(stack.one("workload")));
  const dns = (stack: Stack): unknown => short(stack.blockedDns(stack.one("workload")));

  test("the instance metadata is for who evaluates policies", () => {
    expect(metadata(egress())).toBe("unsupported");
  });

  test("DNS, by all policies together", () => {
    const port = (protocol: string, number: unknown = 53): object => ({ ports: [{ port: number, protocol }] });
    const system = { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }] };
    expect(dns(egress())).toEqual([]);
    expect(dns(egress({}))).toEqual(["UDP", "TCP"]);
    expect(dns(egress({ egress: [{ ...system, ...port("UDP") }] }))).toEqual(["TCP"]);
    expect(dns(egress({ egress: [{ ...system, ...port("UDP") }] }, { egress: [port("TCP")] }))).toEqual([]);
    expect(dns(egress({ egress: [{ ...system, ports: [{ port: "dns", protocol: "UDP" }, { port: "dns-tcp" }] }] }))).toEqual([]);
    expect(dns(egress({ egress: [{ to: [{ podSelector: {} }] }] }))).toEqual(["UDP", "TCP"]);
    expect(dns(egress({ egress: [{ ...port("UDP", UNKNOWN) }] }))).toBe("unknown");
    expect(dns(stackOf([web, policy({ policyTypes: ["Egress"] })]))).toBe("elsewhere");
  });
});

describe("what selects nothing", () => {
  const dangling = (documents: readonly unknown[], context?: EvaluationContext): unknown => {
    const stack = stackOf(documents, context);
    return short(stack.selectsPods(stack.one("trafficPolicy")));
  };
  const peers = (documents: readonly unknown[], peer: unknown, context?: EvaluationContext): unknown => {
    const stack = stackOf([...documents, policy({ ingress: [{ from: [peer] }] })], context);
    return short(stack.danglingPeers(stack.one("trafficPolicy")));
  };
  const here = [["spec", "ingress", 0, "from", 0]];

  test("a policy", () => {
    expect(dangling([namespace(), web, policy(selectsWeb)])).toBe(true);
    expect(dangling([namespace(), policy({})])).toBe(true);
    expect(dangling([namespace(), deployment({ app: "db" }), policy(selectsWeb)])).toBe(false);
    expect(dangling([namespace(), policy(selectsWeb)])).toBe(false);
    expect(dangling([policy(selectsWeb)])).toBe("elsewhere");
    expect(dangling([policy(selectsWeb)], { closedWorld: true })).toBe(false);
    expect(dangling([namespace(), deployment({ app: "web" }, { namespace: UNKNOWN }), policy(selectsWeb)])).toBe("unknown");
    expect(dangling([namespace(), deployment(UNKNOWN), policy(selectsWeb)])).toBe("unknown");
    expect(dangling([namespace(), policy(selectsWeb), { apiVersion: "acid.zalan.do/v1", kind: "postgresql", metadata: { name: "db", namespace: "shop" }, spec: {} }])).toBe("elsewhere");
  });

  test("a peer, by the pods of its own namespace and by the labels of others", () => {
    const front = namespace("front", { team: "front" });
    const inFront = deployment({ app: "proxy" }, { namespace: "front" });
    const team = { namespaceSelector: { matchLabels: { team: "front" } } };
    const named = (name: string): object => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
    expect(peers([namespace(), web], { podSelector: { matchLabels: { app: "web" } } })).toEqual([]);
    expect(peers([namespace(), web], { podSelector: { matchLabels: { app: "wbe" } } })).toEqual(here);
    expect(peers([web], { podSelector: { matchLabels: { app: "wbe" } } })).toBe("elsewhere");
    expect(peers([namespace(), front, inFront], { ...team, podSelector: { matchLabels: { app: "proxy" } } })).toEqual([]);
    expect(peers([namespace(), front, inFront], { ...team, podSelector: { matchLabels: { app: "web" } } })).toBe("elsewhere");
    expect(peers([namespace(), front, inFront], { ...team, podSelector: { matchLabels: { app: "web" } } }, { closedWorld: true })).toEqual(here);
    expect(peers([namespace(), front, inFront], named("front"))).toEqual([]);
    expect(peers([namespace(), front, inFront], { ...named("front"), podSelector: { matchLabels: { app: "web" } } })).toEqual(here);
    expect(peers([namespace(), inFront], { ...named("front"), podSelector: { matchLabels: { app: "proxy" } } })).toEqual([]);
    expect(peers([namespace()], named("monitoring"))).toBe("elsewhere");
    expect(peers([namespace()], named("monitoring"), { closedWorld: true })).toEqual(here);
    expect(peers([namespace()], { ...named("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } })).toEqual([]);
    expect(peers([namespace(), web, front], { namespaceSelector: { matchLabels: { team: UNKNOWN } } })).toBe("elsewhere");
    expect(peers([namespace()], UNKNOWN)).toBe("unknown");
    expect(peers([namespace()], { ipBlock: { cidr: "10.0.0.0/8" } })).toEqual([]);
  });
});

describe("objects of a namespace", () => {
  const account = (name: unknown, ns: unknown = "shop"): object => ({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: ns } });
  const exists = (documents: readonly unknown[], spec: object = { serviceAccountName: "api" }, context?: EvaluationContext): unknown => {
    const stack = stackOf([deployment({}, { spec }), ...documents], context);
    return short(stack.serviceAccountExists(stack.one("workload")));
  };

  test("service accounts, by name and namespace", () => {
    expect(exists([account("api")])).toBe(true);
    expect(exists([], {})).toBe(true);
    expect(exists([namespace()], { serviceAccountName: "default" })).toBe(true);
    expect(exists([namespace(), account("api", "other")])).toBe(false);
    expect(exists([])).toBe("elsewhere");
    expect(exists([], { serviceAccountName: "api" }, { closedWorld: true })).toBe(false);
    expect(exists([namespace(), account(UNKNOWN)])).toBe("unknown");
    expect(exists([namespace(), account("api", UNKNOWN)])).toBe("unknown");
    expect(exists([namespace(), account("other", UNKNOWN)])).toBe(false);
    expect(exists([namespace(), account("api")], { serviceAccountName: UNKNOWN })).toBe("unknown");
    expect(exists([namespace(), account("api")], { serviceAccount: "ghost" })).toBe(false);
  });

  test("limits and quotas", () => {
    const range = { apiVersion: "v1", kind: "LimitRange", metadata: { name: "limits", namespace: "shop" }, spec: { limits: [] } };
    const stack = stackOf([namespace(), range]);
    expect(short(stack.holds(stack.one("tenancy"), "LimitRange"))).toBe(true);
    expect(short(stack.holds(stack.one("tenancy"), "ResourceQuota"))).toBe(false);
  });
});

describe("Docker networks", () => {
  const network = (properties: object): object => ({ type: "docker:index/network:Network", properties });
  const container = (networks: unknown, more: object = {}): object => ({ type: "docker:index/container:Container", properties: { image: "a", networksAdvanced: networks, ...more } });
  const on = (...names: readonly unknown[]): readonly unknown[] => names.map((name) => ({ name }));
  const internal = (documents: readonly unknown[], context?: EvaluationContext): unknown => {
    const stack = stackOf(documents, context);
    return short(stack.isBackendInternal(stack.one("attachment")));
  };

  test("a back end is on internal networks only", () => {
    const [back, front] = [network({ name: "back", internal: true }), network({ name: "front" })];
    expect(internal([container(on("back")), back])).toBe(true);
    expect(internal([container(on("back", "front")), back, front])).toBe(false);
    expect(internal([container(on("back", "front"), { ports: [{ internal: 80, external: 80 }] }), back, front])).toBe(true);
    expect(internal([container(on("front"), { ports: UNKNOWN }), front])).toBe("unknown");
    expect(internal([container(on("back"), { ports: UNKNOWN }), back])).toBe(true);
    expect(internal([container(on("other"))])).toBe("elsewhere");
    expect(internal([container(on("other"))], { closedWorld: true })).toBe(false);
    expect(internal([container(on(UNKNOWN)), back])).toBe("unknown");
    expect(internal([container(on(UNKNOWN, "front")), back, front])).toBe(false);
    expect(internal([container(on("x")), network({ internal: true })])).toBe("unknown");
    expect(internal([container(on("back")), network({ name: "back", internal: UNKNOWN })])).toBe("unknown");
    expect(internal([container(undefined, { networkMode: "front" }), front])).toBe(false);
    expect(internal([container(undefined), front])).toBe(true);
    expect(internal([container(on("a".repeat(64))), back])).toBe("unknown");
  });

  test("who is on a network", () => {
    const attached = (documents: readonly unknown[]): unknown => {
      const stack = stackOf(documents);
      return short(stack.attached(stack.one("containerNetwork")));
    };
    const back = network({ name: "back" });
    expect(attached([back, container(on("back")), container(on("back", "front")), container(on("front"))])).toBe(2);
    expect(attached([back, container(on("back")), container(on(UNKNOWN))])).toEqual([1, "or more"]);
    expect(attached([back, { type: "docker:index/service:Service", properties: { taskSpec: { containerSpec: { image: "a" }, networksAdvanceds: on("back") } } }])).toBe(1);
    // A service gives a network by its id, which no input of the program tells.
    expect(attached([back, { type: "docker:index/service:Service", properties: { taskSpec: { containerSpec: { image: "a" }, networksAdvanceds: [{ id: "6dbkylctg6pmfjef13wpic9n5" }] } } }])).toEqual([0, "or more"]);
    expect(attached([network({}), container(on("back"))])).toBe("unknown");
  });
});
