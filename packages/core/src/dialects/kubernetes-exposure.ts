import type { Field } from "../field";
import { isObject, known, knownValue, unknown, unset } from "../field";
import type { ClusterService, RouteBackend, TrafficRoute, Workload } from "../inventory/members";
import type { Selector } from "../inventory/selector";
import { labelsField } from "../inventory/selector";
import type { Resource } from "../model/subject";
import type { Node } from "../node";
import { at, isUnset, members, stringField, stringsField } from "../node";
import { quoted } from "./common";
import type { PodSubjects } from "./kubernetes-pod";
import { ownExposures, runImages, takenPorts } from "./reachable";

/** What of a pod's containers concerns who reaches them; nothing is known of a pod spec that is not known. */
export function podReach(spec: Node, found: PodSubjects | undefined): Pick<Workload, "images" | "exposures"> {
  const { path } = at(spec, "containers");
  const pod = found?.subjects.find((subject) => subject.about === "pod");
  if (found === undefined || pod === undefined) return { images: unknown(spec.path, spec.reason), exposures: unknown(spec.path, spec.reason) };
  const isOpen = found.holes.some(({ about }) => about.includes("container"));
  return { images: runImages(found.subjects, path, isOpen), exposures: ownExposures(pod, takenPorts(found.subjects, path, isOpen)) };
}

export function serviceMember(root: Node, resource: Resource): ClusterService {
  const spec = at(root, "spec");
  const name = stringField(at(root, "metadata", "name"));
  return {
    about: "clusterService", resource, label: quoted(resource), path: root.path,
    name: name.state === "value" ? name : unknown(name.path),
    namespace: stringField(at(root, "metadata", "namespace")),
    selector: serviceSelector(at(spec, "selector"), stringField(at(spec, "type"))),
    exposures: serviceExposures(spec, resource),
  };
}

/** Without a selector a Service has the endpoints that others give to it, and ExternalName has none. */
function serviceSelector(place: Node, type: Field<string>): Field<Selector> {
  const labels = labelsField(place);
  if (knownValue(type) === "ExternalName" || (labels.state === "value" && labels.value.size === 0)) return unset(place.path);
  if (labels.state !== "value") return labels as Field<never>;
  const entries = [...labels.value];
  const requirements = entries.flatMap(([key, value]): Selector => (value === undefined ? [] : [{ key, operator: "In", values: [value] }]));
  return { ...known(requirements, place.path), ...(requirements.length < entries.length ? { partial: true } : {}) };
}

const outerTypes = new Set(["NodePort", "LoadBalancer"]);

function serviceExposures(spec: Node, resource: Resource): Field<readonly string[]> {
  const type = stringField(at(spec, "type"));
  const addresses = stringsField(at(spec, "externalIPs"));
  const ways = [
    ...(type.state === "value" && outerTypes.has(type.value) ? [`the ${type.value} ${quoted(resource)}`] : []),
    ...(addresses.state === "value" && addresses.value.length > 0 ? [`the external addresses of the ${quoted(resource)}`] : []),
  ];
  if (ways.length > 0) return known(ways, spec.path);
  const isKnownType = type.state === "unset" || (type.state === "value" && /^(ClusterIP|ExternalName)$/.test(type.value));
  const isOpen = !isKnownType || addresses.state === "unknown" || addresses.state === "unsupported" || (addresses.state === "value" && addresses.partial === true);
  return isOpen ? unknown(type.path) : known([], spec.path);
}

export function ingressMember(root: Node, resource: Resource): TrafficRoute {
  const spec = at(root, "spec");
  const own = unset<string>(root.path);
  // `serviceName` is that of the API versions before networking.k8s.io/v1, and their default is `backend`.
  const backend = (place: Node): readonly RouteBackend[] => {
    if (isUnset(place)) return [];
    const [name, older] = [stringField(at(place, "service", "name")), stringField(at(place, "serviceName"))];
    if (name.state === "unset" && older.state === "unset") return isUnset(at(place, "resource")) ? [{ service: unknown(place.path), namespace: own }] : [];
    return [{ service: name.state === "unset" ? older : name, namespace: own }];
  };
  const rules = eachOf(at(spec, "rules"), own, (rule) => eachOf(at(rule, "http", "paths"), own, (path) => backend(at(path, "backend"))));
  return { about: "trafficRoute", resource, label: quoted(resource), path: root.path, namespace: stringField(at(root, "metadata", "namespace")), backends: [...backend(at(spec, "defaultBackend")), ...backend(at(spec, "backend")), ...rules] };
}

/** What a list holds; one backend of which nothing is known, but perhaps the namespace, where the list or a member of it is not known. */
function eachOf(list: Node, namespace: Field<string>, read: (item: Node) => readonly RouteBackend[]): readonly RouteBackend[] {
  const { items, unknown: isOpen } = members(list);
  const open: RouteBackend = { service: unknown(list.path), namespace };
  return isOpen ? [open] : items.flatMap((item) => (isObject(item.value) ? read(item) : [open]));
}

/** The routes of the Gateway API that lead to Services. */
const routeKinds = /^(HTTP|GRPC|TCP|TLS|UDP)Route$/;

export function isGatewayRoute(group: string, kind: string): boolean {
  return group === "gateway.networking.k8s.io" && routeKinds.test(kind);
}

/** A backend in another namespace counts whether or not a ReferenceGrant allows it. */
export function gatewayRouteMember(root: Node, resource: Resource): TrafficRoute {
  const spec = at(root, "spec");
  const anywhere = unknown<string>(spec.path);
  const reference = (place: Node): readonly RouteBackend[] => {
    const [kind, group] = [stringField(at(place, "kind")), stringField(at(place, "group"))];
    if ((kind.state === "value" && kind.value !== "Service") || (group.state === "value" && group.value !== "")) return [];
    return [{ service: stringField(at(place, "name")), namespace: stringField(at(place, "namespace")) }];
  };
  // A mirrored request reaches its backend as well.
  const mirrored = (filter: Node): readonly RouteBackend[] => (isUnset(at(filter, "requestMirror")) ? [] : reference(at(filter, "requestMirror", "backendRef")));
  const backends = isOfMesh(at(spec, "parentRefs")) ? [] : eachOf(at(spec, "rules"), anywhere, (rule) => [
    ...eachOf(at(rule, "backendRefs"), anywhere, (item) => [...reference(item), ...eachOf(at(item, "filters"), anywhere, mirrored)]),
    ...eachOf(at(rule, "filters"), anywhere, mirrored),
  ]);
  return { about: "trafficRoute", resource, label: quoted(resource), path: root.path, namespace: stringField(at(root, "metadata", "namespace")), backends };
}

/** A route whose parents are Services directs what is sent within the cluster (Gateway API, GAMMA). */
function isOfMesh(parents: Node): boolean {
  const { items, unknown: isOpen } = members(parents);
  return !isOpen && items.length > 0 && items.every((parent) => at(parent, "kind").value === "Service");
}
