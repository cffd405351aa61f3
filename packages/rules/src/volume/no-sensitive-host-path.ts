import { defineRule, exact, forbids } from "@bulkhead/core";
import { dotDirectories, holds, isOwn, namePath, normalisePath } from "./_host-path";
import { withSecretFile } from "../example-documents";

/** Where the host keeps its kernel, its accounts, its keys and the state of its containers. */
const sensitive = ["/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/sbin", "/sys", "/usr", "/bin", "/home", "/var/lib/docker", "/var/lib/containerd", "/var/lib/kubelet", "/var/lib/etcd"];

export default defineRule({
  id: "no-sensitive-host-path",
  title: "The host's own directories are not mounted",
  severity: "critical",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.6", "nist-sp-800-190": "4.5.5" },
  why: "These directories hold the host's credentials, its programs and its kernel's settings: reading is enough for some, writing is root for all.",
  remediation: "Remove the mount. What the workload needs from there, pass as a ConfigMap, a Secret or a volume.",
  whenNot: "For node agents whose work is that very directory (a kubelet plugin below /var/lib/kubelet, a log shipper on /var/log): exempt the workload and mount it read-only.",
  about: "volume",
  overlaps: ["no-host-path", "only-restricted-volume-types", "read-only-host-mounts"],
  reads: ({ hostPath, hostFolder }) => ({ path: exact(hostPath), folder: forbids(hostFolder) }),
  check({ path, folder }) {
    if (path === undefined || path === "") return;
    const normal = normalisePath(path, folder);
    const reaches = [...sensitive, ...dotDirectories(normal)].some((directory) => holds(normal, directory) || (holds(directory, normal) && (folder === undefined || !isOwn(directory, normal, folder))));
    return reaches ? `not mount ${namePath(path, folder)}, which the host keeps for itself` : undefined;
  },
  examples: {
    kubernetes: { bad: [{ volumes: [{ name: "etc", hostPath: { path: "/etc/kubernetes/pki" } }] }, { volumes: [{ name: "lib", hostPath: { path: "/var/lib//kubelet/" } }] }], good: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] } },
    docker: { bad: { volumes: [{ hostPath: "/proc", containerPath: "/host/proc" }] }, good: { volumes: [{ volumeName: "data", containerPath: "/data" }] } },
    compose: [
      { bad: [{ volumes: ["/proc:/host/proc:ro"] }, { volumes: ["~/.ssh:/keys"] }], good: { volumes: ["data:/data"] } },
      { on: "document", kind: "compose", bad: withSecretFile("/etc/shadow"), good: withSecretFile("./db_password.txt") },
    ],
  },
});
