import { UNKNOWN } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { emptyAsset, secret, secretsPreservingProxy, unknownCheckingProxy, unknownString } from "../test/sdk";
import { copiedInputs, decodedInputs, plainInputs } from "./inputs";

const sentinels = [
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421", unknownString, "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];
const nested = (depth: number, leaf: unknown): unknown => Array.from({ length: depth }).reduce((value) => ({ a: value }), leaf);

describe("plainInputs", () => {
  test.each(sentinels)("%s is unknown, alone and within a text", (sentinel) => {
    const props = { alone: sentinel, within: `a-${sentinel}-b`, list: ["x", sentinel, { deep: sentinel }], known: 1 };
    expect(plainInputs(unknownCheckingProxy(props))).toEqual({ alone: UNKNOWN, within: UNKNOWN, list: ["x", UNKNOWN, { deep: UNKNOWN }], known: 1 });
  });

  test("what holds nothing unknown is not copied, and nothing is changed in place", () => {
    const props = { known: { a: [1, "two", null, true] }, holds: { unknown: unknownString, beside: { b: 2 } } };
    const before = structuredClone(props);
    const plain = plainInputs(unknownCheckingProxy(props)) as typeof props;
    expect(plain.known).toBe(props.known);
    expect(plain.holds).not.toBe(props.holds);
    expect(plain.holds.beside).toBe(props.holds.beside);
    expect(props).toEqual(before);
    const known = { a: { b: [] } };
    expect(plainInputs(unknownCheckingProxy(known))).toBe(known);
  });

  test("without the door behind the SDK's proxy it is read through it", () => {
    const proxy = unknownCheckingProxy({ a: [unknownString, { b: "c", d: `x${unknownString}` }], e: unknownString, f: null });
    const closed = new Proxy(proxy, { get: (target, key) => (key === "__getSpecialProxyTarget" ? undefined : Reflect.get(target, key)) });
    expect(plainInputs(closed)).toEqual({ a: [UNKNOWN, { b: "c", d: UNKNOWN }], e: UNKNOWN, f: null });
  });

  test.each([undefined, null, "text", 1, true])("%j is not refused", (value) => {
    expect(plainInputs(value)).toBe(value);
  });

  test("what is too deep to look at is unknown, not known", () => {
    let value = plainInputs(unknownCheckingProxy({ a: nested(1000, unknownString) }));
    while (value !== UNKNOWN && value !== undefined) value = (value as { readonly a?: unknown }).a;
    expect(value).toBe(UNKNOWN);
  });
});

describe("copiedInputs", () => {
  test("copies through the proxy that keeps secrets", () => {
    const kept = secretsPreservingProxy({ list: [{ a: 1 }, unknownString], text: "x" });
    expect(copiedInputs(kept)).toEqual({ list: [{ a: 1 }, UNKNOWN], text: "x" });
  });
});

describe("decodedInputs", () => {
  test("unwraps secrets, and leaves alone what it has no need of", () => {
    const sent = { token: secret(secret("hunter2")), list: [secret(unknownString), secret({ a: [secret(1)] })], asset: emptyAsset };
    expect(decodedInputs(sent)).toEqual({ token: "hunter2", list: [UNKNOWN, { a: [1] }], asset: emptyAsset });
  });
});
