import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { childrenOf, registered } from "../../test/mocks";
import { HardenedCronJob, HardenedDaemonSet, HardenedDeployment, HardenedJob, HardenedStatefulSet, IsolatedNamespace } from ".";

const image = "registry.example.com/shop/web:1.4.2@sha256:4a1c4b21597c1b4415bdbecb28a3296c6b5e23ca4f9feeb599860a1dac6a0108";
const least = { image, memory: "128Mi" };

/** Changing one of these replaces what runs in the users' clusters: write an alias with it, and say so in the changelog. */
const children: readonly (readonly [string, () => pulumi.ComponentResource, readonly string[]])[] = [
  ["IsolatedNamespace", () => new IsolatedNamespace("shop"), ["kubernetes:core/v1:Namespace shop", "kubernetes:networking.k8s.io/v1:NetworkPolicy shop-deny", "kubernetes:networking.k8s.io/v1:NetworkPolicy shop-dns", "kubernetes:core/v1:LimitRange shop-limits", "kubernetes:core/v1:ResourceQuota shop-quota", "kubernetes:core/v1:ServiceAccount shop-default-account"]],
  ["HardenedDeployment", () => new HardenedDeployment("web", least), ["kubernetes:core/v1:ServiceAccount web-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy web-isolation", "kubernetes:apps/v1:Deployment web", "kubernetes:policy/v1:PodDisruptionBudget web-budget"]],
  ["HardenedDeployment with a Service and one replica", () => new HardenedDeployment("web", { ...least, replicas: 1, ports: [{ port: 8080 }] }), ["kubernetes:core/v1:ServiceAccount web-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy web-isolation", "kubernetes:core/v1:Service web-service", "kubernetes:apps/v1:Deployment web"]],
  ["HardenedDeployment with an account", () => new HardenedDeployment("web", { ...least, replicas: 1, serviceAccount: "web" }), ["kubernetes:networking.k8s.io/v1:NetworkPolicy web-isolation", "kubernetes:apps/v1:Deployment web"]],
  ["HardenedStatefulSet", () => new HardenedStatefulSet("db", least), ["kubernetes:core/v1:ServiceAccount db-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy db-isolation", "kubernetes:core/v1:Service db-service", "kubernetes:apps/v1:StatefulSet db"]],
  ["HardenedDaemonSet", () => new HardenedDaemonSet("agent", least), ["kubernetes:core/v1:ServiceAccount agent-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy agent-isolation", "kubernetes:apps/v1:DaemonSet agent"]],
  ["HardenedJob", () => new HardenedJob("migrate", least), ["kubernetes:core/v1:ServiceAccount migrate-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy migrate-isolation", "kubernetes:batch/v1:Job migrate"]],
  ["HardenedCronJob", () => new HardenedCronJob("report", { ...least, schedule: "0 3 * * *" }), ["kubernetes:core/v1:ServiceAccount report-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy report-isolation", "kubernetes:batch/v1:CronJob report"]],
];

describe("the children of a component keep their types, names and parent, as others would replace the users' workloads", () => {
  test.each(children)("%s", async (_, create, expected) => {
    let component: pulumi.ComponentResource | undefined;
    const found = await registered(() => {
      component = create();
    });
    expect(component && childrenOf(component)).toEqual(expected);
    expect(found.slice(1).map(({ type, name }) => `${type} ${name}`).sort()).toEqual([...expected].sort());
  });
});

describe("the inputs", () => {
  const metadata = { name: "web", namespace: "shop", labels: { "app.kubernetes.io/name": "web", "app.kubernetes.io/component": "deployment" } };

  test("of a Deployment from three arguments", async () => {
    const found = await registered(() => void new HardenedDeployment("web", { ...least, namespace: "shop" }));
    expect(found[0]).toEqual({ type: "bulkhead:index:HardenedDeployment", name: "web", inputs: { ...least, namespace: "shop" } });
    expect(found.find(({ type }) => type.endsWith(":Deployment"))?.inputs).toEqual({
      apiVersion: "apps/v1", kind: "Deployment", metadata,
      spec: {
        replicas: 2, selector: { matchLabels: metadata.labels },
        template: {
          metadata: { labels: metadata.labels },
          spec: {
            serviceAccountName: "web", automountServiceAccountToken: false, enableServiceLinks: false,
            hostNetwork: false, hostPID: false, hostIPC: false, shareProcessNamespace: false,
            securityContext: { runAsNonRoot: true, runAsUser: 10_001, runAsGroup: 10_001, fsGroup: 10_001, seccompProfile: { type: "RuntimeDefault" } },
            topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: metadata.labels } }],
            containers: [{
              name: "web", image,
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
              resources: { limits: { memory: "128Mi", cpu: "500m", "ephemeral-storage": "1Gi" }, requests: { memory: "128Mi", cpu: "125m", "ephemeral-storage": "64Mi" } },
            }],
          },
        },
      },
    });
  });
});
