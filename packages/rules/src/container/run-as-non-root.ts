import { defineRule, forbids, requires } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";
import { relaxation } from "./_user-namespace";

const base = `FROM registry.example.com/base:1.2.3@${digest}`;
const [label = "", , check = ""] = imageEnd;

export default defineRule({
  id: "run-as-non-root",
  title: "Containers are held to a non-root user",
  severity: "high",
  since: "0.1.0",
  challenge: "C2",
  preset: "restricted",
  frameworks: { pss: "restricted", "cis-docker-1.6": "4.1", "cis-kubernetes-1.10": "5.2.7", "nsa-cisa-1.2": "non-root", "nist-sp-800-190": "4.1.2", "owasp-docker": "D01", "owasp-kubernetes-2025": "K01" },
  why: "Root in a container is root on the host as far as the kernel is concerned; every escape is worth more from there.",
  remediation: "Set runAsNonRoot to true (Kubernetes), or name a numeric user (Docker), and build the image for that user.",
  whenNot: "For images that must start as root, until they are rebuilt; see also no-root-user, which speaks of a user id that is named.",
  about: ["pod", "container", "builtImage"],
  reads: (subject, _inventory, surroundings) => ({ nonRoot: subject.about === "pod" ? forbids(subject.nonRoot) : requires(subject.nonRoot), ...relaxation(subject, surroundings) }),
  check({ nonRoot, userNamespace }, { about, platform }) {
    if (nonRoot === true || userNamespace === true || (about === "pod" && nonRoot === undefined)) return;
    return platform === "kubernetes" ? "set runAsNonRoot to true" : "name a user other than root";
  },
  fix: ({ nonRoot }) => nonRoot.to(true),
  fixOn: ["kubernetes"],
  examples: {
    kubernetes: [
      { pod: { hostUsers: null }, within: ["require-user-namespace"], bad: [{ securityContext: { runAsNonRoot: false } }, { securityContext: { runAsNonRoot: null } }], good: { securityContext: { runAsNonRoot: true } } },
      { on: "pod", pod: { hostUsers: null }, within: ["require-user-namespace"], bad: { securityContext: { runAsNonRoot: false } }, good: { securityContext: { runAsNonRoot: true } } },
    ],
    docker: { bad: [{ user: null }, { user: "" }], good: { user: "10001:10001" } },
    dockerfile: { bad: { instructions: [base, label, check] }, good: { instructions: [base, label, "USER app", check] } },
    compose: { bad: [{ user: null }, { user: "" }, { user: ":10001" }], good: { user: "10001:10001" } },
  },
});
