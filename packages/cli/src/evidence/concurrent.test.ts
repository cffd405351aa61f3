import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EvidenceLock } from "@bulkhead/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trivyReport } from "../../../image-evidence/test/signing";
import type { Cli } from "../../test/cli";
import { createCli } from "../../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const digestOf = (number: number): string => `sha256:${number.toString(16).padStart(64, "0")}`;
const report = (number: number): string => JSON.stringify(trivyReport(digestOf(number), "2026-05-20T04:00:00Z", `CVE-2026-${number}`));
const name = "bulkhead.evidence.json";
const lockOf = (folder: string): EvidenceLock => JSON.parse(readFileSync(join(folder, name), "utf8")) as EvidenceLock;
const start = (folder: string, file: string) => spawn(process.execPath, [cli.bundle, "evidence", "add", "--now", "2026-06-01", file], { cwd: folder, env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" }, stdio: "ignore" });

/** A lockfile that takes long to read and to write. */
function large(): string {
  const scan = { scanner: { name: "trivy" }, scannedAt: "2026-05-20T04:00:00Z", origin: { format: "trivy-json", name: "report.json", document: digestOf(1), trust: "local" } };
  const ids = Array.from({ length: 100 }, (_, index) => `CVE-2026-${1000 + index}`);
  return JSON.stringify({ schemaVersion: 1, references: {}, images: Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [digestOf(1_000_000 + index), { scans: [{ ...scan, vulnerabilities: { high: { unfixed: ids } } }] }])) });
}

test("of eight commands that add reports to one lockfile at once, every report is there", async () => {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
  for (let round = 0; round < 3; round++) {
    const folder = cli.folder(Object.fromEntries(numbers.map((number) => [`${number}.json`, report(number)])));
    const codes = await Promise.all(numbers.map(async (number) => ((await once(start(folder, `${number}.json`), "exit")) as readonly (number | null)[])[0]));
    expect(codes).toEqual(numbers.map(() => 0));
    expect(Object.keys(lockOf(folder).images).sort()).toEqual(numbers.map(digestOf));
    expect(readdirSync(folder).sort()).toEqual([...numbers.map((number) => `${number}.json`), name]);
  }
});

test("a writer that is killed while it holds the lockfile leaves it as it was, and nobody has to wait for it", async () => {
  const folder = cli.folder({ "1.json": report(1), "2.json": report(2) });
  writeFileSync(join(folder, name), large());
  const before = readFileSync(join(folder, name), "utf8");
  const held = join(folder, `${name}.lock`);
  const killed = start(folder, "1.json");
  const ended = once(killed, "exit");
  while (!existsSync(held) && killed.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
  killed.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(existsSync(held)).toBe(true);
  expect(readFileSync(join(folder, name), "utf8")).toBe(before);
  expect(cli.run(folder, ["evidence", "add", "--now", "2026-06-01", "2.json"])).toMatchObject({ code: 0, stderr: "" });
  expect(Object.keys(lockOf(folder).images)).toHaveLength(4001);
  expect(Object.hasOwn(lockOf(folder).images, digestOf(2))).toBe(true);
  expect(existsSync(held)).toBe(false);
});
