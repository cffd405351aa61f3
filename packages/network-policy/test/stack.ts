/** Documents as rules about the stack see them, with an evaluator of policies to ask. */
import type { EvaluationContext, Field } from "@bulkhead/core";
import { readDocument } from "@bulkhead/core";
import { createInventory } from "../../core/src/inventory/inventory";
import type { Member, MemberByAbout } from "../../core/src/inventory/members";
import { networkOf } from "../src/stack/open";

export type Stack = ReturnType<typeof createInventory> & { readonly one: <A extends Member["about"]>(about: A, name?: string) => MemberByAbout[A] };

/** `flows`: a lockfile, as JSON has parsed it. A document with `type` and `properties` is a resource of a program. */
export function stackOf(documents: readonly unknown[], { flows, incomplete, ...context }: EvaluationContext & { readonly flows?: unknown; readonly incomplete?: string } = {}): Stack {
  const models = documents.flatMap((document) => {
    const { type, properties, name } = document as { readonly type?: string; readonly properties?: unknown; readonly name?: string };
    return type === undefined ? readDocument(document) : readDocument(properties, { type, name: name ?? "example" });
  });
  const members = models.flatMap((model) => model.members ?? []);
  const inventory = createInventory(members, models.flatMap((model) => model.gaps ?? []), { ...context, network: networkOf(flows) }, incomplete);
  return {
    ...inventory,
    one: (about, name) => {
      const found = members.find((member) => member.about === about && (name === undefined || member.resource.name === name));
      if (found === undefined) throw new Error(`no ${about} ${name ?? ""}`);
      return found as never;
    },
  };
}

export const namespace = (name: unknown = "shop", labels: unknown = {}): object => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
export const deployment = (name: unknown, labels: unknown = { app: name }, spec: object = {}, ns: unknown = "shop"): object => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: ns }, spec: { template: { metadata: { labels }, spec: { containers: [], ...spec } } } });
export const policy = (spec: object, name = "policy", ns: unknown = "shop"): object => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace: ns }, spec });
export const clusterPolicy = (spec: unknown, kind = "ClusterNetworkPolicy", version = kind === "ClusterNetworkPolicy" ? "v1alpha2" : "v1alpha1"): object => ({ apiVersion: `policy.networking.k8s.io/${version}`, kind, metadata: { name: "cluster" }, spec });

/** A field in one word: its value, or how it is not known. */
export function short<T>(field: Field<T>, say: (value: T) => unknown = (value) => value): unknown {
  if (field.state === "value") return field.partial === true ? [say(field.value), "or more"] : say(field.value);
  return field.state === "unknown" && field.elsewhere === true ? "elsewhere" : field.state;
}
