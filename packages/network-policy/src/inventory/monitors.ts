import type { Monitor } from "../model/cluster";
import type { Selector } from "../model/policy";
import { below, holdsUnknown, integer, list, text, withoutNull } from "./place";

export function isMonitorKind(kind: string): kind is Monitor["kind"] {
  return kind === "ServiceMonitor" || kind === "PodMonitor";
}

/** monitoring.coreos.com/v1 ServiceMonitor and PodMonitor; undefined where it holds values that are not known yet. */
export function monitorOf(value: unknown, kind: Monitor["kind"], namespace: string, name: string): Monitor | undefined {
  const spec = below(value, "spec");
  if (holdsUnknown(spec)) return undefined;
  const where = below(spec, "namespaceSelector");
  const named = list(below(where, "matchNames")).flatMap((entry) => text(entry) ?? []);
  const endpoints = list(below(spec, kind === "ServiceMonitor" ? "endpoints" : "podMetricsEndpoints"));
  const ports = endpoints.flatMap((endpoint): Monitor["ports"] => {
    const port = text(below(endpoint, "port"));
    if (port !== undefined) return [{ port }];
    const target = integer(below(endpoint, "portNumber")) ?? integer(below(endpoint, "targetPort")) ?? text(below(endpoint, "targetPort"));
    return target === undefined ? [] : [{ target }];
  });
  return { kind, namespace, name, namespaces: below(where, "any") === true ? "any" : named.length > 0 ? named : [namespace], selector: withoutNull(below(spec, "selector") ?? {}) as Selector, ports };
}
