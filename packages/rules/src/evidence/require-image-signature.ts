import { defineRule, evidenceOf, exact } from "@bulkhead/core";
import { digest, imageOf } from "../example-evidence";
import { isUsed } from "../image/_used";
import { firstFailure, noneOf, platformsOption, undefinedSigners, unknownImage } from "./_evidence";

export default defineRule({
  id: "require-image-signature",
  title: "Images are signed by those who may sign them",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "A digest says which image it is, not who made it. A signature that is checked against a key or an identity does.",
  remediation: "Sign the image with cosign where it is released, and run bulkhead evidence sync. Name who may sign under evidence.signers of the configuration, and in the option signers.",
  whenNot: "For images of others who do not sign. Without the option `signers` the rule is not applied at all.",
  about: "image",
  appliesTo: isUsed,
  options: {
    signers: { type: "strings", description: "Names of signers of the configuration (evidence.signers), of whom one must have signed the image; the signature is verified again, offline.", example: ["release"] },
    platforms: platformsOption,
  },
  reads: (image, _inventory, surroundings) => ({ image: exact(evidenceOf(image, surroundings)) }),
  check: ({ image }, { options: { signers, platforms } }) => {
    if (image === undefined) return undefined;
    const missing = unknownImage(image) ?? undefinedSigners(image, signers);
    if (missing !== undefined) return `have an image that is signed by ${signers.join(" or ")}: ${missing}`;
    const { source, digest: judged = "" } = image;
    if (source.verifySignatures(judged, signers).accepted.length > 0) return undefined;
    return firstFailure(image, platforms, (part, name) => {
      const verified = part.digests.map((under) => source.verifySignatures(under, signers));
      if (verified.some(({ accepted }) => accepted.length > 0)) return undefined;
      const reasons = [...new Set(verified.flatMap(({ rejected }) => rejected.map(({ rejection }) => rejection.reason)))];
      return `have an image that is signed by ${signers.join(" or ")}: ${reasons.length === 0 ? noneOf("signature", image, name) : `${name} is not (${reasons.join("; ")})`}`;
    });
  },
  exampleOptions: { signers: ["release"] },
  examples: {
    kubernetes: { bad: [{ image: imageOf("unsigned") }, { image: imageOf("signed by another") }], good: { image: `registry.example.com/app@${digest}` } },
    docker: { bad: { image: imageOf("unsigned") }, good: { image: `registry.example.com/app@${digest}` } },
    compose: { bad: { image: imageOf("unsigned") }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { bad: { steps: [`COPY --from=${imageOf("unsigned")} /app /app`] }, good: { steps: [`COPY --from=registry.example.com/app@${digest} /app /app`] } },
  },
});
