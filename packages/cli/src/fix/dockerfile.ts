import { dockerfileDocument, isObject } from "@bulkhead/core";
import type { Change } from "./edit";
import type { Splice } from "./splice";
import { Uneditable } from "./splice";

/** Puts changed instructions in the place of what they were, and takes out those that are gone; all else stays as it is. */
export function editDockerfile(text: string, changes: readonly Change[]): readonly Splice[] {
  const result = dockerfileDocument(text);
  if ("error" in result) throw new Uneditable("it is no Dockerfile");
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return changes.flatMap(({ before, after }) => {
    const written = instructionsOf(before);
    return alignment(written, instructionsOf(after)).map(({ index, now }): Splice => {
      const line = (result.lines[index] ?? 1) - 1;
      const height = (written[index] ?? "").split("\n").length;
      const start = starts[line] ?? 0;
      const next = starts[line + height] ?? text.length;
      if (now === undefined) return { start, end: next, text: "" };
      const end = text.slice(start, next).search(/\r?\n$/);
      return { start, end: end < 0 ? next : start + end, text: now };
    });
  });
}

function instructionsOf(document: unknown): readonly string[] {
  const list = isObject(document) ? document["instructions"] : undefined;
  if (!Array.isArray(list) || !list.every((member) => typeof member === "string")) throw new Uneditable("its instructions are not known");
  return list;
}

/** What is another text now, or nothing; what is left stands in the same order. A wrong guess is noticed when the result is read again. */
function alignment(before: readonly string[], after: readonly string[]): readonly { readonly index: number; readonly now: string | undefined }[] {
  const changed: { index: number; now: string | undefined }[] = [];
  let gone = before.length - after.length;
  let place = 0;
  for (const [index, text] of before.entries()) {
    if (after[place] === text) place += 1;
    else if (gone > 0 && (place >= after.length || before.indexOf(after[place] ?? "", index + 1) >= 0)) {
      changed.push({ index, now: undefined });
      gone -= 1;
    } else changed.push({ index, now: after[place++] });
  }
  return changed;
}
