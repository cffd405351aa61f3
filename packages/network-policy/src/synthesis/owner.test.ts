import { expect, test } from "vitest";
import type { FlowEnd } from "../model/flow";
import { ownerOf } from "./owner";

test.each<readonly [FlowEnd, string | undefined]>([
  [{ namespace: "shop", pod: "productpage-v1-6b746f74dc-9rcxx" }, "Deployment productpage-v1"],
  [{ namespace: "shop", pod: "node-local-dns-88zrp" }, "DaemonSet node-local-dns"],
  [{ namespace: "shop", pod: "db-0" }, "StatefulSet db"],
  [{ namespace: "shop", pod: "db-0", labels: { "statefulset.kubernetes.io/pod-name": "db-0" } }, "StatefulSet db"],
  [{ namespace: "shop", pod: "nightly-29412345-x7k2p" }, "CronJob nightly"],
  [{ namespace: "shop", pod: "once-x7k2p", labels: { "job-name": "once" } }, "Job once"],
  [{ namespace: "shop", pod: "web-6b746f74dc-*" }, "Deployment web"],
  [{ namespace: "shop", pod: "node-local-dns-*", labels: { "controller-revision-hash": "7c9d8f5b6d" } }, "DaemonSet node-local-dns"],
  [{ namespace: "shop", pod: "db-*", labels: { "controller-revision-hash": "db-7c9d8f5b6d" } }, "StatefulSet db"],
  [{ namespace: "shop", pod: "nightly-29412345-*", labels: { "job-name": "nightly-29412345" } }, "CronJob nightly"],
  [{ namespace: "shop", pod: "debug" }, "Pod debug"],
  [{ namespace: "shop", pod: "web-6b746f74dc-9rcxx", workload: { namespace: "shop", kind: "ReplicaSet", name: "web-6b746f74dc" } }, "Deployment web"],
  [{ namespace: "shop", pod: "x", workload: { namespace: "shop", kind: "Rollout", name: "web" } }, "Rollout web"],
  [{ namespace: "shop", labels: { app: "web", "pod-template-hash": "6b746f74dc" } }, "Pods app=web"],
  [{ namespace: "shop", labels: { "pod-template-hash": "6b746f74dc" } }, undefined],
  [{ ip: "192.0.2.1" }, undefined],
])("%j belongs to %s", (end, name) => {
  const owner = ownerOf(end);
  expect(owner === undefined ? undefined : `${owner.kind} ${owner.name}`).toBe(name);
});
