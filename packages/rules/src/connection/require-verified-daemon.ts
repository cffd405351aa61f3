import { defineRule } from "@bulkhead/core";
import { flaws, isTo, safely } from "./_connection";

export default defineRule({
  id: "require-verified-daemon",
  title: "Providers check the Docker daemon that they talk to",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker"],
  frameworks: { "cis-docker-1.6": "2.7", "owasp-docker": "D04" },
  why: "A daemon that answers without TLS gives root on its host to whoever reaches the port, and one whose key nobody checks may be another machine.",
  remediation: "Use ssh:// with known host keys, or tcp:// with certPath or with caMaterial, certMaterial and keyMaterial; remove StrictHostKeyChecking=no from sshOpts.",
  whenNot: "For a daemon in a container of its own beside the program, on a network that nothing else shares, as in some CI services.",
  about: "connection",
  appliesTo: isTo("daemon"),
  reads: flaws,
  check: safely("daemon", "the host key"),
  examples: {
    docker: {
      on: "document", kind: "pulumi:providers:docker",
      bad: [{ host: "tcp://docker.example.com:2375" }, { host: "ssh://root@docker.example.com", sshOpts: "[\"-o\",\"StrictHostKeyChecking=no\"]" }],
      good: [{ host: "tcp://docker.example.com:2376", certPath: "/etc/docker/certs" }, { host: "ssh://deploy@docker.example.com", sshOpts: ["-o", "StrictHostKeyChecking=accept-new"] }, { host: "unix:///run/user/1000/docker.sock" }],
    },
  },
});
