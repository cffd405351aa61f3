import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-volume-credentials",
  title: "No credential is an option of a volume",
  severity: "high",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "owasp-docker": "D06" },
  why: "Whoever may inspect the volume reads its options, and the list of mounts on the host shows most of them.",
  remediation: "Name a file that only root can read (credentials=/etc/share.cred), or use a driver that asks a secret store; replace the credential that was written down.",
  whenNot: "For a driver that takes its credential in no other way, on a host that only administrators may inspect.",
  about: "volume",
  reads: ({ credentials }) => ({ names: forbids(credentials) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `take no credential as an option: ${[...new Set(names)].sort().join(", ")}`),
  examples: {
    docker: [
      {
        on: "document", kind: "docker:index/volume:Volume",
        bad: [{ driverOpts: { type: "cifs", device: "//files.example.com/share", o: "addr=files.example.com,username=app,password=example" } }, { driver: "sshfs", driverOpts: { sshcmd: "app@files.example.com:/share", password: "example" } }],
        good: [{ driverOpts: { type: "cifs", device: "//files.example.com/share", o: "addr=files.example.com,credentials=/etc/share.cred" } }, { driverOpts: { type: "nfs", o: "addr=files.example.com,ro,nosuid", device: ":/share" } }],
      },
      {
        on: "container",
        bad: { mounts: [{ type: "volume", target: "/data", volumeOptions: { driverOptions: { type: "cifs", o: "username=app,password=example" } } }] },
        good: { mounts: [{ type: "volume", target: "/data", source: "data" }] },
      },
    ],
    compose: {
      on: "document", kind: "compose",
      bad: { services: {}, volumes: { share: { driver_opts: { type: "cifs", device: "//files.example.com/share", o: "addr=files.example.com,username=app,password=example" } } } },
      good: { services: {}, volumes: { share: { driver_opts: { type: "nfs", o: "addr=files.example.com,ro,nosuid", device: ":/share" } } } },
    },
  },
});
