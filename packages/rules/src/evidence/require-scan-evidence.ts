import type { ImageScan } from "@bulkhead/core";
import { defineRule, exact, evidenceOf, scansOf } from "@bulkhead/core";
import { imageOf, digest } from "../example-evidence";
import { imageEnd } from "../examples";
import { isUsed } from "../image/_used";
import { dateOf, day, firstFailure, noneOf, platformsOption, seconds, undefinedSigners, unknownImage } from "./_evidence";

const trusts = ["local", "registry", "signed"] as const;

export default defineRule({
  id: "require-scan-evidence",
  title: "Images were scanned for vulnerabilities within 60 days",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.1.1", "owasp-docker": "D02" },
  why: "Vulnerabilities become known after an image is built: what was clean when it was scanned long ago, or with an old database, may not be so today.",
  remediation: "Scan the image, and add the report to the lockfile: bulkhead evidence add REPORT, or bulkhead evidence sync where the registry has it attached. Of an image that the same program builds, name it by the output of its build: until that is known it is undecided.",
  whenNot: "Where a registry scans continually and an admission controller refuses what is not scanned.",
  about: "image",
  appliesTo: isUsed,
  options: {
    maxAgeDays: { type: "number", description: "Days since the scan.", example: 30, minimum: 0, default: 60 },
    maxDatabaseAgeDays: { type: "number", description: "Days between the scanner's database of vulnerabilities and the scan, where the report says how old the database was.", example: 2, minimum: 0, default: 7 },
    clockSkewMinutes: { type: "number", description: "How far the clocks of scanner and reader may differ; a scan later than that is in the future, and refused.", example: 10, minimum: 0, maximum: 1440, default: 5 },
    trust: { type: "string", description: "The least that is trusted: a file (local), a registry's own answer, or a signed attestation.", example: "signed", choices: trusts, default: "local" },
    signers: { type: "strings", description: "Names of signers of the configuration (evidence.signers) of whom one must have signed the scan; it is verified again.", example: ["ci"], default: [] },
    platforms: platformsOption,
  },
  reads: (image, _inventory, surroundings) => ({ image: exact(evidenceOf(image, surroundings)) }),
  check: ({ image }, { options, now = 0 }) => {
    if (image === undefined) return undefined;
    const { maxAgeDays, maxDatabaseAgeDays, clockSkewMinutes, trust, signers, platforms } = options;
    const missing = unknownImage(image) ?? undefinedSigners(image, signers);
    if (missing !== undefined) return `have an image with evidence of a scan: ${missing}`;
    const trusted = trusts.slice(trusts.findIndex((name) => name === trust));
    return firstFailure(image, platforms, (part, name) => {
      const scans = scansOf(part, image.source, (under) => image.source.image(under)?.scans ?? []);
      if (scans.length === 0) return `have an image that was scanned: ${noneOf("scan", image, name)}`;
      const verified = signers.length === 0 ? scans : scansOf(part, image.source, (under) => image.source.verifyScans(under, signers).accepted);
      const counted = verified.filter(({ origin }) => trusted.includes(origin.trust));
      const newest = counted[0];
      if (newest === undefined) return `have an image with a scan that is trusted: none of the scans of ${name} ${signers.length > 0 ? `is signed by ${signers.join(" or ")}` : trust === "signed" ? "is signed" : "is from a registry or signed"}`;
      const failures = counted.map((scan) => ageFailure(scan, seconds(now)));
      return failures.some((failure) => failure === undefined) ? undefined : failures[0]?.(name);
    });

    function ageFailure({ scannedAt, databaseBuiltAt, scanner }: ImageScan, at: number): ((name: string) => string) | undefined {
      const scanned = seconds(Date.parse(scannedAt));
      const by = `by ${scanner.name} on ${dateOf(scannedAt)}`;
      if (scanned > at + clockSkewMinutes * 60) return (name) => `have an image whose scan is not dated in the future: ${name} was scanned ${by}, and today is ${dateOf(new Date(at * 1000).toISOString())}`;
      if (at - scanned > maxAgeDays * day) return (name) => `have an image that was scanned in the last ${maxAgeDays} days: ${name} was scanned ${by}, ${Math.floor((at - scanned) / day)} days ago`;
      if (databaseBuiltAt !== undefined && scanned - seconds(Date.parse(databaseBuiltAt)) > maxDatabaseAgeDays * day) return (name) => `have an image that was scanned with a database of at most ${maxDatabaseAgeDays} days: ${name} was scanned ${by} with one of ${dateOf(databaseBuiltAt)}`;
      return undefined;
    }
  },
  examples: {
    kubernetes: [
      { bad: [{ image: imageOf("stale") }, { image: imageOf("future") }, { image: imageOf("old database") }], good: { image: `registry.example.com/app@${digest}` } },
      // Of what was never looked at, the other rules about evidence cannot say anything either.
      { bad: { image: imageOf("unscanned") }, good: { image: `registry.example.com/app@${digest}` }, within: ["undecided no-severe-vulnerabilities"] },
      { bad: { image: imageOf("unlisted") }, good: { image: `registry.example.com/app@${digest}` }, within: ["require-image-signature", "require-provenance", "undecided no-severe-vulnerabilities", "undecided max-image-age", "undecided allowed-base-images"] },
    ],
    docker: [{ bad: { image: imageOf("stale") }, good: { image: `registry.example.com/app@${digest}` } }, { bad: { image: imageOf("unscanned") }, good: { image: `registry.example.com/app@${digest}` }, within: ["undecided no-severe-vulnerabilities"] }],
    compose: { bad: { image: imageOf("stale") }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { bad: [{ instructions: [`FROM ${imageOf("stale")}`, ...imageEnd] }], good: { instructions: [`FROM registry.example.com/app@${digest}`, ...imageEnd] } },
  },
});

