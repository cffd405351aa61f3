import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cli } from "../test/cli";
import { createCli, pod } from "../test/cli";

describe("the cache of what was compiled", () => {
  let cli: Cli;
  beforeAll(() => void (cli = createCli()), 120_000);
  afterAll(() => cli.remove());

  const checkIn = (folder: string, env: { readonly [name: string]: string | undefined } = {}): number | null => cli.run(folder, ["check", "--preset", "baseline", "pod.yaml"], { env: { XDG_CACHE_HOME: join(folder, "cache"), NODE_DISABLE_COMPILE_CACHE: undefined, ...env } }).code;
  const kept = (folder: string): readonly string[] => readdirSync(folder, { recursive: true }).map(String);

  it("is in a folder that only the user may enter, and is used from then on", () => {
    const folder = cli.folder({ "pod.yaml": pod("web") });
    expect(checkIn(folder)).toBe(0);
    const compiled = join(folder, "cache/bulkhead/compiled");
    expect(statSync(compiled).mode & 0o777).toBe(0o700);
    const first = kept(compiled);
    expect(first.length).toBeGreaterThan(1);
    expect(checkIn(folder)).toBe(0);
    expect(kept(compiled)).toEqual(first);
  });

  it("is not kept in a folder that others may write to, nor where there can be none, nor where Node is told to keep none", () => {
    const open = cli.folder({ "pod.yaml": pod("web") });
    const compiled = join(open, "cache/bulkhead/compiled");
    mkdirSync(compiled, { recursive: true });
    chmodSync(compiled, 0o777);
    expect(checkIn(open)).toBe(0);
    expect(kept(compiled)).toEqual([]);
    const file = cli.folder({ "pod.yaml": pod("web"), cache: "a file" });
    expect(checkIn(file)).toBe(0);
    const disabled = cli.folder({ "pod.yaml": pod("web") });
    expect(checkIn(disabled, { NODE_DISABLE_COMPILE_CACHE: "1" })).toBe(0);
    expect(existsSync(join(disabled, "cache"))).toBe(false);
  });
});
