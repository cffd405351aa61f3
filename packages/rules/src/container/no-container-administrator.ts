import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-container-administrator",
  title: "Windows containers do not run as their administrator",
  severity: "medium",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.1.2", "owasp-docker": "D01", "owasp-kubernetes-2025": "K01" },
  why: "ContainerAdministrator installs drivers of its own into the container, changes its registry and reads every file that is mounted into it.",
  remediation: "Run as ContainerUser, or as a user that the image makes.",
  whenNot: "For images that install software as they start, until they are rebuilt. HostProcess containers have users of their own and are refused by no-windows-host-process.",
  about: ["pod", "container"],
  reads: ({ windowsUser }) => ({ user: exact(windowsUser) }),
  check: ({ user = "" }) => (/^(user manager\\|nt authority\\)?(containeradministrator|system)$/i.test(user) ? "not run as the administrator of Windows, but as ContainerUser" : undefined),
  fix: ({ user }) => user.to("ContainerUser"),
  examples: {
    kubernetes: [
      { bad: { securityContext: { windowsOptions: { runAsUserName: "ContainerAdministrator" } } }, good: { securityContext: { windowsOptions: { runAsUserName: "ContainerUser" } } } },
      { on: "pod", bad: { securityContext: { windowsOptions: { runAsUserName: "NT AUTHORITY\\SYSTEM" } } }, good: { securityContext: { windowsOptions: { runAsUserName: "ContainerUser" } } } },
    ],
    docker: { bad: { user: "ContainerAdministrator" }, good: { user: "ContainerUser" } },
    compose: { bad: { user: "ContainerAdministrator" }, good: { user: "ContainerUser" } },
  },
});
