import type { BaseImage, EvidencedImage, Field, Image, ImageReference, Surroundings } from "@bulkhead/core";
import { defineRule, evidenceOf, forbids, matchesRegistry, parseImage, parseRegistryPattern, partsOf } from "@bulkhead/core";
import { imageOf } from "../example-evidence";
import { digest, imageEnd } from "../examples";
import { isUsed } from "./_used";

/** An image that another one is, or may be, built upon, and who says so. */
interface Base {
  readonly reference: ImageReference;
  readonly from: BaseImage["from"];
}

/** Why nothing is known of what an image is built upon, although a registry had to say it. */
interface Unasked {
  readonly failure: string;
}

/** What a stage of a Dockerfile begins with; of an image that is used, what the evidence says that it was built upon. */
function basesOf(image: Image, surroundings: Surroundings): Field<readonly (Base | Unasked)[]> {
  if (image.use === "base") return image.registry.state === "value" ? known([{ reference: image.registry.value, from: "dockerfile" }], image.registry) : (image.registry as Field<never>);
  const evidenced = evidenceOf(image, surroundings);
  if (evidenced.state !== "value") return evidenced as Field<never>;
  const { digest: judged, source, failure } = evidenced.value;
  if (failure !== undefined) return known([{ failure }], evidenced);
  const parts = judged === undefined ? [] : partsOf(judged, source, []).map(({ digests }) => mostTrusted(digests.map((under) => source.image(under) ?? {})));
  const bases = parts.flat();
  const references = bases.flatMap(({ reference, from }): readonly Base[] => {
    const parsed = reference === undefined ? undefined : parseImage(reference);
    return parsed?.kind === "name" ? [{ reference: parsed.reference, from }] : [];
  });
  const isOpen = parts.length === 0 || parts.some((part) => part.length === 0) || references.length < bases.length;
  const reason = "names an image of which no provenance, SBOM or label in the lockfile says what all of it is built upon";
  return { ...known(references, evidenced), ...(isOpen ? { partial: true, reason } : {}) };
}

const known = <T>(value: T, { path }: Field<unknown>): Field<T> => ({ state: "value", value, path, to: () => undefined });

/** Of all that is said of an image: provenance before an SBOM before labels, since that is who knows best. */
function mostTrusted(records: readonly NonNullable<ReturnType<EvidencedImage["source"]["image"]>>[]): readonly BaseImage[] {
  const proven = records.flatMap(({ provenance = [] }) => provenance.flatMap(({ baseImages = [] }) => baseImages));
  const others = records.flatMap(({ baseImages = [] }) => baseImages);
  return [proven, others.filter(({ from }) => from === "sbom"), others].find((list) => list.length > 0) ?? [];
}

const witnesses: { readonly [from in BaseImage["from"]]: string } = { provenance: "its provenance", sbom: "its SBOM", label: "its label", dockerfile: "its Dockerfile" };

export default defineRule({
  id: "allowed-base-images",
  title: "Images are built upon allowed base images",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "4.2", "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "Everything in the base image is in every image that is built upon it: its packages, its users, and whatever its author put there.",
  remediation: "Begin each stage with an image of the list; add another only after review. Of an image that is built elsewhere, have the build write provenance, and run bulkhead evidence sync.",
  whenNot: "Where a pull-through mirror enforces the list. Without the option `images` the rule is not applied at all. Of an image that is run or pulled the lockfile is asked: provenance tells its base images, else an SBOM, else its labels, which anybody who builds it can write. Who may sign provenance is for require-provenance to say.",
  about: "image",
  appliesTo: isUsed,
  options: {
    images: {
      type: "strings",
      description: "Repositories, or registries, that images may be built upon, as in allowed-registries: a whole domain, optionally followed by whole path components.",
      example: ["gcr.io/distroless", "docker.io/library/golang"],
      check: (pattern: string) => {
        const parsed = parseRegistryPattern(pattern);
        return "error" in parsed ? `an image such as "gcr.io/distroless" (${parsed.error})` : undefined;
      },
    },
  },
  overlaps: ["allowed-registries"],
  reads: (image, _inventory, surroundings) => ({ bases: forbids(basesOf(image, surroundings)) }),
  check({ bases = [] }, { options }) {
    const allowed = `one of the allowed base images (${options.images.join(", ")})`;
    const unasked = bases.find((base): base is Unasked => "failure" in base);
    if (unasked !== undefined) return `be built upon ${allowed}: ${unasked.failure}`;
    const other = bases.filter((base): base is Base => !("failure" in base)).find(({ reference }) => !options.images.some((pattern) => matchesRegistry(reference, pattern)));
    if (other === undefined) return;
    const name = `${other.reference.domain}/${other.reference.path}`;
    return other.from === "dockerfile" ? `be ${allowed}, not ${name}` : `be built upon ${allowed}: ${witnesses[other.from]} names ${name}`;
  },
  exampleOptions: { images: ["registry.example.com", "docker.io/library/debian"] },
  examples: {
    kubernetes: { bad: { image: imageOf("another base") }, good: { image: `registry.example.com/app@${digest}` } },
    docker: { bad: { image: imageOf("another base") }, good: { image: `registry.example.com/app@${digest}` } },
    compose: { bad: { image: imageOf("another base") }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: {
      bad: [{ instructions: [`FROM docker.io/library/nginx:1.29@${digest}`, ...imageEnd] }, { instructions: ["ARG BASE=registry.example.com.evil.org", `FROM \${BASE}/app@${digest} AS build`, "RUN compile", "FROM scratch", "COPY --from=build /app /app", ...imageEnd] }],
      good: { instructions: ["ARG BASE=registry.example.com", `FROM \${BASE}/app@${digest}`, ...imageEnd] },
    },
  },
});
