import { defineRule, exact } from "@bulkhead/core";
import { digest, imageOf } from "../example-evidence";
import { isUsed } from "../image/_used";
import { scannedImage, severeVulnerabilities, vulnerabilityOptions } from "./_vulnerabilities";

export default defineRule({
  id: "no-severe-vulnerabilities",
  title: "Scans of images found no severe vulnerability that nobody has accepted",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.1.1", "owasp-docker": "D02" },
  why: "A vulnerability that is known is one that tools exploit by themselves.",
  remediation: "Update the package or the base image and scan again. Where it does not concern this image, say so in a VEX document; where it must be lived with, accept it with an owner, a reason and a date.",
  whenNot: "Where vulnerabilities are followed up in another system, by date and not by gate.",
  about: "image",
  appliesTo: isUsed,
  options: vulnerabilityOptions,
  reads: (image, _inventory, surroundings) => ({ image: exact(scannedImage(image, surroundings)) }),
  check: ({ image }, { options, now = 0 }) => {
    const severe = image === undefined ? undefined : severeVulnerabilities(image, options, now);
    return severe === undefined ? undefined : `${severe.must}: ${severe.because}`;
  },
  examples: {
    kubernetes: { bad: { image: imageOf("vulnerable") }, good: { image: `registry.example.com/app@${digest}` } },
    docker: { bad: { image: imageOf("vulnerable") }, good: { image: `registry.example.com/app@${digest}` } },
    compose: { bad: { image: imageOf("vulnerable") }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { bad: { steps: [`COPY --from=${imageOf("vulnerable")} /app /app`] }, good: { steps: [`COPY --from=registry.example.com/app@${digest} /app /app`] } },
  },
});
