import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missing } from "./support.ts";
import { ThreeTier } from "./three-tier.ts";

const minute = 60_000;
const unit = 'web: args.memory: expected an amount with its unit, such as 128Mi or 1Gi, found "128"';

interface Language {
  readonly name: string;
  readonly tools: readonly string[];
  readonly program: string;
  /** A program whose only resource is a container with these arguments besides its image. */
  readonly write: (args: { readonly [name: string]: unknown }) => string;
  /** What a top-level argument that does not exist is told: by the language, before the component is asked. */
  readonly unknown: string;
}

const languages: readonly Language[] = [
  {
    name: "three-tier-docker-yaml", tools: ["pulumi-language-yaml"], program: "Pulumi.yaml", unknown: "Property privileged does not exist on 'bulkhead:index:HardenedContainer'",
    write: (properties) => JSON.stringify({
      name: "three-tier-docker-yaml", runtime: "yaml", packages: { bulkhead: join(import.meta.dirname, "../../packages/components/plugin") }, config: { "docker:disableDockerDaemonCheck": { value: true } },
      resources: { web: { type: "bulkhead:HardenedContainer", properties: { image: "busybox:1.37.0", ...properties } } },
    }),
  },
  {
    name: "three-tier-python", tools: ["pulumi-language-python", "python"], program: "__main__.py", unknown: "got an unexpected keyword argument 'privileged'",
    write: (args) => `import json\nfrom pulumi_bulkhead import HardenedContainer\nHardenedContainer("web", image="busybox:1.37.0", **json.loads(${JSON.stringify(JSON.stringify(args))}))\n`,
  },
];

describe.each(languages)("arguments that cannot be used, in $name", { timeout: 3 * minute }, ({ name, tools, program, write, unknown }) => {
  const skipped = missing("pulumi", "pulumi-language-nodejs", "pulumi-resource-docker", ...tools);
  let project: ThreeTier;
  beforeAll(async () => {
    if (skipped) return;
    project = new ThreeTier(name);
    await project.prepare();
  }, 5 * minute);
  afterAll(() => {
    if (!skipped) project.remove();
  });

  test.skipIf(skipped).each([
    ["memory without a unit", { memory: "128" }, unit],
    ["a weakening without its reason", { memory: "128Mi", internet: { reason: "" } }, "web: args.internet.reason: expected some text, found an empty text"],
    ["an argument that does not exist", { memory: "128Mi", privileged: true }, unknown],
  ])("%s", async (_, args, message) => {
    writeFileSync(join(project.program, program), write(args));
    const { code, stdout, stderr } = await project.pulumi(["up", "--yes", "--skip-preview"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(message);
    expect(await project.resources()).toEqual([]);
  });
});
