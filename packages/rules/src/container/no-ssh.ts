import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-ssh",
  title: "Containers run no SSH server",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.7", "nist-sp-800-190": "4.1.2", "owasp-docker": "D04" },
  why: "An SSH server adds keys, users and a way in that no policy of the platform sees.",
  remediation: "Remove the SSH server from the image and its port from the container; use the platform's exec, which is authorised and audited.",
  whenNot: "Where SSH is the product: a Git server, an SFTP drop, a bastion. Exempt that workload, and keep its keys out of the image.",
  about: ["container", "builtImage"],
  reads: ({ ports, startsSshServer }) => ({ ports: forbids(ports), server: forbids(startsSshServer) }),
  check({ ports = [], server }) {
    if (server === true) return "not start an SSH server";
    return ports.includes(22) ? "not expose port 22 (SSH)" : undefined;
  },
  examples: {
    kubernetes: { bad: [{ command: ["/usr/sbin/sshd", "-D"] }, { args: ["sh", "-c", "service ssh start && app"] }], good: { ports: [{ containerPort: 2222 }], command: ["/app"] } },
    docker: { bad: [{ ports: [{ internal: 22, ip: "127.0.0.1" }] }, { command: ["/usr/sbin/sshd"] }], good: { ports: [{ internal: 8080, external: 2222, ip: "127.0.0.1" }] } },
    dockerfile: { bad: [{ steps: ["EXPOSE 22"] }, { steps: ['CMD ["/usr/sbin/sshd", "-D"]'] }], good: { steps: ["EXPOSE 8080/tcp 2222"] } },
    compose: { bad: [{ expose: ["22"] }, { command: "/usr/sbin/sshd -D" }, { ports: ["127.0.0.1:2222:20-22"] }], good: { ports: ["127.0.0.1:2222:8080"], command: ["/app"] } },
  },
});
