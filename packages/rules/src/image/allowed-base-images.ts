import type { BaseImage, EvidencedImage, EvidencedPart, EvidenceSource, Field, Image, ImageReference, Surroundings } from "@bulkhead/core";
import { defineRule, evidenceOf, forbids, matchesRegistry, parseImage, parseRegistryPattern, partsOf } from "@bulkhead/core";
import { firstFailure, noneOf, undefinedSigners } from "../evidence/_evidence";
import { imageOf } from "../example-evidence";
import { digest, imageEnd } from "../examples";
import { isUsed } from "./_used";

/** What a stage of a Dockerfile begins with, or an image that is used, of which the evidence says what it was built upon. */
type Built = { readonly stage: ImageReference } | { readonly image: EvidencedImage };

/** Open where not all of what the image is built upon is known, whoever says it. */
function builtOf(image: Image, surroundings: Surroundings): Field<Built> {
  if (image.use === "base") return image.registry.state === "value" ? known({ stage: image.registry.value }, image.registry) : (image.registry as Field<never>);
  const evidenced = evidenceOf(image, surroundings);
  if (evidenced.state !== "value") return evidenced as Field<never>;
  const { digest: judged, source, failure } = evidenced.value;
  const field = known({ image: evidenced.value }, evidenced);
  if (failure !== undefined) return field;
  const parts = judged === undefined ? [] : partsOf(judged, source, []).map((part) => basesOf(part, source));
  const isOpen = parts.length === 0 || parts.some((bases) => bases.length === 0 || referencesOf(bases).length < bases.length);
  const reason = "names an image of which no provenance, SBOM or label in the lockfile says what all of it is built upon";
  return isOpen ? ({ ...field, partial: true, reason } as Field<Built>) : field;
}

const known = (value: Built, { path }: Field<unknown>): Field<Built> => ({ state: "value", value, path, to: () => undefined });

/** Of all that is said of a part: provenance before an SBOM before labels, since that is who knows best. */
function basesOf({ digests }: EvidencedPart, source: EvidenceSource): readonly BaseImage[] {
  const records = digests.map((under) => source.image(under) ?? {});
  const proven = records.flatMap(({ provenance = [] }) => provenance.flatMap(({ baseImages = [] }) => baseImages));
  const others = records.flatMap(({ baseImages = [] }) => baseImages);
  return [proven, others.filter(({ from }) => from === "sbom"), others].find((list) => list.length > 0) ?? [];
}

type NamedBase = Pick<BaseImage, "from"> & { readonly reference: ImageReference };

function referencesOf(bases: readonly BaseImage[]): readonly NamedBase[] {
  return bases.flatMap((base) => parsedBase(base) ?? []);
}

/** Records stay what they are: each is parsed once, however many images have it. */
const parsedBases = new WeakMap<BaseImage, NamedBase | undefined>();

function parsedBase(base: BaseImage): NamedBase | undefined {
  if (parsedBases.has(base)) return parsedBases.get(base);
  const parsed = base.reference === undefined ? undefined : parseImage(base.reference);
  const named = parsed?.kind === "name" ? { reference: parsed.reference, from: base.from } : undefined;
  parsedBases.set(base, named);
  return named;
}

/** What signed provenance says, verified again; else why there is none. */
function signedBases({ digests }: EvidencedPart, image: EvidencedImage, name: string, signers: readonly string[]): readonly BaseImage[] | string {
  const verified = digests.map((under) => image.source.verifyProvenance(under, signers));
  const bases = verified.flatMap(({ accepted }) => accepted.flatMap(({ baseImages = [] }) => baseImages));
  if (bases.length > 0) return bases;
  if (verified.some(({ accepted }) => accepted.length > 0)) return `the provenance of ${name} that is signed names none`;
  const reasons = [...new Set(verified.flatMap(({ rejected }) => rejected.map(({ rejection }) => rejection.reason)))];
  return reasons.length === 0 ? noneOf("provenance", image, name) : `the provenance of ${name} does not count (${reasons.join("; ")})`;
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
  whenNot: "Where a pull-through mirror enforces the list. Without the option `images` the rule is not applied at all. Of an image that is run or pulled the lockfile is asked: provenance tells its base images, else an SBOM, else its labels, which anybody who builds it can write. With the option `signers` only provenance counts that one of them signed.",
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
    signers: { type: "strings", description: "Names of signers of the configuration (evidence.signers) of whom one must have signed the provenance that tells the base images of an image that is run or pulled; it is verified again, and SBOMs and labels do not count then.", example: ["ci"], default: [] },
  },
  overlaps: ["allowed-registries"],
  reads: (image, _inventory, surroundings) => ({ built: forbids(builtOf(image, surroundings)) }),
  check({ built }, { options: { images, signers } }) {
    if (built === undefined) return undefined;
    const allowed = `one of the allowed base images (${images.join(", ")})`;
    const isOther = ({ reference }: { readonly reference: ImageReference }): boolean => !images.some((pattern) => matchesRegistry(reference, pattern));
    if ("stage" in built) return isOther({ reference: built.stage }) ? `be ${allowed}, not ${built.stage.domain}/${built.stage.path}` : undefined;
    const { image } = built;
    const missing = image.failure ?? undefinedSigners(image, signers);
    if (missing !== undefined) return `be built upon ${allowed}: ${missing}`;
    return firstFailure(image, [], (part, name) => {
      const said = basesOf(part, image.source);
      // Of what nobody says anything, nothing is known: undecided.
      const bases = signers.length === 0 || said.length === 0 ? said : signedBases(part, image, name, signers);
      if (typeof bases === "string") return `be built upon ${allowed}, as provenance says that ${signers.join(" or ")} signed: ${bases}`;
      const other = referencesOf(bases).find(isOther);
      return other === undefined ? undefined : `be built upon ${allowed}: ${witnesses[other.from]} names ${other.reference.domain}/${other.reference.path}`;
    });
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
