import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { resolveReport, writeReport } from "./report-file";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the report's file", () => {
  test("an absolute name stays, a relative one becomes absolute", () => {
    expect(resolveReport(join(folder, "a.json"))).toBe(join(folder, "a.json"));
    expect(isAbsolute(resolveReport("a.json"))).toBe(true);
  });

  test("is replaced as a whole", () => {
    const file = join(folder, "a.json");
    expect(writeReport(file, { a: 1 })).toBeUndefined();
    expect(writeReport(file, { a: 2 })).toBeUndefined();
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ a: 2 });
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });

  test("that is a folder, or in none, is told by its code and leaves nothing behind", () => {
    mkdirSync(join(folder, "taken"));
    expect(writeReport(join(folder, "taken"), {})).toBe("EISDIR");
    expect(writeReport(join(folder, "none/a.json"), {})).toBe("ENOENT");
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
