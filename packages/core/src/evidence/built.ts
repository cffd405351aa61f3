import type { ImageReference } from "../image-reference";
import { formatReference, tagNameOnly } from "../image-reference";
import type { Model } from "../model/subject";

/** Normalised references with a tag, as `docker.io/library/app:1`, under which the program itself puts images. */
export interface BuiltImages {
  readonly has: (reference: string) => boolean;
}

/** What is said of an image that the program makes: by a digest that it does not have yet nothing can be known of it. */
export const built = "names an image that is built here, and has a digest only after that: its registry and its Dockerfile are judged now, and the rest once it is named by its digest (the output of the build, or what was pushed)";

/** How a lockfile names the image: whole, with a tag and without a digest. */
export function taggedName(reference: ImageReference): string {
  const { digest: _, ...named } = reference;
  return formatReference(tagNameOnly(named));
}

/** What builds and pushes of a document make, by reference. One with a digest is made by nobody: it names its content. */
export function builtReferences(models: readonly Model[]): readonly string[] {
  return models.flatMap(({ subjects }) => subjects.flatMap((subject) => {
    if (subject.about !== "image" || (subject.use !== "build" && subject.use !== "push")) return [];
    const { registry } = subject;
    return registry.state === "value" && registry.value.digest === undefined ? [taggedName(registry.value)] : [];
  }));
}
