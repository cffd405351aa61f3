import type { PluginGrant } from "@bulkhead/core";
import { capabilityName, defineRule, forbids } from "@bulkhead/core";
import { dangerousCapabilities } from "../container/_capabilities";
import { digest } from "../examples";

const name = `registry.example.com/volume-driver@${digest}`;
const granted = (...grantPermissions: readonly object[]): Record<string, unknown> => ({ name, grantPermissions });

/** What a grant gives of the host, in the words of the message, or nothing. The names are the engine's own. */
function ofHost({ name: kind, value }: PluginGrant): string | undefined {
  if (kind === "network") return value === "host" ? "its network" : undefined;
  if (kind === "host pid namespace") return "its processes";
  if (kind === "host ipc namespace") return "its shared memory";
  if (kind === "allow-all-devices") return value === "false" ? undefined : "all devices";
  if (kind === "device") return value === "" ? undefined : `the device ${value}`;
  return kind === "capabilities" && dangerousCapabilities.includes(capabilityName(value)) ? `the capability ${capabilityName(value)}` : undefined;
}

export default defineRule({
  id: "no-plugin-host-grants",
  title: "Plugins of the engine are granted nothing of the host",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker"],
  frameworks: { "owasp-docker": "D04", "nist-sp-800-190": "4.5.5" },
  why: "A plugin runs as root, and no image scan or container rule looks at it: with the host's network, its devices or a capability such as SYS_ADMIN, its maker is root on every host that has it.",
  remediation: "Take a plugin that asks for less, or mount the storage on the host, where its administrators see it.",
  whenNot: "For a volume driver that must mount: exempt that plugin, pinned by digest, with an owner who reads what its next version asks for. The paths that it may mount have the rules of every mount.",
  about: "plugin",
  reads: ({ grants }) => ({ grants: forbids(grants) }),
  check({ grants = [] }) {
    const found = grants.map(ofHost).filter((text) => text !== undefined);
    return found.length === 0 ? undefined : `be granted nothing of the host, not ${[...new Set(found)].sort().join(", ")}`;
  },
  examples: {
    docker: {
      on: "document", kind: "docker:index/plugin:Plugin",
      bad: [granted({ name: "network", values: ["host"] }), granted({ name: "device", values: ["/dev/fuse"] }, { name: "capabilities", values: ["CAP_SYS_ADMIN"] }), granted({ name: "allow-all-devices", values: ["true"] }), granted({ name: "host pid namespace", values: ["true"] })],
      good: granted({ name: "network", values: ["bridge"] }, { name: "mount", values: [""] }, { name: "capabilities", values: ["CAP_CHOWN"] }),
    },
  },
});
