import { known, unknown } from "../field";
import type { Index } from "./buckets";
import type { Member, Tenancy, Workload } from "./members";

/** A namespace, and the member at which it is found. */
export interface Found {
  readonly tenancy: Tenancy;
  readonly member: Member;
}

/** The namespaces that the program makes, and those that its workloads name. */
export function tenancies({ buckets, floating }: Index): readonly Found[] {
  const named = [...buckets.values()].flatMap((bucket): readonly Found[] => {
    if (bucket.declared !== undefined) return [{ tenancy: bucket.declared, member: bucket.declared }];
    const first = bucket.workloads.reduce<Workload | undefined>((least, workload) => (least === undefined || workload.label < least.label ? workload : least), undefined);
    if (first === undefined) return [];
    const { resource, namespace, path } = first;
    const label = `the namespace "${bucket.name}" of ${first.label}`;
    return [{ member: first, tenancy: { about: "tenancy", resource, label, path, name: known(bucket.name, namespace.path), labels: unknown(namespace.path), mesh: unknown(namespace.path), declared: false } }];
  });
  return [...named, ...floating.tenancies.map((tenancy) => ({ tenancy, member: tenancy }))];
}
