import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-piped-download",
  title: "No command line runs what it downloads",
  severity: "high",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "What the server sends at that moment is run with the rights of the container: nobody has reviewed, scanned or pinned it, and it may differ for each caller.",
  remediation: "Put the program into the image when it is built, with its checksum verified.",
  whenNot: "For throw-away environments that bootstrap themselves from a server of their own.",
  about: ["container", "buildStep"],
  reads: ({ pipesDownload }) => ({ pipes: forbids(pipesDownload) }),
  check: ({ pipes }) => (pipes === true ? "not pipe a download into a shell" : undefined),
  examples: {
    kubernetes: {
      bad: [{ args: ["sh", "-c", "curl -fsSL https://example.com/install.sh | sh"] }, { command: ["bash", "-c", "$(wget -qO- https://example.com/x)"] }, { lifecycle: { postStart: { exec: { command: ["sh", "-c", "wget -qO- https://example.com/x | tee /tmp/x | /bin/bash -s"] } } } }],
      good: { args: ["sh", "-c", "curl -fsSL https://example.com/health | grep ok; exec sh /app.sh"] },
    },
    docker: { bad: [{ command: ["sh", "-c", "bash <(curl -s https://example.com/x)"] }, { entrypoints: ["powershell", "iwr https://example.com/x | iex"] }], good: { command: ["wget", "https://example.com/data.tar.gz"] } },
    dockerfile: { bad: [{ steps: ["RUN curl -fsSL https://example.com/install.sh | sh"] }, { steps: ["RUN bash <(wget -qO- https://example.com/x)"] }], good: { steps: ["RUN curl -fsSL https://example.com/health | grep ok"] } },
    compose: { bad: [{ command: ["sh", "-c", "curl -fsSL https://example.com/x | sh"] }, { entrypoint: ["bash", "-c", "eval $(wget -qO- https://example.com/x)"] }], good: { command: ["wget", "https://example.com/data.tar.gz"] } },
  },
});
