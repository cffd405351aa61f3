import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "copy-instead-of-add",
  title: "Files are copied with COPY, not ADD",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.9", "nist-sp-800-190": "4.1.3", "owasp-docker": "D04" },
  why: "ADD also downloads and unpacks: what is meant to be a copy becomes something else once the file has another name or form.",
  remediation: "Use COPY for files of the build context.",
  whenNot: "For an archive that is meant to be unpacked, and for an address with a checksum: those are what ADD is for, and are not refused.",
  about: "buildStep",
  reads: ({ addsFiles }) => ({ adds: forbids(addsFiles) }),
  check: ({ adds }) => (adds === true ? "be a COPY: it only copies files" : undefined),
  fix: ({ adds }) => adds.to(false),
  examples: {
    dockerfile: { bad: [{ steps: ["ADD app.conf /etc/app.conf"] }, { steps: ['ADD --chown=10001 ["a b", "/srv/"]'] }], good: { steps: ["COPY app.conf /etc/app.conf", "ADD rootfs.tar.gz /"] } },
  },
});
