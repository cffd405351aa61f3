import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-volumes-from",
  title: "Containers do not take another one's mounts",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "nist-sp-800-190": "4.4.3", "owasp-docker": "D04" },
  why: "All mounts of the other container come along, also those that it gets later, its secrets and sockets among them: nobody who reads this container sees which.",
  remediation: "Name the volume that the two share, in both.",
  whenNot: "For a backup container that must follow whatever the other one mounts.",
  about: "volume",
  reads: ({ fromContainer }) => ({ other: exact(fromContainer) }),
  check: ({ other = "" }) => (other === "" ? undefined : `name the volume it needs, not take all mounts of container ${JSON.stringify(other)}`),
  examples: {
    docker: { bad: { volumes: [{ fromContainer: "db" }] }, good: { volumes: [{ volumeName: "data", containerPath: "/data" }] } },
    compose: { bad: [{ volumes_from: ["db"] }, { volumes_from: ["container:db:ro"] }], good: { volumes: ["data:/data"] } },
  },
});
