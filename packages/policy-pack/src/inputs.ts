import { UNKNOWN } from "@bulkhead/core";

/** What the engine sends for a value that is not known yet, by the value's type (@pulumi/policy proxy.js). */
const sentinels = [
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421", "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", "030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];
const sentinelLength = 36;
/** Where the SDK's proxy keeps the object behind it, in which reading what is unknown does not throw. */
export const proxyTarget = "__getSpecialProxyTarget";

/** Marks values of a kind of their own as they are sent, among them secrets (@pulumi/pulumi runtime/rpc.js). */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

type Bag = { readonly [key: string]: unknown };

/** The inputs of a resource as plain data, with UNKNOWN for what is not known yet. What holds nothing unknown is not copied. */
export function plainInputs(props: unknown): unknown {
  if (typeof props !== "object" || props === null) return replaceUnknown(props, 0);
  const target = (props as Bag)[proxyTarget];
  return typeof target === "object" && target !== null ? replaceUnknown(target, 0) : readThroughProxy(props, 0);
}

/**
 * The same as a copy, for the proxy that keeps secrets: `map` and its like throw on the lists that it hands out
 * (@pulumi/policy 1.21 deserialize.js, no regard for Array's own `prototype`).
 */
export function copiedInputs(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return isSentinel(value) ? UNKNOWN : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return UNKNOWN;
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => copiedInputs((value as readonly unknown[])[index], depth + 1));
  return Object.fromEntries(Object.keys(value).map((key) => [key, copiedInputs((value as Bag)[key], depth + 1)]));
}

/** Properties as they are sent: secrets are unwrapped, and assets are left as they are. */
export function decodedInputs(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return isSentinel(value) ? UNKNOWN : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return UNKNOWN;
  if (Array.isArray(value)) return value.map((member) => decodedInputs(member, depth + 1));
  const bag = value as Bag;
  if (bag[signature] === secretSignature) return decodedInputs(bag["value"], depth + 1);
  return Object.fromEntries(Object.keys(bag).map((key) => [key, decodedInputs(bag[key], depth + 1)]));
}

/** Below this nobody looks: what stands there is not known. No resource is that deep. */
const maxDepth = 200;

function replaceUnknown(value: unknown, depth: number): unknown {
  if (typeof value === "string") return isSentinel(value) ? UNKNOWN : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return UNKNOWN;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const member: unknown = value[index];
      const plain = replaceUnknown(member, depth + 1);
      if (plain !== member) (copy ??= [...(value as unknown[])])[index] = plain;
    }
    return copy ?? value;
  }
  const bag = value as Bag;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(bag)) {
    const plain = replaceUnknown(bag[key], depth + 1);
    if (plain !== bag[key]) (copy ??= { ...bag })[key] = plain;
  }
  return copy ?? bag;
}

/** Interpolated text that holds an unknown part is unknown as a whole. */
function isSentinel(value: string): boolean {
  return value.length >= sentinelLength && sentinels.some((sentinel) => value.includes(sentinel));
}

/** For an SDK whose proxy has no such door: each read on its own, an unknown one throws. */
function readThroughProxy(value: unknown, depth: number): unknown {
  if (typeof value === "string") return isSentinel(value) ? UNKNOWN : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return UNKNOWN;
  const read = (key: string | number): unknown => {
    try {
      return readThroughProxy((value as { readonly [key: string | number]: unknown })[key], depth + 1);
    } catch {
      return UNKNOWN;
    }
  };
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => read(index));
  return Object.fromEntries(Object.keys(value).map((key) => [key, read(key)]));
}
