import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { PolicyEvent } from "./support.ts";
import { missing, Project, root, typescriptTools, verdicts } from "./support.ts";

const projects: Project[] = [];
const program = (text: string): Project => {
  const made = new Project({
    "Pulumi.yaml": "name: program\nruntime: nodejs\n",
    "package.json": '{"name": "program", "main": "index.ts"}',
    "tsconfig.json": readFileSync(join(root, "examples/insecure/tsconfig.json"), "utf8"),
    "index.ts": `import * as docker from "@pulumi/docker";\nimport * as k8s from "@pulumi/kubernetes";\n${text}`,
  });
  projects.push(made);
  return made;
};
afterAll(() => {
  for (const made of projects) made.remove();
});

/** Only the rules that are named, mandatory, and what could not be judged. */
const only = (...ids: readonly string[]): object => ({ all: "disabled", "bulkhead-coverage": "advisory", ...Object.fromEntries(ids.map((id) => [id, "mandatory"])) });
const messages = (events: readonly PolicyEvent[], policy: string): readonly string[] => events.filter((event) => event.policyName === policy).map((event) => event.message);

const workloads = `
  const deployment = (name: string, namespace: any, labels: any) => new k8s.apps.v1.Deployment(name, {
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "a", image: "registry.example.com/app" }] } } },
  });
  const policy = (name: string, namespace: any, app: any) => new k8s.networking.v1.NetworkPolicy(name, { metadata: { name, namespace }, spec: { podSelector: { matchLabels: { app } } } });
`;

describe.skipIf(missing(...typescriptTools))("a rule about the stack, at a preview", () => {
  test("refuses at the resource, when all of them are known", async () => {
    const { code, events } = await program(`${workloads}
      const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } });
      deployment("web", namespace.metadata.name, { app: "web" });
      deployment("db", namespace.metadata.name, { app: "db" });
      policy("web", namespace.metadata.name, "web");
      policy("typo", namespace.metadata.name, "dbb");
    `).judge({ config: only("require-network-policy", "no-dangling-network-policy") });
    expect(verdicts(events, "mandatory")).toEqual(["no-dangling-network-policy kubernetes:networking.k8s.io/v1:NetworkPolicy::typo", "require-network-policy kubernetes:apps/v1:Deployment::db"]);
    expect(messages(events, "require-network-policy")[0]).toMatch(/^Deployment "shop\/db" must be selected by a NetworkPolicy of its namespace\n {2}setting: spec\.template\.metadata\.labels\n/);
    expect(code).not.toBe(0);
  });

  test("is undecided at the resource where a label is not known, and refuses that where it is told to", async () => {
    const late = program(`${workloads}
      const provider = new docker.Provider("docker", { disableDockerDaemonCheck: true });
      const pulled = new docker.RemoteImage("pulled", { name: "registry.example.com/app:1" }, { provider });
      const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } });
      deployment("web", "shop", { app: pulled.imageId });
      policy("web", "shop", "web");
    `);
    const { code, events } = await late.judge({ config: only("require-network-policy") });
    expect(verdicts(events)).toEqual(["bulkhead kubernetes:apps/v1:Deployment::web"]);
    expect(messages(events, "bulkhead")[0]).toContain('Deployment "shop/web" cannot be judged by require-network-policy: spec.template.metadata.labels');
    expect(code).toBe(0);
    const denied = await late.judge({ config: { ...only("require-network-policy"), bulkhead: { unknown: "deny" } } });
    expect(verdicts(denied.events, "mandatory")).toEqual(["require-network-policy kubernetes:apps/v1:Deployment::web"]);
  });

  test("is undecided, once for the stack, in a namespace that is made elsewhere; in a closed world it refuses", async () => {
    const elsewhere = program(`${workloads}
      deployment("web", "platform", { app: "web" });
      deployment("db", undefined, { app: "db" });
    `);
    const { code, events } = await elsewhere.judge({ config: only("require-network-policy") });
    expect(verdicts(events)).toEqual(["bulkhead-coverage pulumi:pulumi:Stack::program-test"]);
    expect(messages(events, "bulkhead-coverage")[0]).toContain('Deployment "web" depends on what is in the namespace "platform", which is made elsewhere: require-network-policy');
    expect(code).toBe(0);
    const closed = await elsewhere.judge({ config: { ...only("require-network-policy"), bulkhead: { closedWorld: true } } });
    expect(verdicts(closed.events, "mandatory")).toEqual(["require-network-policy kubernetes:apps/v1:Deployment::db", "require-network-policy kubernetes:apps/v1:Deployment::web"]);
  });

  test("is undecided where a policy of another kind may select the pods", async () => {
    const { events } = await program(`${workloads}
      const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } });
      deployment("web", "shop", { app: "web" });
      new k8s.apiextensions.CustomResource("cilium", { apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", metadata: { name: "web", namespace: "shop" }, spec: {} });
    `).judge({ config: only("require-network-policy") });
    expect(verdicts(events)).toEqual(["bulkhead-coverage pulumi:pulumi:Stack::program-test"]);
    expect(messages(events, "bulkhead-coverage")[0]).toContain('depends on CiliumNetworkPolicy "shop/web", a policy of a kind that no dialect reads: require-network-policy');
  });

  test("holds policies and networks against accepted flows, by the lockfile in the project's folder", async () => {
    const flow = (from: object, to: object, port: number): object => ({ from, to, protocol: "TCP", port, first: "2026-01-05", last: "2026-01-06" });
    const named = (name: string): object => ({ namespace: "shop", kind: "Deployment", name });
    const made = program(`${workloads}
      const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } });
      for (const name of ["web", "db"]) deployment(name, namespace.metadata.name, { app: name });
      const rule = (name: string, spec: any) => new k8s.networking.v1.NetworkPolicy(name, { metadata: { name, namespace: "shop" }, spec });
      rule("deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
      rule("web", { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Egress"], egress: [{ to: [{ podSelector: { matchLabels: { app: "db" } } }], ports: [{ port: 5432 }, { port: 22 }] }] });
      const provider = new docker.Provider("docker", { disableDockerDaemonCheck: true });
      const network = new docker.Network("front", { name: "front" }, { provider });
      for (const name of ["proxy", "app", "cache"]) new docker.Container(name, { name, image: "registry.example.com/app", networksAdvanced: [{ name: network.name }] }, { provider });
    `);
    const lock = { version: 1, edges: [flow(named("web"), named("db"), 5432), flow({ container: "proxy" }, { container: "app" }, 8080), flow({ container: "proxy" }, { container: "cache" }, 6379)], workloads: [] };
    const without = await made.judge({ config: only("policies-match-flows") });
    expect(verdicts(without.events, "mandatory")).toEqual([]);
    expect(messages(without.events, "bulkhead-coverage")[0]).toContain("policies-match-flows: there is no lockfile of accepted flows (bulkhead.flows.json): bulkhead network learn --lock writes one");
    made.writeProgram("bulkhead.flows.json", JSON.stringify(lock));
    const { code, events } = await made.judge({ config: only("policies-match-flows") });
    expect(messages(events, "policies-match-flows").map((message) => message.split("\n", 2)).sort()).toEqual([
      ['Deployment "shop/db" must be let through what accepted flows need: TCP 5432 from Deployment shop/web (isolated by NetworkPolicy shop/deny, and none of their rules fits)', "  setting: spec.template.metadata.labels"],
      ['Network "front" must not join containers that no accepted flow joins: Container "app" and Container "cache"', "  setting: name"],
      ['NetworkPolicy "shop/web" must not let through what no accepted flow needs: spec.egress[0].ports[1] (TCP 22)', "  setting: spec.egress[0].ports[1]"],
    ]);
    expect(code).not.toBe(0);
    made.writeProgram("bulkhead.flows.json", JSON.stringify({ ...lock, version: 7 }));
    const refused = await made.judge({ config: only("policies-match-flows") });
    expect(messages(refused.events, "policies-match-flows").map((message) => message.split("\n", 1)[0])).toEqual(["the program must have a lockfile of accepted flows that can be read: bulkhead.flows.json: version: expected 1, found 7"]);
    const late = await made.judge({ config: { ...only("policies-match-flows"), bulkhead: { flows: { lockfile: 7 } } } });
    expect(messages(late.events, "bulkhead").join()).toContain("bulkhead.flows.lockfile: expected text that is not empty, found a number");
  });

  test("judges the instance metadata by all policies together, those of the cluster among them", async () => {
    const { events } = await program(`${workloads}
      const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } });
      for (const name of ["web", "db", "job"]) deployment(name, namespace.metadata.name, { app: name });
      const rule = (name: string, app: string, egress: any) => new k8s.networking.v1.NetworkPolicy(name, { metadata: { name, namespace: "shop" }, spec: { podSelector: { matchLabels: { app } }, policyTypes: ["Egress"], egress } });
      const out = (cidr: string) => ({ to: [{ ipBlock: { cidr } }], ports: [{ port: 80 }] });
      rule("web", "web", [out("10.0.0.0/8")]);
      rule("web-too", "web", [out("169.254.169.254/32")]);
      rule("job", "job", [out("169.254.0.0/16")]);
      rule("db", "db", []);
      new k8s.apiextensions.CustomResource("cluster", { apiVersion: "policy.networking.k8s.io/v1alpha2", kind: "ClusterNetworkPolicy", metadata: { name: "metadata" }, spec: { tier: "Admin", priority: 1, subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: "job" } } } }, egress: [{ action: "Deny", to: [{ networks: ["169.254.169.254/32"] }] }] } });
    `).judge({ config: only("no-metadata-egress") });
    expect(messages(events, "no-metadata-egress").map((message) => message.split("\n", 1)[0])).toEqual(['Deployment "shop/web" must not be let out to the instance metadata at 169.254.169.254, as it is by NetworkPolicy shop/web-too egress[0]']);
  });

  test("Docker networks: back ends on internal ones, shared by those who talk", async () => {
    const { code, events } = await program(`
      const provider = new docker.Provider("docker", { disableDockerDaemonCheck: true });
      const network = (name: string, internal: boolean) => new docker.Network(name, { name, internal }, { provider });
      const container = (name: string, networks: docker.Network[], more = {}) => new docker.Container(name, { name, image: "registry.example.com/app", networksAdvanced: networks.map((one) => ({ name: one.name })), ...more }, { provider });
      const [front, back] = [network("front", false), network("back", true)];
      container("web", [front, back], { ports: [{ internal: 80, external: 8080, ip: "127.0.0.1" }] });
      container("api", [back]);
      container("db", [back]);
      container("crawler", [front]);
    `).judge({ config: only("internal-backend-network", "no-crowded-network") });
    expect(verdicts(events, "mandatory")).toEqual(["internal-backend-network docker:index/container:Container::crawler", "no-crowded-network docker:index/network:Network::back"]);
    expect(code).not.toBe(0);
  });
});
