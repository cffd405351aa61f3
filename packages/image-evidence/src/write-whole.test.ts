import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { writeWhole } from "./write-whole.ts";

const root = mkdtempSync(join(tmpdir(), "write-whole-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(root, "test-"))));
const file = (): string => join(folder, "report.json");

test("what fails halfway, or is not confirmed, leaves what was there and no temporary file", () => {
  writeFileSync(file(), "earlier");
  function* failing(): Generator<string> {
    yield "half".repeat(1 << 16);
    throw new Error("full");
  }
  expect(() => writeWhole(file(), failing())).toThrow("full");
  expect(() => writeWhole(file(), ["later"], () => {
    expect(readFileSync(file(), "utf8")).toBe("earlier");
    throw new Error("no more");
  })).toThrow("no more");
  expect(readFileSync(file(), "utf8")).toBe("earlier");
  expect(readdirSync(folder)).toEqual(["report.json"]);
});

test("text and bytes, with the mode of what was there, through a link", () => {
  writeFileSync(file(), "earlier", { mode: 0o600 });
  symlinkSync("report.json", join(folder, "link"));
  writeWhole(join(folder, "link"), ["a", Buffer.from([0x62, 0xff])]);
  expect([...readFileSync(file())]).toEqual([0x61, 0x62, 0xff]);
  expect([statSync(file()).mode & 0o777, lstatSync(join(folder, "link")).isSymbolicLink()]).toEqual([0o600, true]);
});

test("no folder is made for it", () => {
  expect(() => writeWhole(join(folder, "none", "report.json"), ["a"])).toThrow("ENOENT");
});
