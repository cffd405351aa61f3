import type { BuiltImages } from "@bulkhead/core";
import { builtReferences, readDocument } from "@bulkhead/core";
import type { SourceDocument } from "./read";
import { readAll } from "./read";

/**
 * What the builds make that stand anywhere in what is judged. A use may stand before its build, so that everything is read
 * for it once more, when an image is first asked for: what no build can stand in, every manifest, is not parsed.
 */
export function builtImages(paths: readonly string[], merged: readonly string[]): BuiltImages {
  let references: ReadonlySet<string> | undefined;
  return { has: (reference) => (references ??= allBuilt(paths, merged)).has(reference) };
}

function allBuilt(paths: readonly string[], merged: readonly string[]): ReadonlySet<string> {
  const references = new Set<string>();
  for (const { documents } of readAll(paths, merged, mayBuild)) {
    for (const document of documents) for (const reference of buildsOf(document)) references.add(reference);
  }
  return references;
}

/** A state, or a compose file by its content: a build has a type of its own, or stands in a key of its own. */
function mayBuild(text: string): boolean {
  return text.includes("docker:") || text.includes("docker-build:") || (text.includes("services") && text.includes("build"));
}

/** What cannot be read is reported where it is judged, and builds nothing here. */
export function buildsOf({ value, address: { readBuildFile: _, ...address } }: SourceDocument): readonly string[] {
  try {
    return builtReferences(readDocument(value, address));
  } catch {
    return [];
  }
}
