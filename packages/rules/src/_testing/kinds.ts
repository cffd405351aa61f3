import type { Fragment } from "@bulkhead/core";
import { goodCron, goodJob, goodMetadata } from "../example-documents";

/** Every kind that runs pods, with a pod spec put where the API reference says; written apart from the dialect's own table. */
export const kinds: { readonly [name: string]: (spec: Fragment) => Fragment } = {
  Pod: (spec) => ({ apiVersion: "v1", kind: "Pod", metadata: { ...metadata, ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "api" }] }, spec }),
  PodTemplate: (spec) => ({ apiVersion: "v1", kind: "PodTemplate", metadata, template: { spec } }),
  ReplicationController: (spec) => workload("v1", "ReplicationController", spec),
  Deployment: (spec) => workload("apps/v1", "Deployment", spec),
  LegacyDeployment: (spec) => workload("extensions/v1beta1", "Deployment", spec),
  DaemonSet: (spec) => workload("apps/v1", "DaemonSet", spec),
  StatefulSet: (spec) => workload("apps/v1", "StatefulSet", spec),
  ReplicaSet: (spec) => workload("apps/v1", "ReplicaSet", spec),
  Job: (spec) => workload("batch/v1", "Job", spec, goodJob),
  CronJob: (spec) => ({ apiVersion: "batch/v1", kind: "CronJob", metadata, spec: { ...goodCron, jobTemplate: { spec: { ...goodJob, template: { spec } } } } }),
  List: (spec) => ({ apiVersion: "v1", kind: "List", items: [workload("apps/v1", "Deployment", spec)] }),
  DeploymentList: (spec) => ({ apiVersion: "apps/v1", kind: "DeploymentList", items: [{ metadata, spec: { template: { spec } } }] }),
  Rollout: (spec) => workload("argoproj.io/v1alpha1", "Rollout", spec),
  ScaledJob: (spec) => ({ apiVersion: "keda.sh/v1alpha1", kind: "ScaledJob", metadata, spec: { jobTargetRef: { template: { spec } } } }),
};

const metadata = goodMetadata;

function workload(apiVersion: string, kind: string, spec: Fragment, more: Fragment = {}): Fragment {
  return { apiVersion, kind, metadata, spec: { ...more, selector: {}, template: { metadata: { labels: { app: "api" } }, spec } } };
}

/** Each role, with the list that holds it. */
export const roles = {
  main: (container: Fragment, main: Fragment) => ({ containers: [container, { ...main, name: "second" }] }),
  init: (container: Fragment, main: Fragment) => ({ initContainers: [container], containers: [{ ...main, name: "second" }] }),
  sidecar: (container: Fragment, main: Fragment) => ({ initContainers: [{ ...container, restartPolicy: "Always" }], containers: [{ ...main, name: "second" }] }),
  ephemeral: (container: Fragment, main: Fragment) => ({ containers: [{ ...main, name: "second" }], ephemeralContainers: [container] }),
} as const;
