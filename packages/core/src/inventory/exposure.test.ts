import { describe, expect, test } from "vitest";
import type { EvaluationContext } from "../context";
import { readDocument } from "../dialects/read";
import { UNKNOWN } from "../field";
import { createInventory } from "./inventory";
import type { Sharer } from "./shared";

/** How each workload is reached, by name. */
function reached(documents: readonly unknown[], context: EvaluationContext = {}, incomplete?: string): unknown {
  const models = documents.flatMap((document) => {
    const { type, properties } = document as { readonly type?: string; readonly properties?: unknown };
    return type === undefined ? readDocument(document) : readDocument(properties, { type, name: "example" });
  });
  const members = models.flatMap((model) => model.members ?? []);
  const { exposures } = createInventory(members, models.flatMap((model) => model.gaps ?? []), context, incomplete);
  const sharers = members.filter((member): member is Sharer => member.about === "workload" || member.about === "attachment");
  return Object.fromEntries(sharers.map((sharer) => {
    const field = exposures(sharer);
    return [sharer.resource.name, field.state === "value" ? field.value : field.state === "unknown" && field.elsewhere === true ? "elsewhere" : field.state];
  }));
}

const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const deployment = (labels: unknown, spec: object = {}, ns: unknown = "shop"): object => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: ns }, spec: { template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "app" }], ...spec } } } });
const web = deployment({ app: "web" });
const service = (spec: object, name: unknown = "web", ns: unknown = "shop"): object => ({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: ns }, spec: { selector: { app: "web" }, ...spec } });
const inner = service({});
const ingress = (spec: object, ns: unknown = "shop", apiVersion = "networking.k8s.io/v1"): object => ({ apiVersion, kind: "Ingress", metadata: { name: "in", namespace: ns }, spec });
const backend = { service: { name: "web", port: { number: 80 } } };
const paths = (item: unknown): object => ({ rules: [{ http: { paths: [{ backend: item }] } }] });
const route = (spec: object, ns: unknown = "shop", kind = "HTTPRoute"): object => ({ apiVersion: "gateway.networking.k8s.io/v1", kind, metadata: { name: "r", namespace: ns }, spec: { parentRefs: [{ name: "g" }], ...spec } });
const to = (...backendRefs: unknown[]): object => ({ rules: [{ backendRefs }] });
const byIngress = 'the Ingress "shop/in" and the Service "shop/web"';
const byRoute = 'the HTTPRoute "shop/r" and the Service "shop/web"';

describe("pods are reached from outside", () => {
  test.each<readonly [string, readonly unknown[], unknown]>([
    ["not without a Service", [web], []],
    ["not by one of the cluster", [web, inner], []],
    ["by node ports", [web, service({ type: "NodePort" })], ['the NodePort Service "shop/web"']],
    ["by a load balancer", [web, service({ type: "LoadBalancer" })], ['the LoadBalancer Service "shop/web"']],
    ["by external addresses", [web, service({ externalIPs: ["192.0.2.1"] })], ['the external addresses of the Service "shop/web"']],
    ["not by one for other pods", [web, service({ type: "NodePort", selector: { app: "db" } })], []],
    ["not by one without a selector", [web, service({ type: "NodePort", selector: {} })], []],
    ["not by one in another namespace", [web, service({ type: "NodePort" }, "web", "other")], []],
    ["not by an external name", [web, service({ type: "ExternalName" }), ingress({ defaultBackend: backend })], []],
    ["by two", [web, service({ type: "NodePort" }), service({ type: "LoadBalancer" }, "also")], ['the LoadBalancer Service "shop/also"', 'the NodePort Service "shop/web"']],
    ["perhaps, by a type that is not known", [web, service({ type: UNKNOWN })], "unknown"],
    ["perhaps, by a selector that is not known", [web, service({ type: "NodePort", selector: UNKNOWN })], "unknown"],
    ["perhaps, by a label of a selector", [web, service({ type: "NodePort", selector: { app: UNKNOWN } })], "unknown"],
    ["not, where another label rules it out", [web, service({ type: "NodePort", selector: { app: "db", tier: UNKNOWN } })], []],
    ["perhaps, by labels that are not known", [deployment(UNKNOWN), service({ type: "NodePort" })], "unknown"],
    ["perhaps, by a Service of a namespace that is not known", [web, service({ type: "NodePort" }, "web", UNKNOWN)], "unknown"],
    ["whatever else may be, by what is known", [web, service({ type: UNKNOWN }, "other"), service({ type: "NodePort" })], ['the NodePort Service "shop/web"']],
    ["by a port of the host", [deployment({}, { containers: [{ name: "c", image: "app", ports: [{ containerPort: 80, hostPort: 8080 }] }] })], ["port 8080 of its host"]],
    ["not by a port of the container", [deployment({}, { containers: [{ name: "c", image: "app", ports: [{ containerPort: 80 }] }] })], []],
    ["by the host's network", [deployment({}, { hostNetwork: true })], ["the network of its host"]],
    ["perhaps by the host's network", [deployment({}, { hostNetwork: UNKNOWN })], "unknown"],
    ["perhaps by a container that is not known", [deployment({}, { containers: [UNKNOWN] })], "unknown"],
    ["by an Ingress", [web, inner, ingress(paths(backend))], [byIngress]],
    ["by an Ingress of an older version", [web, inner, ingress(paths({ serviceName: "web", servicePort: 80 }), "shop", "extensions/v1beta1")], [byIngress]],
    ["by the default backend", [web, inner, ingress({ defaultBackend: backend })], [byIngress]],
    ["not by an Ingress to another Service", [web, inner, ingress(paths({ service: { name: "db" } }))], []],
    ["not by an Ingress of another namespace", [web, inner, ingress(paths(backend), "other")], []],
    ["perhaps, by rules that are not known", [web, inner, ingress({ rules: UNKNOWN })], "unknown"],
    ["perhaps, by a backend that is not known", [web, inner, ingress(paths({ service: { name: UNKNOWN } }))], "unknown"],
    ["perhaps, by a Service whose name is not known", [web, service({}, UNKNOWN), ingress(paths(backend))], "unknown"],
    ["perhaps, by an Ingress of a namespace that is not known", [web, inner, ingress(paths(backend), UNKNOWN)], "unknown"],
    ["by a route", [web, inner, route(to({ name: "web" }))], [byRoute]],
    ["by a route of gRPC in another namespace", [web, inner, route(to({ name: "web", namespace: "shop" }), "gateways", "GRPCRoute")], ['the GRPCRoute "gateways/r" and the Service "shop/web"']],
    ["by a route that mirrors", [web, inner, route({ rules: [{ filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name: "web" } } }] }] })], [byRoute]],
    ["not by a route of another namespace", [web, inner, route(to({ name: "web" }), "gateways")], []],
    ["not by a route to another kind", [web, inner, route(to({ name: "web", kind: "Bucket", group: "example.com" }))], []],
    ["not by a route within the cluster", [web, inner, route({ parentRefs: [{ kind: "Service", group: "", name: "web" }], ...to({ name: "web" }) })], []],
    ["perhaps, by a backend of a namespace that is not known", [web, inner, route(to({ name: "web", namespace: UNKNOWN }), "gateways")], "unknown"],
    ["perhaps, by what a route leads to anywhere", [web, inner, route({ rules: UNKNOWN }, "gateways")], "unknown"],
  ])("%s", (_, documents, ways) => {
    expect(reached([namespace, ...documents])).toEqual({ web: ways });
  });

  test("what is not in the program may reach them", () => {
    expect(reached([web, inner])).toEqual({ web: "elsewhere" });
    expect(reached([web, inner], { closedWorld: true })).toEqual({ web: [] });
    expect(reached([namespace, web], {}, "a file was not read")).toEqual({ web: "elsewhere" });
    expect(reached([namespace, web, { apiVersion: "traefik.io/v1alpha1", kind: "IngressRoute", metadata: { name: "in", namespace: "shop" }, spec: { routes: [{ services: [{ name: "web" }] }] } }])).toEqual({ web: "elsewhere" });
  });

  test("a Patch of a Service says only a part of it", () => {
    expect(reached([namespace, web, { type: "kubernetes:core/v1:ServicePatch", properties: { metadata: { name: "web", namespace: "shop" }, spec: { sessionAffinity: "None" } } }])).toEqual({ web: "unknown" });
  });
});

const container = (properties: object): object => ({ type: "docker:index/container:Container", properties: { name: "web", image: "app", ...properties } });
const swarm = (spec: object): object => ({ type: "docker:index/service:Service", properties: { name: "web", taskSpec: { containerSpec: { image: "app" } }, ...spec } });
const project = (properties: object): object => ({ type: "compose", properties: { services: { web: { image: "app", ...properties } } } });
const everywhere = ["a port that is published on 0.0.0.0"];

describe("containers are reached from outside of the host", () => {
  test.each<readonly [string, object, unknown]>([
    ["without ports", container({}), []],
    ["on every interface", container({ ports: [{ internal: 80 }] }), everywhere],
    ["on the loopback", container({ ports: [{ internal: 80, ip: "127.0.0.1" }, { internal: 81, ip: "::1" }] }), []],
    ["on the loopback and perhaps elsewhere", container({ ports: [{ internal: 80, ip: "127.0.0.1" }, { internal: 81, ip: UNKNOWN }] }), "unknown"],
    ["on an address that begins like the loopback", container({ ports: [{ internal: 80, ip: "127.0.0.1.example" }] }), ["a port that is published on 127.0.0.1.example"]],
    ["by all ports of the image", container({ publishAllPorts: true }), everywhere],
    ["on the host's network", container({ networkMode: "host" }), ["the network of its host"]],
    ["on another's network", container({ networkMode: "container:db" }), "unknown"],
    ["a service of a swarm", swarm({}), []],
    ["a published service of a swarm", swarm({ endpointSpec: { ports: [{ targetPort: 80 }] } }), ["a port that is published on every interface"]],
    ["a service of a project", project({}), []],
    ["a published service of a project", project({ ports: ["80"] }), everywhere],
    ["one on the loopback", project({ ports: ["127.0.0.1:80:80", "[::1]:81:81"] }), []],
    ["one on another's network", project({ network_mode: "service:db" }), "unknown"],
    ["one on the host's", project({ network_mode: "host" }), ["the network of its host"]],
    ["one of which nothing is known", project({ ports: UNKNOWN }), "unknown"],
  ])("%s", (_, document, ways) => {
    expect(reached([document])).toEqual({ web: ways });
  });
});
