import type { Model } from "@bulkhead/core";
import { builtReferences, composeType, dockerfileType, imageName, isAskedFor, readDocument } from "@bulkhead/core";
import { describeError } from "../io";
import type { InputError } from "../read/problem";
import type { SourceDocument, SourceFile } from "../read/read";
import { readAll } from "../read/read";

export const sourceKinds = ["state", "manifests", "compose", "Dockerfile"] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** The images that are used in what is given, by the readers of `check`. */
export interface UsedImages {
  /** Normalised, each once and sorted: with a tag, or with a digest alone. */
  readonly references: readonly string[];
  /** Those of them that a build in what is given makes, wherever that stands. */
  readonly built: readonly string[];
  /** Images that cannot be asked for: not known before the deployment, an image id, no reference. */
  readonly passedOver: readonly { readonly file: string; readonly image: string; readonly reason: string }[];
  readonly errors: readonly InputError[];
}

export function usedImages(paths: readonly string[], from: SourceKind | undefined): UsedImages {
  const references = new Set<string>();
  const made = new Set<string>();
  const passedOver: UsedImages["passedOver"][number][] = [];
  const errors: InputError[] = [];
  for (const source of readAll(paths)) {
    errors.push(...source.errors);
    for (const document of source.documents) {
      const models = modelsOf(source, document, errors);
      for (const reference of builtReferences(models)) made.add(reference);
      if (from !== undefined && kindOf(document) !== from) continue;
      for (const image of models.flatMap(({ subjects }) => subjects.flatMap((subject) => (subject.about === "image" && isAskedFor(subject) ? [subject] : [])))) {
        const { registry, label } = image;
        const name = registry.state === "value" ? imageName(image) : undefined;
        if (name !== undefined) references.add(name);
        else if (registry.state === "unknown" || registry.state === "unsupported") passedOver.push({ file: source.file, image: label, reason: registry.reason ?? "cannot be known yet" });
      }
    }
  }
  const all = [...references].sort();
  return { references: all, built: all.filter((reference) => made.has(reference)), passedOver, errors };
}

function modelsOf({ file }: SourceFile, { value, address, document }: SourceDocument, errors: InputError[]): readonly Model[] {
  try {
    return readDocument(value, address);
  } catch (error) {
    errors.push({ file, expected: "a document that can be read", found: `a failure${document === undefined ? "" : ` in document ${document}`}: ${describeError(error)}` });
    return [];
  }
}

function kindOf({ address }: SourceDocument): SourceKind {
  if (address.urn !== undefined) return "state";
  if (address.type === composeType) return "compose";
  return address.type === dockerfileType ? "Dockerfile" : "manifests";
}
