import { describe, expect, test } from "vitest";
import { readEvidenceSettings } from "./settings.ts";

const read = (value: unknown) => readEvidenceSettings(value, "evidence");
const key = "-----BEGIN PUBLIC KEY-----";

describe("settings of evidence", () => {
  test("have defaults", () => {
    expect(read(undefined)).toEqual({ settings: { lockfile: "bulkhead.evidence.json", signers: {}, vexAuthors: [] }, problems: [] });
  });

  test("are read", () => {
    const value = {
      lockfile: "images.json", trustedRoot: "root.json", live: false, vexAuthors: ["release"],
      signers: { release: { key, requireLog: true }, file: { keyFile: "cosign.pub" }, ci: { issuer: "https://i", identity: "a@b" }, any: { issuer: "https://i", identityPattern: "https://github\\.com/acme/.*" } },
    };
    expect(read(value)).toEqual({
      settings: {
        lockfile: "images.json", trustedRoot: "root.json", vexAuthors: ["release"],
        signers: { release: { kind: "key", key, requireLog: true }, file: { kind: "keyFile", keyFile: "cosign.pub" }, ci: { kind: "certificate", issuer: "https://i", identity: { exact: "a@b" } }, any: { kind: "certificate", issuer: "https://i", identity: { pattern: "https://github\\.com/acme/.*" } } },
      },
      problems: [],
    });
  });

  test.each([[true, 30], [{}, 30], [{ timeoutSeconds: 1 }, 1], [{ timeoutSeconds: 2.5 }, 2.5], [{ timeoutSeconds: 3600 }, 3600]])("live: %j asks registries for at most %d seconds", (live, timeoutSeconds) => {
    expect(read({ live })).toEqual({ settings: { lockfile: "bulkhead.evidence.json", signers: {}, vexAuthors: [], live: { timeoutSeconds } }, problems: [] });
  });

  test("what is refused of live does not turn it off", () => {
    expect([{ live: "yes" }, { live: { timeoutSeconds: 0 } }].map((value) => read(value).settings.live)).toEqual([{ timeoutSeconds: 30 }, { timeoutSeconds: 30 }]);
  });

  test.each([
    [[], "evidence", "an object"], [{ lockfil: "x" }, "evidence.lockfil", '"lockfile" (did you mean that?)'], [{ lockfile: "" }, "evidence.lockfile", "text that is not empty"], [{ lockfile: 1 }, "evidence.lockfile", "text that is not empty"],
    [{ signers: [] }, "evidence.signers", "an object from names to signers"], [{ signers: { a: "x" } }, "evidence.signers.a", "an object with key, with keyFile, or with issuer and identity"], [{ signers: { a: {} } }, "evidence.signers.a", "either key, or keyFile, or issuer with identity or identityPattern"],
    [{ signers: { a: { key, keyFile: "x" } } }, "evidence.signers.a", "either key, or keyFile, or issuer with identity or identityPattern"],
    [{ signers: { a: { identity: "me" } } }, "evidence.signers.a.issuer", "the issuer of the identity's token (https://token.actions.githubusercontent.com)"],
    [{ signers: { a: { issuer: "i" } } }, "evidence.signers.a", "identity, or identityPattern, beside the issuer"], [{ signers: { a: { issuer: "i", identity: "x", identityPattern: "y" } } }, "evidence.signers.a", "identity, or identityPattern, beside the issuer"],
    [{ signers: { a: { issuer: "i", identity: "x", requireLog: true } } }, "evidence.signers.a.requireLog", "nothing beside an identity, of which a log entry is always asked"], [{ signers: { a: { key, requireLog: "yes" } } }, "evidence.signers.a.requireLog", "true or false"],
    [{ vexAuthors: "a" }, "evidence.vexAuthors", "a list of names of signers"], [{ vexAuthors: ["a"] }, "evidence.vexAuthors[0]", "the name of one of the signers"],
    [{ live: "yes" }, "evidence.live", "true, false, or an object with timeoutSeconds"], [{ live: 30 }, "evidence.live", "true, false, or an object with timeoutSeconds"], [{ live: null }, "evidence.live", "true, false, or an object with timeoutSeconds"],
    [{ live: { timeout: 5 } }, "evidence.live.timeout", '"timeoutSeconds"'],
    ...[0, -1, 0.5, 3601, Number.NaN, Number.POSITIVE_INFINITY, "30", null, true].map((timeoutSeconds): [object, string, string] => [{ live: { timeoutSeconds } }, "evidence.live.timeoutSeconds", "a number of seconds, 1 to 3600"]),
  ])("%j is refused at %s", (value, path, expected) => {
    const { problems, settings } = read(value);
    expect(problems.map((problem) => [problem.path, problem.expected])).toEqual([[path, expected]]);
    expect(Object.keys(settings.signers)).toEqual([]);
    expect(JSON.stringify(problems)).not.toContain("BEGIN");
  });
});
