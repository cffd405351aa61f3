import type { Path } from "@bulkhead/core";
import { applyPatches, isObject } from "@bulkhead/core";
import type { NamedPod } from "./evaluator.ts";

/** Every place in a value, from the outside in, the value itself left out. */
export function places(value: unknown, path: Path = []): readonly Path[] {
  const children: readonly (readonly [string | number, unknown])[] = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return children.flatMap(([key, child]) => [[...path, key], ...places(child, [...path, key])]);
}

/** Takes away from a pod, part by part, whatever is not needed for it to be `interesting`. */
export async function shrink(pod: NamedPod, interesting: (candidates: readonly NamedPod[]) => Promise<readonly boolean[]>): Promise<NamedPod> {
  let smallest = pod;
  for (;;) {
    const { name, metadata = {}, spec } = smallest;
    const candidates = places({ metadata, spec }).flatMap((path) => {
      if (path.length < 2) return [];
      const copy = structuredClone({ metadata, spec });
      const parent = path.slice(0, -1).reduce<unknown>((value, key) => (value as { readonly [key: string | number]: unknown })[key], copy);
      if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
      else applyPatches(copy, [{ op: "remove", path }]);
      return [{ name, ...copy }];
    });
    const hits = await interesting(candidates);
    const next = candidates.find((_, index) => hits[index] === true);
    if (next === undefined) return smallest;
    smallest = next;
  }
}
