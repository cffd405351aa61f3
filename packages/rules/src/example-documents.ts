import type { Address, AnyRule, ExamplePair, Fragment, Model, Platform } from "@bulkhead/core";
import { isObject, readDocument } from "@bulkhead/core";
import { digest } from "./examples";
import { goodStacks } from "./example-stacks";

/** A container that satisfies the whole catalogue. */
export const goodContainer: Fragment = {
  name: "web",
  image: `registry.example.com/app:1.2.3@${digest}`,
  resources: { limits: { cpu: "500m", memory: "128Mi" } },
  securityContext: {
    allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true,
    capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" },
  },
};

/** A pod spec that satisfies the whole catalogue, without its containers. */
export const goodPod: Fragment = { automountServiceAccountToken: false, serviceAccountName: "api" };

/** Inputs of a docker.Container that satisfy the whole catalogue. */
export const goodDocker: Fragment = {
  name: "web",
  image: `registry.example.com/app:1.2.3@${digest}`,
  user: "10001:10001", readOnly: true, memory: 128, cpus: "0.5", init: true, networksAdvanced: [{ name: "backend" }],
  capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges:true"],
};

/** Inputs of a docker.Service that satisfy the whole catalogue, and what is merged into them. */
export function goodService(fragment: Fragment): Fragment {
  const containerSpec = { image: goodDocker["image"], user: "10001:10001", readOnly: true, init: true, capDrops: ["ALL"] };
  const taskSpec = { containerSpec, resources: { limits: { memoryBytes: 134217728, nanoCpus: 500000000 } }, networksAdvanceds: [{ name: "backend" }] };
  return merge({ name: "web", taskSpec }, fragment) as Fragment;
}

/** Objects are merged key by key, null removes a key, everything else replaces. */
export function merge(base: unknown, fragment: unknown): unknown {
  if (!isObject(base) || !isObject(fragment)) return structuredClone(fragment);
  const result: Record<string, unknown> = structuredClone({ ...base });
  for (const [key, value] of Object.entries(fragment)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

/** Whether a fragment belongs to the container, the pod or is a document of its own. */
export function placeOf(rule: AnyRule, pair: ExamplePair): "container" | "pod" | "document" | "stack" {
  if (pair.on !== undefined) return pair.on;
  if (rule.inventory === true) return "stack";
  return rule.about.some((about) => about === "container" || about === "image") ? "container" : "pod";
}

/** The documents of an example: a Deployment, a docker.Container, or the fragment itself. */
export function exampleModels(rule: AnyRule, platform: Platform, pair: ExamplePair, fragment: Fragment): readonly Model[] {
  const place = placeOf(rule, pair);
  if (place === "stack") return stackDocuments(platform, fragment).flatMap(({ value, address }) => readDocument(value, address));
  if (place === "document") return readDocument(fragment, pair.kind === undefined ? {} : { type: pair.kind, name: "example" });
  if (platform === "docker") return readDocument(merge(goodDocker, fragment), { type: "docker:index/container:Container", name: "web" });
  const container = place === "container" ? merge(goodContainer, fragment) : goodContainer;
  const spec = { ...(place === "pod" ? (merge(goodPod, fragment) as Fragment) : goodPod), containers: [container] };
  return readDocument({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "api", namespace: "shop" }, spec: { template: { spec } } });
}

/** The documents of a stack, a fragment merged into one that satisfies the whole catalogue; of Pulumi resources those with a type and properties. */
export function stackDocuments(platform: Platform, fragment: Fragment): readonly { readonly name: string; readonly value: unknown; readonly address: Address }[] {
  const documents = Object.entries(merge(goodStacks[platform], fragment) as Fragment);
  return documents.map(([name, document]) => {
    const { type, properties } = document as { readonly type?: unknown; readonly properties?: unknown };
    return typeof type === "string" ? { name, value: properties, address: { type, name } } : { name, value: document, address: {} };
  });
}
