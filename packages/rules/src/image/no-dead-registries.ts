import { defineRule, exact, matchesRegistry } from "@bulkhead/core";
import { digest } from "../examples";
import { isUsed } from "./_used";

/** Frozen or shut down by their owners: Kubernetes in 2023, Bintray in 2021, GitHub's first registry in favour of ghcr.io. */
const dead = ["k8s.gcr.io", "gcr.io/google-containers", "gcr.io/google_containers", "*.bintray.io", "docker.pkg.github.com"];

export default defineRule({
  id: "no-dead-registries",
  title: "Images come from registries that are maintained",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "4.2", "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "A registry that was given up gets no repaired images, may be turned off any day, and its name may one day belong to somebody else.",
  remediation: "Use the successor: registry.k8s.io for k8s.gcr.io and gcr.io/google-containers, ghcr.io for docker.pkg.github.com; mirror what has none.",
  whenNot: "Where a mirror of one's own answers for the old name, until the manifests are changed.",
  about: "image",
  appliesTo: isUsed,
  overlaps: ["allowed-registries"],
  reads: ({ registry }) => ({ registry: exact(registry) }),
  check: ({ registry }) => (registry !== undefined && dead.some((pattern) => matchesRegistry(registry, pattern)) ? `not come from ${registry.domain}/${registry.path}, as that registry is no longer maintained` : undefined),
  examples: {
    kubernetes: { bad: [{ image: `k8s.gcr.io/pause@${digest}` }, { image: `gcr.io/google-containers/busybox@${digest}` }], good: { image: `registry.example.com/k8s.gcr.io/pause@${digest}` } },
    docker: { bad: { image: `docker.pkg.github.com/acme/app/app@${digest}` }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { bad: { steps: [`COPY --from=k8s.gcr.io/pause@${digest} /pause /`] }, good: { steps: [`COPY --from=registry.example.com/pause@${digest} /pause /`] } },
    compose: { bad: { image: `k8s.gcr.io/pause@${digest}` }, good: { image: `registry.example.com/app@${digest}` } },
  },
});
