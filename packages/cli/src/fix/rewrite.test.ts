import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { original, rewrite } from "./rewrite";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-rewrite-"));
const file = join(folder, "a.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a file is written whole or not at all", () => {
  test("with its mode", () => {
    writeFileSync(file, "a: 1\n");
    chmodSync(file, 0o600);
    const before = original(file, "a: 1\n");
    expect(before && rewrite(before, "a: 2\n")).toBeUndefined();
    expect(readFileSync(file, "utf8")).toBe("a: 2\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("not where somebody else changed it since it was read, or since it was looked at", () => {
    writeFileSync(file, "a: 1\n");
    expect(original(file, "a: 0\n")).toBeUndefined();
    const before = original(file, "a: 1\n");
    writeFileSync(file, "a: 3\n");
    expect(before && rewrite(before, "a: 2\n")).toBe("one that was changed meanwhile");
    expect(readFileSync(file, "utf8")).toBe("a: 3\n");
  });

  test("not where it is gone", () => {
    writeFileSync(file, "a: 1\n");
    const before = original(file, "a: 1\n");
    rmSync(file);
    expect(before && rewrite(before, "a: 2\n")).toBe("ENOENT");
  });

  test("and nothing else is left in the folder", () => expect(readdirSync(folder)).toEqual([]));
});
