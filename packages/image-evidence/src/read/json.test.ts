import { describe, expect, test } from "vitest";
import { parseJson, splitLines } from "./json.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string, limits = {}): unknown => parseJson(bytes(text), "r.json", limits);

describe("a document's JSON", () => {
  test.each([
    ["", "r.json: expected a JSON document, found nothing"],
    ["{", "found text that is not JSON"],
    ['{"a":1,"a":2}', 'each name of an object once, found "a" again at byte 7'],
    ['{"a":1,"\\u0061":2}', 'found "a" again'],
    ['[{"a":{"b":1,"c":[{"b":1}],"b":2}}]', 'found "b" again'],
    ['{"a\\"":1,"a\\"":2}', "again at byte"],
    ['{"schlüssel":1,"schl\\u00fcssel":2}', "again at byte"],
  ])("%s is refused", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  test("the same name in different objects, and as a value, is no repetition", () => {
    const text = '{"a":{"a":"a"},"b":["a","a",{"a":1},{"a":1}],"c\\\\":"a","c":"{\\"a\\":1,\\"a\\":1}"}';
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test("a name that is repeated among thousands is found, one that is not is not", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `"n${index}":${index}`);
    expect(Object.keys(parse(`{${names.join()}}`) as object)).toHaveLength(5000);
    expect(() => parse(`{${names.join()},"n4321":0}`)).toThrow('"n4321" again');
  });

  test("a bomb of nested lists is refused before it is built", () => {
    expect(() => parse("[".repeat(1_000_000))).toThrow("at most 128 objects and lists within one another, found more at byte 128");
    expect(() => parse('{"a":'.repeat(200))).toThrow("at most 128");
    expect(parse(`${"[".repeat(128)}${"]".repeat(128)}`)).toBeDefined();
  });

  test("a bomb of many small values, or of many names, is refused before it is built", () => {
    expect(() => parse(`[${"[],".repeat(2_000_001)}[]]`)).toThrow("at most 4000000 values, found more at byte");
    expect(() => parse("[1,2,3,4]", { maxValues: 3 })).toThrow("at most 3 values, found more at byte");
    expect(parse("[1,2,3]", { maxValues: 3 })).toEqual([1, 2, 3]);
    expect(() => parse(`{${Array.from({ length: 100_001 }, (_, index) => `"${index}":0`).join()}}`)).toThrow("at most 100000 names in an object");
  });

  test("more bytes than allowed are refused unread", () => {
    expect(() => parseJson(new Uint8Array(64 * 1024 * 1024 + 1), "big.json")).toThrow("big.json: expected at most 67108864 bytes, found 67108865");
    expect(() => parse("[1,2,3]", { maxBytes: 6 })).toThrow("at most 6 bytes");
  });

  test("text that is not UTF-8 is refused, and an error never shows what the document says", () => {
    expect(() => parseJson(new Uint8Array([0xff, 0xfe, 0x7b, 0]), "r.json")).toThrow("expected JSON in UTF-8, found UTF-16");
    expect(() => parseJson(new Uint8Array([0x22, 0xc3, 0x28, 0x22]), "r.json")).toThrow("not UTF-8");
    expect(() => parse('{"password": hunter2}')).toThrow(/^(?!.*hunter).*$/);
  });

  test("__proto__ is a name like any other", () => {
    const value = parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>;
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("documents on lines", () => {
  const texts = (text: string): readonly string[] => splitLines(bytes(text)).map((line) => new TextDecoder().decode(line).trim());

  test.each([
    ['{"a":1}\n{"b":2}\n\n', ['{"a":1}', '{"b":2}']],
    ['{"a":1}\r\n  {"b":2}', ['{"a":1}', '{"b":2}']],
    ['{\n"a":1\n}', ['{\n"a":1\n}']],
    ["[1]\n[2]", ["[1]\n[2]"]],
    ["", [""]],
  ])("%j", (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });
});
