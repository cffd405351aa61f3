import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rules } from "@bulkhead/rules";
import { afterAll, expect, test } from "vitest";
import { containerType, serveRules } from "../test/sdk";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-built-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const lockfile = join(folder, "evidence.json");
writeFileSync(lockfile, JSON.stringify({ schemaVersion: 1, references: {}, images: {} }));

const image = "registry.example.com/team/app:1";
const buildType = "docker-build:index:Image";
const build = { tags: [image], push: true };
const rule = rules.filter(({ id }) => id === "require-scan-evidence");
const serve = () => {
  const pack = serveRules(...rule);
  pack.configure({ bulkhead: { level: "mandatory", evidence: { lockfile } }, "require-scan-evidence": "mandatory" });
  return pack;
};

test("an image that was built before is undecided, with the advice", async () => {
  const pack = serve();
  expect((await pack.analyze(build, buildType, "image")).verdicts).toEqual([]);
  const { verdicts } = await pack.analyze({ image });
  expect(verdicts).toEqual([expect.objectContaining({ name: "bulkhead", level: 0, message: expect.stringContaining("names an image that is built here") })]);
  expect((await pack.analyze({ image: "registry.example.com/team/app:2" })).verdicts.map(({ name, level }) => `${name} ${level}`)).toEqual(["require-scan-evidence 1"]);
});

test("a use that comes before its build is refused, and says what to do", async () => {
  const { verdicts } = await serve().analyze({ image });
  expect(verdicts).toEqual([expect.objectContaining({ name: "require-scan-evidence", level: 1, message: expect.stringContaining("name it by the output of its build") })]);
});

test("a build that the operation leaves out, or of an earlier run, makes nothing", async () => {
  const pack = serve();
  await pack.leaveOut(buildType, "image");
  expect((await pack.analyze({ image })).verdicts.map(({ name }) => name)).toEqual(["require-scan-evidence"]);
  await pack.analyze(build, buildType, "image");
  expect((await pack.analyze({ image }, containerType)).verdicts.map(({ name }) => name)).toEqual(["bulkhead"]);
  pack.configure({ bulkhead: { level: "mandatory", evidence: { lockfile } }, "require-scan-evidence": "mandatory" });
  expect((await pack.analyze({ image })).verdicts.map(({ name }) => name)).toEqual(["require-scan-evidence"]);
});
