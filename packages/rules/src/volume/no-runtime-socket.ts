import { defineRule, exact, forbids } from "@bulkhead/core";
import { holds, namePath, normalisePath } from "./_host-path";
import { withSecretFile } from "../example-documents";

const sockets = [
  "/run/docker.sock", "/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock", "/run/crio/crio.sock",
  "/run/cri-dockerd.sock", "/run/podman/podman.sock", "/run/buildkit/buildkitd.sock", "/run/dockershim.sock",
];

/** A socket by its name, wherever it is: of a daemon without root, of Docker Desktop, or of a path from the project's folder; and the folder of the first. */
const rootless = /(^|\/)(docker|podman|containerd|crio|cri-dockerd|buildkitd)\.sock(\.raw)?$|^\/run\/user(\/\d+(\/(docker|podman))?)?$/;

/** Windows' named pipes, and the sockets themselves; `/var/run` is `/run` on every current distribution. */
function reaches(path: string, folder: string | undefined): boolean {
  if (/^(\\\\|\/\/)\.[\\/]pipe[\\/](docker_engine|containerd-containerd)/i.test(path)) return true;
  const normal = normalisePath(path, folder).replace(/^\/var\/run(?=\/|$)/, "/run");
  return normal === "/var" || rootless.test(normal) || sockets.some((socket) => holds(normal, socket));
}

export default defineRule({
  id: "no-runtime-socket",
  title: "The container runtime's socket is not mounted",
  severity: "critical",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.32", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.5.5" },
  why: "Whoever can write to the runtime's socket starts a privileged container, and with it owns the host.",
  remediation: "Remove the mount, also of the directories above the socket. Build images with a rootless builder; read metrics from the runtime's own endpoint.",
  whenNot: "For a builder or a monitoring agent that really drives the runtime, on machines that run nothing else; a proxy in front of the socket that lets through only reads is better.",
  about: "volume",
  overlaps: ["no-host-path", "only-restricted-volume-types", "read-only-host-mounts"],
  reads: ({ hostPath, hostFolder }) => ({ path: exact(hostPath), folder: forbids(hostFolder) }),
  check: ({ path, folder }) => (path !== undefined && reaches(path, folder) ? `not mount ${namePath(path, folder)}, which gives the container runtime's socket` : undefined),
  examples: {
    kubernetes: { bad: [{ volumes: [{ name: "sock", hostPath: { path: "/var/run/docker.sock" } }] }, { volumes: [{ name: "run", hostPath: { path: "/run/" } }] }], good: { volumes: [{ name: "run", emptyDir: { sizeLimit: "16Mi" } }] } },
    docker: { bad: [{ volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }] }, { mounts: [{ type: "bind", target: "/s", source: "//run/containerd/../containerd/containerd.sock" }] }], good: { mounts: [{ type: "volume", target: "/run", source: "run" }] } },
    compose: [
      { bad: [{ volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"] }, { volumes: [{ type: "bind", source: "/run", target: "/host/run" }] }, { use_api_socket: true }, { volumes: ["/run/user/1000/docker.sock:/s"] }, { volumes: ["./docker.sock:/s"] }], good: { volumes: ["run:/run", { type: "tmpfs", target: "/tmp", tmpfs: { size: "16m" } }] } },
      { on: "document", kind: "compose", bad: withSecretFile("/var/run/docker.sock"), good: withSecretFile("./db_password.txt") },
    ],
  },
});
