import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-unverified-build",
  title: "No step turns the verification of certificates or signatures off",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.11", "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "Whoever stands between the build and the server, or holds a mirror, then decides what is in the image.",
  remediation: "Take the option or the variable away; where a certificate is your own, copy the authority's certificate into the image and trust that.",
  whenNot: "For a build in a network of its own whose mirror has no certificate, until it has one.",
  about: "buildStep",
  reads: ({ unverified }) => ({ options: forbids(unverified) }),
  check: ({ options = [] }) => (options.length === 0 ? undefined : `not turn verification off (${options.join(", ")})`),
  examples: {
    dockerfile: { bad: [{ steps: ["RUN curl -fsSLk https://example.com/health"] }, { steps: ["RUN apk add --no-cache --allow-untrusted /tmp/app.apk"] }, { steps: ["RUN git config --global http.sslVerify false"] }, { steps: ["ENV NODE_TLS_REJECT_UNAUTHORIZED=0"] }, { steps: ["RUN pip install --trusted-host example.com -r requirements.txt"] }], good: { steps: ["RUN curl -fsSL --cacert /etc/ssl/own.pem https://example.com/health"] } },
  },
});
