import type { EvidencedImage, Field, Image, Surroundings } from "@bulkhead/core";
import { defineRule, evidenceOf, exact, partsOf } from "@bulkhead/core";
import { digest, imageOf } from "../example-evidence";
import { isUsed } from "../image/_used";
import { dateOf, day, firstFailure, platformsOption, seconds } from "./_evidence";

/** Reproducible builds set the date to the beginning of some epoch: that says nothing. */
const earliest = Date.UTC(2000, 0, 1);

export default defineRule({
  id: "max-image-age",
  title: "Images were built within half a year",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.2.2", "owasp-docker": "D02" },
  why: "An image holds the packages of the day that it was built: an old one has missed every update since, also those that no scanner knows of.",
  remediation: "Build the image again on an updated base, or move to a newer release of it.",
  whenNot: "For images that are built reproducibly, or of static binaries that have nothing to update.",
  about: "image",
  appliesTo: isUsed,
  options: {
    maxAgeDays: { type: "number", description: "Days since the image was built.", example: 90, minimum: 1, default: 180 },
    platforms: platformsOption,
  },
  reads: (image, _inventory, surroundings) => ({ image: exact(datedImage(image, surroundings)) }),
  check: ({ image }, { options: { maxAgeDays, platforms }, now = 0 }) => {
    if (image === undefined) return undefined;
    if (image.failure !== undefined) return `have an image that was built in the last ${maxAgeDays} days: ${image.failure}`;
    return firstFailure(image, platforms, (part, name) => {
      const { createdAt } = image.source.image(part.digest) ?? {};
      if (createdAt === undefined || Date.parse(createdAt) < earliest) return undefined;
      const age = Math.floor((seconds(now) - seconds(Date.parse(createdAt))) / day);
      return age <= maxAgeDays ? undefined : `have an image that was built in the last ${maxAgeDays} days: ${name} was built on ${dateOf(createdAt)}, ${age} days ago`;
    });
  },
  examples: {
    kubernetes: { bad: { image: imageOf("old image") }, good: { image: `registry.example.com/app@${digest}` } },
    docker: { bad: { image: imageOf("old image") }, good: { image: `registry.example.com/app@${digest}` } },
    compose: { bad: { image: imageOf("old image") }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { bad: { steps: [`COPY --from=${imageOf("old image")} /app /app`] }, good: { steps: [`COPY --from=registry.example.com/app@${digest} /app /app`] } },
  },
});

/** An image of which no part says when it was built cannot be judged. */
function datedImage(image: Image, surroundings: Surroundings): Field<EvidencedImage> {
  const field = evidenceOf(image, surroundings);
  if (field.state !== "value" || field.value.failure !== undefined) return field;
  const { digest: judged, source } = field.value;
  const isDated = judged !== undefined && partsOf(judged, source, []).every((part) => Date.parse(source.image(part.digest)?.createdAt ?? "") >= earliest);
  return isDated ? field : { state: "unknown", reason: "names an image of which the lockfile does not say when it was built", path: field.path, to: () => undefined };
}
