import type { ImageProvenance } from "@bulkhead/core";
import { defineRule, evidenceOf, exact, matchesGlob } from "@bulkhead/core";
import { digest, imageOf } from "../example-evidence";
import { isUsed } from "../image/_used";
import { firstFailure, noneOf, platformsOption, undefinedSigners, unknownImage } from "./_evidence";

export default defineRule({
  id: "require-provenance",
  title: "Images were built by a known builder, from a known source",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "Provenance that the build service signed says which source an image was built from; without it nobody can tell whether it was that source, or somebody's laptop.",
  remediation: "Have the build service attest SLSA provenance (docker buildx build --provenance with a signing step, or the generator of your CI), and run bulkhead evidence sync.",
  whenNot: "For images of others who attest none. Without the options `signers` and `builders` the rule is not applied at all.",
  about: "image",
  appliesTo: isUsed,
  options: {
    signers: { type: "strings", description: "Names of signers of the configuration (evidence.signers), of whom one must have signed the provenance; it is verified again, offline.", example: ["ci"] },
    builders: { type: "strings", description: "Builders that are accepted, by builder.id; `*` stands for any text.", example: ["https://github.com/slsa-framework/slsa-github-generator/*"] },
    sources: { type: "strings", description: "Source repositories that are accepted, by their URI; `*` stands for any text. An empty list accepts every one.", example: ["https://github.com/acme/*"], default: [] },
    platforms: platformsOption,
  },
  reads: (image, _inventory, surroundings) => ({ image: exact(evidenceOf(image, surroundings)) }),
  check: ({ image }, { options: { signers, builders, sources, platforms } }) => {
    if (image === undefined) return undefined;
    const missing = unknownImage(image) ?? undefinedSigners(image, signers);
    if (missing !== undefined) return `have an image with provenance: ${missing}`;
    return firstFailure(image, platforms, (part, name) => {
      const verified = part.digests.map((under) => image.source.verifyProvenance(under, signers));
      const accepted = verified.flatMap((records) => records.accepted);
      if (accepted.some((record) => isBuiltBy(record, builders) && isFrom(record, sources))) return undefined;
      const reasons = [...new Set(verified.flatMap(({ rejected }) => rejected.map(({ rejection }) => rejection.reason)))];
      if (accepted.length === 0) return `have an image with provenance that ${signers.join(" or ")} signed: ${reasons.length === 0 ? noneOf("provenance", image, name) : `that of ${name} does not count (${reasons.join("; ")})`}`;
      const [first] = accepted.filter((record) => isBuiltBy(record, builders));
      if (first === undefined) return `have an image of an accepted builder (${builders.join(", ")}): ${name} was built by ${accepted[0]?.builder ?? "another"}`;
      return `have an image from an accepted source (${sources.join(", ")}): ${name} was built from ${first.source ?? "a source that its provenance does not name"}`;
    });
  },
  exampleOptions: { signers: ["release"], builders: ["https://github.com/actions/runner/*"], sources: ["https://github.com/acme/*"] },
  examples: {
    // Without provenance, an SBOM or labels nothing says what an image is built upon.
    kubernetes: { within: ["undecided allowed-base-images"], bad: [{ image: imageOf("no provenance") }, { image: imageOf("another builder") }, { image: imageOf("another source") }], good: { image: `registry.example.com/app@${digest}` } },
    docker: { within: ["undecided allowed-base-images"], bad: { image: imageOf("no provenance") }, good: { image: `registry.example.com/app@${digest}` } },
    compose: { within: ["undecided allowed-base-images"], bad: { image: imageOf("no provenance") }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { within: ["undecided allowed-base-images"], bad: { steps: [`COPY --from=${imageOf("no provenance")} /app /app`] }, good: { steps: [`COPY --from=registry.example.com/app@${digest} /app /app`] } },
  },
});

function isBuiltBy({ builder }: ImageProvenance, builders: readonly string[]): boolean {
  return builders.some((pattern) => matchesGlob(pattern, builder));
}

function isFrom({ source }: ImageProvenance, sources: readonly string[]): boolean {
  return sources.length === 0 || (source !== undefined && sources.some((pattern) => matchesGlob(pattern, source)));
}
