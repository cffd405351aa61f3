import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { exclusively, FileHeldError } from "./exclusive.ts";

const root = mkdtempSync(join(tmpdir(), "exclusive-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(root, "test-"))));
const file = (): string => join(folder, "evidence.json");
const lock = (): string => `${file()}.lock`;
const none = { waitMilliseconds: 0 };
/** As another holder writes it, `seconds` ago. */
function heldBy(change: object, seconds = 0): void {
  const own = exclusively(file(), () => JSON.parse(readFileSync(lock(), "utf8")) as object);
  writeFileSync(lock(), JSON.stringify({ ...own, ...change }));
  const at = Date.now() / 1000 - seconds;
  utimesSync(lock(), at, at);
}
const ended = (): number => spawnSync(process.execPath, ["-e", "0"]).pid;

test("the lock is there during the action, whatever that does, and gone behind it", () => {
  expect(exclusively(file(), () => readdirSync(folder))).toEqual(["evidence.json.lock"]);
  expect(() => exclusively(file(), () => {
    throw new Error("mine");
  })).toThrow("mine");
  expect(readdirSync(folder)).toEqual([]);
});

test("two names of one file have one lock, and a folder is made", () => {
  writeFileSync(file(), "{}");
  symlinkSync("evidence.json", join(folder, "link.json"));
  expect(exclusively(join(folder, "link.json"), () => existsSync(lock()))).toBe(true);
  expect(exclusively(join(folder, "a", "b.json"), () => readdirSync(join(folder, "a")))).toEqual(["b.json.lock"]);
});

describe("a lock that is held", () => {
  const refused = (): string => {
    try {
      exclusively(file(), () => undefined, none);
    } catch (error) {
      if (error instanceof FileHeldError) return error.message;
      throw error;
    }
    return "";
  };

  test("by a process that runs is waited for, and then said", () => {
    heldBy({});
    expect(refused()).toBe(`one that process ${process.pid} on ${hostname()} holds by ${lock()}; remove that if the process is gone`);
  });

  test("by nobody knows whom is held until it is old", () => {
    for (const text of ["", "{", "{}", JSON.stringify({ pid: -1, host: hostname(), namespace: "", nonce: "a" })]) {
      writeFileSync(lock(), text);
      expect(refused()).toContain("one that another process holds");
    }
  });

  test("on another host, or in another container, is not judged by the numbers of processes here", () => {
    for (const elsewhere of [{ host: "another" }, { namespace: "pid:[1]" }]) {
      heldBy({ pid: ended(), ...elsewhere });
      expect(refused()).not.toBe("");
      rmSync(lock());
    }
  });
});

describe("a lock that was left behind is taken away, and nothing stays of it", () => {
  test.each([
    ["of a process that has ended", () => heldBy({ pid: ended() })],
    ["of another host, older than any writer takes", () => heldBy({ host: "another" }, 31)],
    ["of a process that was stopped before it could say who it is", () => {
      heldBy({}, 31);
      const at = Date.now() / 1000 - 31;
      writeFileSync(lock(), "");
      utimesSync(lock(), at, at);
    }],
  ])("%s", (_, leave) => {
    leave();
    expect(exclusively(file(), () => readdirSync(folder), none)).toEqual(["evidence.json.lock"]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("whose lock was taken away does not write, but begins anew; the other's lock stays", () => {
  let calls = 0;
  const seen = exclusively(file(), (confirm) => {
    calls++;
    if (calls === 1) writeFileSync(lock(), JSON.stringify({ pid: ended(), host: hostname(), namespace: (JSON.parse(readFileSync(lock(), "utf8")) as { readonly namespace: string }).namespace, nonce: "another" }));
    confirm();
    return calls;
  });
  expect(seen).toBe(2);
  exclusively(file(), () => writeFileSync(lock(), "of another"));
  expect(readFileSync(lock(), "utf8")).toBe("of another");
});
