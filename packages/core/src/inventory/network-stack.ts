import type { Field } from "../field";
import { known, knownValue } from "../field";
import type { NetworkStack, Selectable } from "../network/source";
import type { Bucket, Index } from "./buckets";
import { defaultNamespace, nameLabel, policiesSelecting } from "./buckets";
import type { TrafficPolicy } from "./members";
import type { Labels } from "./selector";

/** A namespace that is made elsewhere may have any label beside its name. */
export function labelsOf({ name, declared }: Pick<Bucket, "name" | "declared">): Field<Labels> {
  const labels = declared?.labels;
  const own = labels?.state === "value" ? labels.value : new Map<string, string>();
  return { ...known(new Map([...own, [nameLabel, name]]), []), ...(labels?.state === "value" ? {} : { partial: true }) };
}

/** What of a stack says who may talk to whom. `absence`: why policies of a namespace may stand elsewhere. */
export function networkStack(index: Index, absence: NetworkStack["absence"], incomplete: string | undefined): NetworkStack {
  const { buckets, floating, workloads, clusterPolicies, attachments, networks } = index;
  const policies: readonly TrafficPolicy[] = [...[...buckets.values()].flatMap((bucket) => bucket.policies), ...floating.policies];
  const policiesOf = ({ namespace, labels }: Selectable): ReturnType<NetworkStack["policiesOf"]> => {
    if (namespace.state === "unknown") return { certain: [], perhaps: policies };
    const bucket = buckets.get(knownValue(namespace) || defaultNamespace);
    if (bucket === undefined) return { certain: [], perhaps: floating.policies };
    const { certain, perhaps } = policiesSelecting(bucket, labels);
    return { certain, perhaps: [...perhaps, ...floating.policies] };
  };
  const labels = new Map<string, Field<Labels>>();
  const namespaceLabels = (name: string): Field<Labels> => {
    const found = labels.get(name) ?? labelsOf(buckets.get(name) ?? { name, declared: undefined });
    labels.set(name, found);
    return found;
  };
  return { workloads, policies, clusterPolicies, attachments, networks, policiesOf, namespaceLabels, absence, incomplete };
}
