import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-joined-namespace",
  title: "Containers do not join another container's namespaces",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: {},
  why: "A container that joins another one's namespace shares its network, processes or memory: who breaks into one has both.",
  remediation: "Give the container a namespace of its own, and connect the two by a network of theirs alone.",
  whenNot: "For a sidecar pattern on plain Docker (a VPN container that others send their traffic through), where sharing the network is the purpose.",
  about: "pod",
  reads: ({ joinedNetwork, joinedPid, joinedIpc }) => ({ network: forbids(joinedNetwork), pid: forbids(joinedPid), ipc: forbids(joinedIpc) }),
  check({ network, pid, ipc }) {
    const joined = [network === undefined ? [] : ["network"], pid === undefined ? [] : ["process"], ipc === undefined ? [] : ["IPC"]].flat();
    return joined.length === 0 ? undefined : `not join another container's ${joined.join(", ")} namespace`;
  },
  fix: ({ network, pid, ipc }) => [network, pid, ipc].flatMap((mode) => (mode.state === "value" ? (mode.to(undefined) ?? []) : [])),
  examples: {
    docker: {
      bad: [{ networkMode: "container:db" }, { pidMode: "container:db" }, { ipcMode: "container:db", pidMode: "container:db" }],
      good: { networkMode: "backend", ipcMode: "private" },
    },
    compose: { bad: [{ networks: null, network_mode: "service:db" }, { pid: "service:db" }, { ipc: "container:db", pid: "service:db" }], good: { ipc: "shareable" } },
  },
});
