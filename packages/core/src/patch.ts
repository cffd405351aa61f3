import type { Patch, Path } from "./field";
import { formatPath, UNKNOWN } from "./field";

type Container = Record<string | number, unknown>;

/**
 * Applies patches to a document in place. Missing parents are created as objects (or lists, for a number key).
 * Removing what is not there is no change.
 *
 * @throws Error when a parent is unknown or a scalar: such patches cannot be written, and none of them is.
 */
export function applyPatches(document: unknown, patches: readonly Patch[]): void {
  for (const { path } of patches) {
    if (path.length === 0) throw new Error("a patch needs a path, found an empty one");
    if (path.some((key) => key === "__proto__")) throw new Error(`cannot write to ${formatPath(path)}`);
    walk(document, path, false);
  }
  for (const patch of patches) applyPatch(document, patch);
}

function applyPatch(document: unknown, patch: Patch): void {
  const last = patch.path.at(-1) as string | number;
  const parent = walk(document, patch.path, patch.op === "set");
  if (parent === undefined) return;
  if (patch.op === "set") parent[last] = patch.value;
  else if (Array.isArray(parent)) removeMember(parent, Number(last));
  else delete parent[last];
}

/** Without `splice`, which fails on the lists that Pulumi's SDK hands out (@pulumi/policy deserialize.js). */
function removeMember(list: unknown[], index: number): void {
  if (index >= list.length) return;
  for (let at = index; at < list.length - 1; at++) list[at] = list[at + 1];
  list.length -= 1;
}

function walk(document: unknown, path: Path, create: boolean): Container | undefined {
  let current = container(document, path, 0);
  for (let depth = 0; depth < path.length - 1; depth++) {
    const key = path[depth] as string | number;
    if (current[key] === undefined || current[key] === null) {
      if (!create) return undefined;
      current[key] = typeof path[depth + 1] === "number" ? [] : {};
    }
    current = container(current[key], path, depth + 1);
  }
  return current;
}

function container(value: unknown, path: Path, depth: number): Container {
  if (typeof value === "object" && value !== null) return value as Container;
  const found = value === UNKNOWN ? "a value that is not known yet" : `a ${typeof value}`;
  throw new Error(`${formatPath(path.slice(0, depth)) || "the document"}: expected an object or a list, found ${found}`);
}
