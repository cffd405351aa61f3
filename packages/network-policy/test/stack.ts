/** Documents as rules about the stack see them, with an evaluator of policies to ask. */
import type { EvaluationContext, Field } from "@bulkhead/core";
import type { Stack } from "../../core/test/stack";
import { stackOf as gatherStack } from "../../core/test/stack";
import { networkOf } from "../src/stack/open";

export type { Stack };

/** `flows`: a lockfile, as JSON has parsed it. */
export function stackOf(documents: readonly unknown[], { flows, incomplete, ...context }: EvaluationContext & { readonly flows?: unknown; readonly incomplete?: string } = {}): Stack {
  return gatherStack(documents, { ...context, network: networkOf(flows) }, incomplete);
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
