import type { Field } from "../field";
import { elsewhere, known, knownValue, unknown } from "../field";
import type { Index, SelectorIndex } from "./buckets";
import { defaultNamespace, indexSelectors, selecting } from "./buckets";
import type { ClusterService, RouteBackend, TrafficRoute } from "./members";
import type { Selector } from "./selector";
import { otherSetting } from "./selector";
import type { Sharer } from "./shared";

/** A Service that is, or may be, reached from outside. */
interface Entrance {
  readonly selector: Field<Selector>;
  /** In words; none where it is only perhaps reached. */
  readonly ways: readonly string[];
}

export interface ExposureIndex {
  readonly byNamespace: ReadonlyMap<string, SelectorIndex<Entrance>>;
  /** Whether a Service of no namespace that is known may be reached from outside. */
  readonly loose: boolean;
}

/** What Services the routes lead to. */
interface Targets {
  /** The label of a route by namespace and Service. */
  readonly routes: ReadonlyMap<string, string>;
  /** Namespaces in which a route leads to a Service that is not known, or to one by name. */
  readonly open: ReadonlySet<string>;
  readonly named: ReadonlySet<string>;
  /** Whether a route may lead to any Service. */
  readonly anywhere: boolean;
}

const keyOf = (namespace: string, service: string): string => `${namespace}\u0000${service}`;
const namespaceOf = (field: Field<string>): string | undefined => (field.state === "unknown" || field.state === "unsupported" ? undefined : knownValue(field) || defaultNamespace);

export function indexExposures({ services, routes }: Pick<Index, "services" | "routes">): ExposureIndex {
  const targets = targetsOf(routes);
  const lists = new Map<string, Entrance[]>();
  let loose = false;
  for (const service of services) {
    const { selector } = service;
    if (selector.state === "unset") continue;
    const namespace = namespaceOf(service.namespace);
    const ways = waysTo(service, namespace, targets);
    if (ways === undefined) continue;
    const entrance: Entrance = { selector, ways };
    if (namespace === undefined) loose = true;
    else if (lists.has(namespace)) lists.get(namespace)?.push(entrance);
    else lists.set(namespace, [entrance]);
  }
  return { byNamespace: new Map([...lists].map(([namespace, list]) => [namespace, indexSelectors(list)])), loose };
}

function targetsOf(all: readonly TrafficRoute[]): Targets {
  const routes = new Map<string, string>();
  const [open, named] = [new Set<string>(), new Set<string>()];
  let anywhere = false;
  const namespaceOfBackend = ({ namespace }: RouteBackend, own: Field<string>): string | undefined => namespaceOf(namespace.state === "unset" ? own : namespace);
  for (const { namespace: own, backends, label } of all) {
    for (const backend of backends) {
      const namespace = namespaceOfBackend(backend, own);
      const service = knownValue(backend.service);
      if (namespace === undefined) anywhere = true;
      else if (service === undefined) open.add(namespace);
      else {
        named.add(namespace);
        if (!routes.has(keyOf(namespace, service))) routes.set(keyOf(namespace, service), label);
      }
    }
  }
  return { routes, open, named, anywhere };
}

/** How a Service is reached; an empty list where it may be, undefined where it is not. */
function waysTo({ name, exposures, label }: ClusterService, namespace: string | undefined, { routes, open, named, anywhere }: Targets): readonly string[] | undefined {
  const service = knownValue(name);
  const route = namespace === undefined || service === undefined ? undefined : routes.get(keyOf(namespace, service));
  const ways = [...(knownValue(exposures) ?? []), ...(route === undefined ? [] : [`the ${route} and the ${label}`])];
  if (ways.length > 0) return ways;
  const isOwnOpen = exposures.state !== "value" || exposures.partial === true;
  const isRouted = anywhere || (namespace === undefined ? named.size + open.size > 0 : open.has(namespace) || (service === undefined && named.has(namespace)));
  return isOwnOpen || isRouted ? [] : undefined;
}

const openOf = <T>(field: Field<T>): Field<never> => unknown(field.path, field.state === "value" || field.state === "unknown" ? field.reason : undefined);

/**
 * How containers are reached from outside. What is certain counts, whatever else there may be. `missing` says why there
 * may be Services or routes of a namespace that are not in view.
 */
export function exposuresOf(sharer: Sharer, index: ExposureIndex, missing: (namespace: string) => string | undefined): Field<readonly string[]> {
  const { exposures: own } = sharer;
  if (own.state === "value" && own.value.length > 0) return known(own.value, own.path);
  if (sharer.about === "attachment") return own.state === "value" && own.partial !== true ? own : openOf(own);
  const { labels, namespace: field } = sharer;
  const namespace = namespaceOf(field);
  if (namespace === undefined) return unknown(field.path, field.state === "unknown" ? field.reason : undefined);
  const { certain, perhaps } = selecting(index.byNamespace.get(namespace) ?? indexSelectors<Entrance>([]), labels);
  const ways = [...new Set(certain.flatMap((entrance) => entrance.ways))].sort();
  if (ways.length > 0) return known(ways, labels.path);
  if (own.state !== "value" || own.partial === true) return openOf(own);
  if (certain.length + perhaps.length > 0 || index.loose) return labels.state === "unknown" ? unknown(labels.path, labels.reason) : unknown(labels.path, otherSetting);
  const why = missing(namespace);
  return why === undefined ? known([], labels.path) : elsewhere(labels.path, why);
}
