import * as docker from "@pulumi/docker";
import * as k8s from "@pulumi/kubernetes";

// Everything that is not the one fault of a resource is as it should be.
const image = "registry.example.com/shop/app:1.4.2@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const labels = { app: "shop" };
const securityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
const container = { name: "app", image, securityContext, resources: { limits: { cpu: "500m", memory: "128Mi", "ephemeral-storage": "1Gi" } } };
const probes = { readinessProbe: { httpGet: { path: "/ready", port: 8080 } }, livenessProbe: { httpGet: { path: "/live", port: 8080 } } };
const pod = { automountServiceAccountToken: false, serviceAccountName: "shop", hostUsers: false };

// A privileged container.
new k8s.apps.v1.Deployment("web", {
  metadata: { name: "web", namespace: "shop" },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { ...pod, containers: [{ ...container, ...probes, securityContext: { ...securityContext, privileged: true } }] } },
  },
});

// The container runtime's socket.
new k8s.apps.v1.DaemonSet("agent", {
  metadata: { name: "agent", namespace: "shop" },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { ...pod, containers: [{ ...container, ...probes }], volumes: [{ name: "runtime", hostPath: { path: "/var/run/docker.sock" } }] },
    },
  },
});

// The host's network, for an init container's sake.
new k8s.batch.v1.CronJob("report", {
  metadata: { name: "report", namespace: "shop" },
  spec: {
    schedule: "0 4 * * *",
    startingDeadlineSeconds: 300,
    concurrencyPolicy: "Forbid",
    jobTemplate: {
      spec: { activeDeadlineSeconds: 600, template: { spec: { ...pod, hostNetwork: true, restartPolicy: "Never", initContainers: [{ ...container, name: "wait" }], containers: [container] } } },
    },
  },
});

// A capability that leads to the host, in a custom resource.
new k8s.apiextensions.CustomResource("canary", {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Rollout",
  metadata: { name: "canary", namespace: "shop" },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { ...pod, containers: [{ ...container, ...probes, securityContext: { ...securityContext, capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } } }] },
    },
  },
});

// Previews of Docker resources need no daemon with this provider.
const provider = new docker.Provider("docker", { disableDockerDaemonCheck: true });

// The host's processes.
new docker.Container("cache", {
  name: "cache", image, memory: 128, cpus: "0.5", init: true, networksAdvanced: [{ name: "cache" }], user: "10001:10001", readOnly: true, pidMode: "host",
  capabilities: { drops: ["ALL"] },
  healthcheck: { tests: ["CMD", "/app", "healthy"] },
  logDriver: "local",
  ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 512, hard: 512 }],
  securityOpts: ["no-new-privileges:true"],
}, { provider });

// A network that is the host's own.
new docker.Network("backend", { name: "backend", driver: "host" }, { provider });
