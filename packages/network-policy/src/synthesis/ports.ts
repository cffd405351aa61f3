import type { ContainerPort, Protocol, Workload, WorkloadName } from "../model/cluster";
import { keyOf } from "./identify";
import { push } from "../maps";
import type { RulePort } from "./rules";
import type { Subject } from "./subjects";

/** Declared ports without a gap between them, from which on a rule names them as a range: those of FTP, media, some RPC. */
const leastRange = 8;
/** Clients and servers agree on it, whatever the pods call it. */
const dns = 53;

/** How a rule names a port of pods: by the name that all of them give it, so that the rule follows the program, as a range that they declare, or by its number. */
export function createPortNames(workloads: readonly Workload[]): (target: Subject | undefined, protocol: Protocol, port: number | undefined) => RulePort {
  const byName = new Map<string, Workload[]>();
  for (const workload of workloads) push(byName, keyOf(workload), workload);
  const portsOf = (name: WorkloadName): readonly (readonly ContainerPort[])[] => (byName.get(keyOf(name)) ?? []).map(({ ports }) => ports);
  return (target, protocol, port) => {
    if (port === undefined) return { protocol };
    if (target === undefined || port === dns) return { protocol, port };
    const declared = [...target.members, ...target.admits].flatMap(portsOf).map((ports) => ports.filter((own) => own.protocol === protocol));
    const [name, ...names] = declared.map((ports) => nameIn(ports, port));
    if (name !== undefined && names.every((other) => other === name)) return { protocol, port, name };
    const [range, ...ranges] = declared.map((ports) => rangeIn(ports, port));
    const isCommon = range !== undefined && ranges.every((other) => other?.first === range.first && other.last === range.last);
    return isCommon ? { protocol, port: range.first, endPort: range.last } : { protocol, port };
  };
}

function nameIn(ports: readonly ContainerPort[], port: number): string | undefined {
  const name = ports.find((own) => own.port === port)?.name;
  return name !== undefined && ports.every((own) => own.name !== name || own.port === port) ? name : undefined;
}

/** Of the declared ports those around this one without a gap. */
function rangeIn(ports: readonly ContainerPort[], port: number): { readonly first: number; readonly last: number } | undefined {
  const numbers = new Set(ports.map((own) => own.port));
  if (!numbers.has(port)) return undefined;
  let [first, last] = [port, port];
  while (numbers.has(first - 1)) first--;
  while (numbers.has(last + 1)) last++;
  return last - first + 1 >= leastRange ? { first, last } : undefined;
}
