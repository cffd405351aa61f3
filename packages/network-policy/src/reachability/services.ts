import type { Cluster, Protocol, Service, Workload } from "../model/cluster";
import { selects } from "./selector";

/** A port of a workload's pods that a port of a Service leads to. */
export interface Backend {
  readonly workload: Workload;
  readonly protocol: Protocol;
  readonly port: number;
}

/**
 * Where a connection to a Service ends: at the pods that it selects, on the target port, by name per pod. `port` is a
 * number or the name of a port of the Service. Empty where it has no such port, or selects nothing; pods on their node's
 * network are among them.
 */
export function backends({ services, workloads }: Pick<Cluster, "services" | "workloads">, name: { readonly namespace: string; readonly name: string }, port: number | string, protocol?: Protocol): readonly Backend[] {
  const service = services.find((other) => other.namespace === name.namespace && other.name === name.name);
  if (service?.selector === undefined || Object.keys(service.selector).length === 0) return [];
  const selected = workloads.filter((workload) => workload.namespace === service.namespace && selects({ matchLabels: service.selector ?? {} }, workload.labels));
  return portsOf(service, port, protocol).flatMap(({ targetPort, protocol: own }) => selected.flatMap((workload) => {
    if (typeof targetPort === "number") return [{ workload, protocol: own, port: targetPort }];
    return workload.ports.filter((declared) => declared.name === targetPort && declared.protocol === own).map((declared) => ({ workload, protocol: own, port: declared.port }));
  }));
}

function portsOf({ ports }: Service, wanted: number | string, protocol: Protocol | undefined): Service["ports"] {
  return ports.filter(({ name, port, protocol: own }) => (typeof wanted === "number" ? port === wanted : name === wanted) && (protocol === undefined || protocol === own));
}
