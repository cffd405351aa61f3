import type { Entry } from "../model/cluster";
import { below, integer, list, text } from "./place";

const routes = new Set(["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"]);

export function isEntryKind(kind: string): boolean {
  return kind === "Ingress" || kind === "Route" || routes.has(kind);
}

/** The Services that an Ingress, a route of a Gateway, or a Route of OpenShift leads to. */
export function entriesOf(value: unknown, kind: string, namespace: string, name: string): readonly Entry[] {
  const spec = below(value, "spec");
  const served = text(below(spec, "ingressClassName")) ?? text(below(value, "metadata", "annotations", "kubernetes.io/ingress.class")) ?? text(below(list(below(spec, "parentRefs"))[0], "name"));
  const found = kind === "Ingress" ? ingress(spec) : kind === "Route" ? openshift(spec) : gateway(spec);
  const unique = new Map(found.flatMap(({ service, port, where }) => {
    if (service === undefined) return [];
    const entry: Entry = { kind, namespace, name, ...(served === undefined ? {} : { class: served }), service: { namespace: where ?? namespace, name: service, port: port ?? 0 } };
    return [[JSON.stringify(entry), entry] as const];
  }));
  return [...unique.values()];
}

interface Backend {
  readonly service: string | undefined;
  readonly where?: string | undefined;
  readonly port: number | string | undefined;
}

/** Also the older `serviceName` and `servicePort` of extensions/v1beta1. */
function ingress(spec: unknown): readonly Backend[] {
  const paths = list(below(spec, "rules")).flatMap((rule) => list(below(rule, "http", "paths")).map((path) => below(path, "backend")));
  return [below(spec, "defaultBackend"), below(spec, "backend"), ...paths].map((backend) => {
    const port = below(backend, "service", "port");
    const older = below(backend, "servicePort");
    return { service: text(below(backend, "service", "name")) ?? text(below(backend, "serviceName")), port: integer(below(port, "number")) ?? text(below(port, "name")) ?? integer(older) ?? text(older) };
  });
}

function gateway(spec: unknown): readonly Backend[] {
  return list(below(spec, "rules")).flatMap((rule) => list(below(rule, "backendRefs"))).filter((reference) => (below(reference, "kind") ?? "Service") === "Service").map((reference) => ({ service: text(below(reference, "name")), where: text(below(reference, "namespace")), port: integer(below(reference, "port")) }));
}

/** Its port is the target port: a number or the name of a port of the Service. */
function openshift(spec: unknown): readonly Backend[] {
  const target = below(spec, "port", "targetPort");
  return [below(spec, "to"), ...list(below(spec, "alternateBackends"))].filter((backend) => (below(backend, "kind") ?? "Service") === "Service").map((backend) => ({ service: text(below(backend, "name")), port: integer(target) ?? text(target) }));
}
