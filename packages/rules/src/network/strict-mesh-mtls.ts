import { defineRule, forbids } from "@bulkhead/core";

const authentication = (spec: { readonly [key: string]: unknown }) => ({ apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { name: "default", namespace: "shop" }, spec });
const selector = { matchLabels: { app: "web" } };

export default defineRule({
  id: "strict-mesh-mtls",
  title: "Workloads of a mesh accept mutual TLS only",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "encryption", "nist-sp-800-190": "4.3.3", "owasp-kubernetes-2025": "K05" },
  why: "A workload that also accepts plain text is reached past the mesh: nobody has to show who it is, so that what an AuthorizationPolicy asks of the caller's identity can be read on the way.",
  remediation: "Set spec.mtls.mode to STRICT, and take out ports of portLevelMtls with another mode; callers outside of the mesh come through its gateway.",
  whenNot: "While workloads move into the mesh, and for ports that something outside of it has to reach, such as a probe or a scraper: exempt that PeerAuthentication until then.",
  about: "peerAuthentication",
  reads: ({ modes }) => ({ modes: forbids(modes) }),
  check({ modes = [] }) {
    const weak = [...new Set(modes.filter((mode) => mode !== "STRICT"))].sort();
    return weak.length > 0 ? `accept mutual TLS only (STRICT, not ${weak.join(" and ")})` : undefined;
  },
  examples: {
    kubernetes: {
      on: "document",
      bad: [authentication({ mtls: { mode: "PERMISSIVE" } }), authentication({ mtls: { mode: "DISABLE" } }), authentication({ selector, mtls: { mode: "STRICT" }, portLevelMtls: { "8080": { mode: "DISABLE" } } }), authentication({ selector, mtls: { mode: "UNSET" }, portLevelMtls: { "8080": { mode: "PERMISSIVE" } } })],
      good: [authentication({ mtls: { mode: "STRICT" } }), authentication({ selector, mtls: { mode: "STRICT" }, portLevelMtls: { "8080": { mode: "STRICT" } } })],
    },
  },
});
