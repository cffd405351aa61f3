import { describe, expect, test } from "vitest";
import { isVerifiedStatement, parseStatement, type Statement, subjectDigests, type VerifiedStatement, verifiedStatement } from "./statement.ts";

const hex = "a".repeat(64);
const valid = { _type: "https://in-toto.io/Statement/v1", predicateType: "https://example.com/x", subject: [{ name: "app", digest: { sha256: hex } }], predicate: {} };
const parse = (value: unknown): Statement => parseStatement(new TextEncoder().encode(JSON.stringify(value)), "s.json");

describe("an in-toto statement", () => {
  test("names its subjects, each digest once", () => {
    const subject = [...valid.subject, ...valid.subject, { digest: { sha512: "b".repeat(128) } }];
    expect(subjectDigests(parse({ ...valid, subject }))).toEqual([`sha256:${hex}`]);
  });

  test.each([
    [{ ...valid, _type: "https://in-toto.io/Statement/v2" }, '_type: expected an in-toto statement of version 0.1 or 1, found "https://in-toto.io/Statement/v2"'],
    [{ ...valid, subject: [] }, "subject: expected a list of subjects, found an empty list"],
    [{ ...valid, subject: {} }, "subject: expected a list"],
    [{ ...valid, predicateType: 1 }, "predicateType: expected text, found 1"],
    [{ ...valid, subject: [{ digest: { sha256: hex.slice(1) } }] }, "subject[0].digest.sha256: expected 64 lower-case hexadecimal digits"],
    [{ ...valid, subject: [{ digest: { sha256: hex.toUpperCase() } }] }, "64 lower-case"],
    [{ ...valid, subject: [{ digest: { sha256: `sha256:${hex}` } }] }, "64 lower-case"],
    [{ ...valid, subject: [{ name: "app" }] }, "subject[0].digest: expected an object, found nothing"],
    [[valid], "expected an object, found a list of 1"],
  ])("%# is refused", (value, message) => {
    expect(() => parse(value)).toThrow(message);
  });

  test("is verified only by what verifies", () => {
    const statement = parse(valid);
    const proof = { signer: { kind: "key", key: `sha256:${hex}` }, document: `sha256:${hex}`, name: "s.json" } as const;
    expect(isVerifiedStatement(statement)).toBe(false);
    expect(isVerifiedStatement({ ...statement, proof } as unknown as VerifiedStatement)).toBe(false);
    const verified = verifiedStatement(statement, proof);
    expect(isVerifiedStatement(verified)).toBe(true);
    expect(isVerifiedStatement({ ...verified })).toBe(false);
    // @ts-expect-error an unverified statement does not stand in for a verified one
    const wrong: VerifiedStatement = statement;
    expect(wrong.proof).toBeUndefined();
  });
});
