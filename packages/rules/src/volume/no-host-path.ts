import { defineRule, exact } from "@bulkhead/core";
import { withSecretFile } from "../example-documents";

export default defineRule({
  id: "no-host-path",
  title: "Volumes mount no path of the host",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.6", "cis-kubernetes-1.10": "5.2.12", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.5.5" },
  why: "A path of the host is a door to it: its credentials to read, its scheduled jobs and binaries to write.",
  remediation: "Use a named volume, a persistent volume claim, an emptyDir or a tmpfs; pass configuration as a ConfigMap or an uploaded file.",
  whenNot: "For node agents that read the host's logs or metrics: mount the one directory read-only and exempt it. For local development with Docker, bind mounts of the source tree are normal, and the rule is better off.",
  about: "volume",
  overlaps: ["only-restricted-volume-types", "read-only-host-mounts"],
  reads: ({ hostPath }) => ({ path: exact(hostPath) }),
  check({ path }) {
    if (path === undefined) return;
    return path === "" ? "not mount a path of the host" : `not mount ${JSON.stringify(path)} of the host`;
  },
  examples: {
    kubernetes: { bad: { volumes: [{ name: "logs", hostPath: { path: "/var/log/app" } }] }, good: { volumes: [{ name: "logs", emptyDir: { sizeLimit: "64Mi" } }, { name: "settings", configMap: { name: "app" } }] } },
    docker: [
      { bad: [{ mounts: [{ type: "bind", target: "/logs", source: "/var/log/app" }] }, { volumes: [{ hostPath: "/srv/app", containerPath: "/srv/app" }] }], good: { mounts: [{ type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: 67108864 } }], volumes: [{ volumeName: "data", containerPath: "/data" }] } },
      { on: "document", kind: "docker:index/volume:Volume", bad: { driverOpts: { type: "none", o: "bind", device: "/srv/data" } }, good: { driver: "local" } },
    ],
    compose: [
      { bad: [{ volumes: ["/srv/app:/srv/app"] }, { volumes: ["./data:/data:ro"] }, { volumes: [{ type: "bind", source: "/srv/app", target: "/srv/app" }] }], good: { volumes: ["data:/data", "/anonymous"] } },
      { on: "document", kind: "compose", bad: { services: {}, volumes: { data: { driver_opts: { type: "none", o: "bind", device: "/srv/data" } } } }, good: { services: {}, volumes: { data: { driver: "local" } } } },
      // A file beside the compose file is a part of the project.
      { on: "document", kind: "compose", bad: withSecretFile("/srv/secrets/db"), good: withSecretFile("./db_password.txt") },
    ],
  },
});
