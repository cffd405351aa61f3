import { defineRule, forbids } from "@bulkhead/core";
import { digest } from "../examples";

export default defineRule({
  id: "checked-downloads",
  title: "Downloads are checked before they are used",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.11", "nist-sp-800-190": "4.1.3", "owasp-docker": "D08" },
  why: "Encryption only says which server sent the file. If the file is replaced there, or the name is taken over, the next build ships it.",
  remediation: "Name the checksum (ADD --checksum=sha256:...), or check it, or a signature, in the step that downloads: echo \"<sum>  file\" | sha256sum -c.",
  whenNot: "For files that change by design, such as a list of revoked certificates; their signature can be checked where there is one.",
  about: "buildStep",
  reads: ({ uncheckedDownloads }) => ({ programs: forbids(uncheckedDownloads) }),
  check: ({ programs = [] }) => (programs.length === 0 ? undefined : `check a checksum or a signature of what ${programs.join(" and ")} downloads`),
  examples: {
    dockerfile: { bad: [{ steps: ["ADD https://example.com/app.tar.gz /tmp/"] }, { steps: ["RUN curl -fsSLo /app https://example.com/app && chmod +x /app"] }, { steps: ["RUN wget -qO- https://example.com/app.tar.gz | tar -xz -C /srv"] }], good: [{ steps: [`ADD --checksum=${digest} https://example.com/app.tar.gz /tmp/`] }, { steps: ["RUN curl -fsSLo /app https://example.com/app && sha256sum -c /app.sha256", "RUN curl -fsS http://localhost:8080/ -o /dev/null"] }] },
  },
});
