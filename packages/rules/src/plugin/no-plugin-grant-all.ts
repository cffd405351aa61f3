import { defineRule, exact } from "@bulkhead/core";
import { digest } from "../examples";

const name = `registry.example.com/volume-driver@${digest}`;

export default defineRule({
  id: "no-plugin-grant-all",
  title: "Plugins of the engine are granted what they need, by name",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker"],
  frameworks: { "owasp-docker": "D04" },
  why: "A plugin runs as root beside the engine; with everything granted it takes the host's network, its devices, any capability and any mount that its next version asks for.",
  remediation: "List what `docker plugin install` shows in grantPermissions, and leave grantAllPermissions out.",
  whenNot: "For a plugin that really asks for everything, pinned by digest; naming the permissions then says no less.",
  about: "plugin",
  reads: ({ grantsAll }) => ({ all: exact(grantsAll) }),
  check: ({ all }) => (all === true ? "be granted each permission by name, not all of them" : undefined),
  examples: { docker: { on: "document", kind: "docker:index/plugin:Plugin", bad: { name, grantAllPermissions: true }, good: { name, grantPermissions: [{ name: "network", values: ["none"] }] } } },
});
