import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EvidenceLock } from "@bulkhead/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trivyReport } from "../../../image-evidence/test/signing";
import { TestRegistry } from "../../../image-evidence/test/test-registry";
import type { Cli } from "../../test/cli";
import { createCli } from "../../test/cli";

let cli: Cli;
let registry: TestRegistry;
beforeAll(async () => {
  cli = createCli();
  registry = await TestRegistry.start();
});
afterAll(async () => {
  await registry.stop();
  cli.remove();
});

test("what was learned before an interruption is kept, and so is what another command has written meanwhile", async () => {
  const done = registry.image({ tag: "done" });
  // Never answers.
  registry.on("GET /v2/team/app/manifests/hangs", () => undefined);
  const folder = cli.folder({});
  const child = spawn(process.execPath, [cli.bundle, "evidence", "sync", "--image", `${registry.host}/team/app:done`, "--image", `${registry.host}/team/app:hangs`], { cwd: folder, env: { ...process.env, DOCKER_CONFIG: folder, NODE_DISABLE_COMPILE_CACHE: "1" } });
  const said: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => void said.push(chunk.toString()));
  const ended = once(child, "exit");
  const asked = (): boolean => registry.asked(`GET /v2/team/app/manifests/${done.digest.replace(":", "-")}.att`) > 0 && registry.asked("GET /v2/team/app/manifests/hangs") > 0;
  while (!asked()) await new Promise((resolve) => setTimeout(resolve, 20));
  // What was answered has to arrive.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const other = `sha256:${"b".repeat(64)}`;
  writeFileSync(join(folder, "report.json"), JSON.stringify(trivyReport(other, "2026-05-20T04:00:00Z")));
  expect(cli.run(folder, ["evidence", "add", "report.json"]).code).toBe(0);
  child.kill("SIGINT");
  expect(await ended).toEqual([null, "SIGINT"]);
  expect(said.join("")).toContain("interrupted after 1 of 2 images");
  const lock = JSON.parse(readFileSync(join(folder, "bulkhead.evidence.json"), "utf8")) as EvidenceLock;
  expect(Object.keys(lock.images).sort()).toEqual([done.digest, other].sort());
  expect(Object.keys(lock.references)).toEqual([`${registry.host}/team/app:done`]);
});
