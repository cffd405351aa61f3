import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../toolchain/run.ts";
import { missing, Project, root, verdicts } from "./support.ts";

const coldBuildMilliseconds = 30 * 60_000;

describe.skipIf(missing("pulumi", "pulumi-language-nodejs", "pulumi-language-go", "pulumi-resource-docker"))("a Go program", () => {
  const program = new Project(join(root, "test/e2e/go-program"));
  afterAll(() => program.remove());
  // The language host compiles it again, from the cache that this fills; flags as for the tools share what they compiled.
  beforeAll(async () => {
    program.env["GOFLAGS"] = "-trimpath -buildvcs=false";
    const built = await run("go", ["build", "-o", join(program.folder, "compiled"), "."], { cwd: program.program, env: program.env, timeout: coldBuildMilliseconds });
    expect(built.code, built.stderr).toBe(0);
  }, coldBuildMilliseconds);

  test("is judged by the same pack", async () => {
    const { events, code } = await program.judge({ config: { bulkhead: { preset: "restricted" } } });
    expect(verdicts(events, "mandatory")).toEqual(["drop-all-capabilities", "no-host-ipc", "no-privilege-escalation", "no-privileged", "run-as-non-root"].map((rule) => `${rule} docker:index/container:Container::cache`));
    expect(code).not.toBe(0);
  }, 300_000);
});
