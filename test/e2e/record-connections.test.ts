import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { followConnections } from "../../packages/cli/src/network/record/connections.ts";

const canFollow = process.getuid?.() === 0 && ["conntrack", "nsenter"].every((program) => spawnSync(program, ["--version"]).status === 0);

/** Processes that this one has started, by what they run. */
function started(program: string): readonly number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const parent = Number(/^\d+ \(.*\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1]);
      return parent === process.pid && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === program;
    } catch {
      return false;
    }
  });
}

test.skipIf(!canFollow)("reports end with the program that gives them: that is a loss, and a stop is none", async () => {
  const connections = await followConnections(process.pid);
  expect(connections?.take().lost).toBe(0);
  const [pid] = started("conntrack");
  process.kill(pid ?? Number.NaN, "SIGKILL");
  await expect.poll(() => connections?.take().lost).toBe(1);
  connections?.stop();

  const stopped = await followConnections(process.pid);
  stopped?.stop();
  await expect.poll(() => started("conntrack")).toEqual([]);
  expect(stopped?.take().lost).toBe(0);
});
