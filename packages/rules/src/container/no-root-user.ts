import { defineRule, forbids } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";
import { relaxation } from "./_user-namespace";

const base = `FROM registry.example.com/base:1.2.3@${digest}`;
const [label = "", , check = ""] = imageEnd;

/** `0`, `root`, and either with a group: `0:0`, `root:staff`; a sign changes nothing. */
function isRoot(user: string): boolean {
  const name = user.split(":")[0] ?? "";
  return name === "root" || (/^[+-]?\d+$/.test(name) && Number(name) === 0);
}

export default defineRule({
  id: "no-root-user",
  title: "Containers do not name root as their user",
  severity: "high",
  since: "0.1.0",
  challenge: "C2",
  preset: "restricted",
  frameworks: { pss: "restricted", "cis-docker-1.6": "4.1", "cis-kubernetes-1.10": "5.2.7", "nsa-cisa-1.2": "non-root", "nist-sp-800-190": "4.1.2", "owasp-docker": "D01", "owasp-kubernetes-2025": "K01" },
  why: "Root in a container is root on the host as far as the kernel is concerned; every escape is worth more from there.",
  remediation: "Name a user id other than 0, and give that user the files it needs when the image is built.",
  whenNot: "For images that must start as root to take over files or ports and drop to another user themselves, until they are rebuilt; a user namespace (hostUsers: false) makes that far less dangerous.",
  about: ["pod", "container", "builtImage"],
  overlaps: ["no-low-user-id", "no-root-group", "no-low-group-id"],
  reads: (subject, _inventory, surroundings) => ({ user: forbids(subject.user), ...relaxation(subject, surroundings) }),
  check: ({ user, userNamespace }) => (user !== undefined && isRoot(user) && userNamespace !== true ? "run as a user other than root (0)" : undefined),
  fix: ({ user }, { platform }) => (platform === "kubernetes" ? user.to(undefined) : undefined),
  fixOn: ["kubernetes"],
  examples: {
    kubernetes: [
      { pod: { hostUsers: null }, within: ["require-user-namespace"], bad: { securityContext: { runAsUser: 0 } }, good: { securityContext: { runAsUser: 10001 } } },
      { on: "pod", pod: { hostUsers: null }, within: ["require-user-namespace"], bad: { securityContext: { runAsUser: 0 } }, good: { securityContext: { runAsUser: 10001 } } },
    ],
    docker: { bad: [{ user: "root" }, { user: "0:0" }], good: { user: "10001" } },
    dockerfile: { bad: [{ instructions: [base, label, "USER root", check] }, { instructions: [base, label, "ARG ID=0", "USER $ID:staff", check] }], good: { instructions: [base, label, "USER app", check] } },
    compose: { bad: [{ user: "root" }, { user: "0:0" }, { user: "+0" }], good: { user: "10001" } },
  },
});
