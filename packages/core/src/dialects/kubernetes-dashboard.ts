import type { Field } from "../field";
import { isObject, known, knownValue, unknown, unsupported } from "../field";
import type { Node } from "../node";
import { at, isUnset, members, stringField, unreadable } from "../node";
import { collected } from "./collected";

/**
 * Annotations of ingress-nginx (docs/user-guide/nginx-configuration/annotations.md: of risk Critical) and of NGINX's own
 * controller that put text into what nginx reads.
 */
const snippet = /^(nginx\.ingress\.kubernetes\.io\/[a-z]+-snippet|nginx\.org\/(server|location)-snippets)$/;

export function snippetAnnotations(annotations: Node): Field<readonly string[]> {
  const unread = unreadable<readonly string[]>(annotations);
  if (unread !== undefined) return unread;
  const names = isObject(annotations.value) ? Object.keys(annotations.value).filter((name) => snippet.test(name) && !isUnset(at(annotations, name))) : [];
  return collected(names, annotations);
}

/** Labels by which a selector names an app. */
const appLabels = ["app", "k8s-app", "app.kubernetes.io/name"];

/** A ClusterIP, which is the default, and the name of an ExternalName let nothing in. */
export function exposedByService(root: Node): Field<readonly string[]> {
  const type = stringField(at(root, "spec", "type"));
  if (type.state === "unsupported") return unsupported(type.path, type.reason);
  if (type.state === "unset" || (type.state === "value" && !/^(NodePort|LoadBalancer)$/.test(type.value))) return known([], type.path);
  const selector = at(root, "spec", "selector");
  const places = [at(root, "metadata", "name"), ...appLabels.map((label) => at(selector, label))].map((place) => stringField(place));
  const names = places.flatMap((name) => knownValue(name) ?? []);
  const open = places.find(({ state }) => state === "unknown");
  if (type.state === "unknown") return unknown(type.path);
  return names.length === 0 && open !== undefined ? unknown(open.path) : { ...known([...new Set(names)], type.path), ...(open === undefined ? {} : { partial: true }) };
}

/** `serviceName` is what extensions/v1beta1 calls it. */
export function exposedByIngress(spec: Node): Field<readonly string[]> {
  const rules = members(at(spec, "rules"));
  const paths = rules.items.map((rule) => members(at(rule, "http", "paths")));
  const backends = [at(spec, "defaultBackend"), at(spec, "backend"), ...paths.flatMap(({ items }) => items).map((path) => at(path, "backend"))];
  const fields = backends.flatMap((backend) => [stringField(at(backend, "service", "name")), stringField(at(backend, "serviceName"))]);
  const names = fields.flatMap((name) => knownValue(name) ?? []);
  const isOpen = rules.unknown || paths.some(({ unknown: all }) => all) || fields.some(({ state }) => state === "unknown");
  return collected([...new Set(names)], at(spec, "rules"), isOpen ? at(spec, "rules") : undefined);
}
