import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildFiles } from "./build-files";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-build-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
writeFileSync(join(folder, "big"), Buffer.alloc(2 ** 20 + 1, "#"));
writeFileSync(join(folder, "binary"), Buffer.from([0xff, 0xfe, 0xfd]));
symlinkSync("Dockerfile", join(folder, "link"));
execFileSync("mkfifo", [join(folder, "pipe")]);
const read = (name: string): unknown => buildFiles(folder)(name, []);

describe("a Dockerfile that a build names", () => {
  test("is read from the program's folder", () => {
    expect([read("Dockerfile"), read("./link"), read(join(folder, "Dockerfile"))]).toEqual([{ text: "FROM scratch\n" }, { text: "FROM scratch\n" }, { text: "FROM scratch\n" }]);
  });

  test("is not there, or is no file that anybody reads; a pipe is not waited for", () => {
    expect(read("absent")).toBeUndefined();
    expect(read("Dockerfile/absent")).toBeUndefined();
    expect([read("pipe"), read("."), read("big"), read("binary"), read("/dev/null")]).toEqual([
      { reason: "is no regular file, and is not read" }, { reason: "is no regular file, and is not read" }, { reason: "is larger than one mebibyte, and is not read" },
      { reason: "is not text in UTF-8" }, { reason: "is no regular file, and is not read" },
    ]);
  });
});
