import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importImage } from "../toolchain/docker.ts";
import { resolveDaemon } from "../../packages/components/src/pids/daemon.ts";
import { pidsTools, Stack, writeBoxPlugin } from "./pids-support.ts";
import { missing, toolPath } from "./support.ts";

const name = `bulkhead-pids-languages-${process.pid}`;

interface Language {
  readonly language: string;
  readonly tools: readonly string[];
  readonly files: () => Readonly<Record<string, string>>;
}

const packages = { bulkhead: "../plugin" };

/** The class that an SDK generated from the plugin's schema has. */
const python = `
import pulumi
import pulumi_docker as docker

class Box(pulumi.ComponentResource):
    container_id: pulumi.Output[str]
    def __init__(self, name, container, limit, opts):
        super().__init__("bulkhead:index:Box", name, {"name": container, "limit": limit, "containerId": None}, opts, remote=True)

config = pulumi.Config()
far = docker.Provider("far", host=config.require("host"))
Box("box", config.require("name"), config.require_int("limit"), pulumi.ResourceOptions(providers=[far]))
`;

const languages: readonly Language[] = [
  {
    language: "YAML",
    tools: ["pulumi-language-yaml"],
    files: () => ({
      "Pulumi.yaml": JSON.stringify({
        name: "program", runtime: "yaml", packages,
        config: { name: { type: "string" }, limit: { type: "integer" }, host: { type: "string" } },
        resources: {
          far: { type: "pulumi:providers:docker", properties: { host: "${host}" } },
          box: { type: "bulkhead:index:Box", properties: { name: "${name}", limit: "${limit}" }, options: { providers: ["${far}"] } },
        },
      }),
    }),
  },
  {
    language: "Python",
    tools: ["pulumi-language-python", "python"],
    files: () => ({ "Pulumi.yaml": JSON.stringify({ name: "program", runtime: { name: "python", options: { virtualenv: toolPath("python") } }, packages }), "__main__.py": python }),
  },
];

describe.each(languages)("a pids limit in a $language program, through the plugin", { timeout: 180_000 }, ({ language, tools, files }) => {
  const container = `${name}-${language.toLowerCase()}`;
  const skipped = missing(...pidsTools, ...tools);
  let box: Stack;
  let id = "";
  const starts = (): string => join(box.project.folder, "starts");
  // The address reaches the resource through the explicit provider alone.
  const env = { DOCKER_HOST: undefined };

  beforeAll(async () => {
    if (skipped) return;
    box = new Stack(files(), `${container}$`);
    writeBoxPlugin(join(box.project.folder, "plugin"), starts());
    await importImage(box.project.env);
    await box.pulumi(["stack", "init", "test"]);
    const host = resolveDaemon({}, box.project.env).address;
    for (const [key, value] of Object.entries({ name: container, limit: 64, host })) await box.set(key, value);
  });
  afterAll(async () => {
    if (!skipped) await box.remove();
  });

  test.skipIf(skipped)("a preview, then the kernel enforces it", async () => {
    const preview = await box.pulumi(["preview"], env);
    expect(preview.code, preview.said).toBe(0);
    const { code, said } = await box.up(env);
    expect(code, said).toBe(0);
    [id = ""] = await box.containers();
    expect(await box.kernelLimit(id)).toBe("64");
    expect((await box.resources()).map(({ type }) => type)).toContain("bulkhead:index:PidsLimit");
    expect(existsSync(starts()) ? readFileSync(starts(), "utf8") : "").not.toBe("");
  });

  test.skipIf(skipped)("a changed number, a drift and a stop are put right in place", async () => {
    await box.set("limit", 32);
    expect((await box.up(env)).said).toContain("[diff: ~limit]");
    expect(await box.kernelLimit(id)).toBe("32");
    await box.docker("update", "--pids-limit", "99", id);
    await box.docker("stop", "--time", "0", id);
    expect((await box.refresh(env)).said).toContain("[diff: ~limit,start]");
    expect((await box.up(env)).code).toBe(0);
    expect(await box.containers()).toEqual([id]);
    expect(await box.kernelLimit(id)).toBe("32");
    const { code, said } = await box.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"], env);
    expect(code, said).toBe(0);
  });

  test.skipIf(skipped)("a container that someone removed is made anew; destroy leaves nothing", async () => {
    await box.docker("rm", "--force", id);
    await box.refresh(env);
    expect((await box.up(env)).code).toBe(0);
    const [made = ""] = await box.containers();
    expect(await box.kernelLimit(made)).toBe("32");
    const { code, said } = await box.pulumi(["destroy", "--yes", "--skip-preview"], env);
    expect(code, said).toBe(0);
    expect(await box.containers()).toEqual([]);
  });
});
