import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import { missing, verdicts } from "./support.ts";
import { ThreeTier } from "./three-tier.ts";

interface Example {
  readonly name: string;
  readonly tools: readonly string[];
  readonly platform: "docker" | "kubernetes";
}

const minute = 60_000;
const base = ["pulumi", "pulumi-language-nodejs"];
const examples: readonly Example[] = [
  { name: "three-tier-docker", tools: ["pulumi-resource-docker"], platform: "docker" },
  { name: "three-tier-docker-yaml", tools: ["pulumi-resource-docker", "pulumi-language-yaml"], platform: "docker" },
  { name: "three-tier-python", tools: ["pulumi-resource-docker", "pulumi-language-python", "python"], platform: "docker" },
  { name: "three-tier-go", tools: ["pulumi-resource-docker", "pulumi-language-go"], platform: "docker" },
  { name: "three-tier-kubernetes", tools: ["pulumi-resource-kubernetes"], platform: "kubernetes" },
  { name: "three-tier-kubernetes-yaml", tools: ["pulumi-resource-kubernetes", "pulumi-language-yaml"], platform: "kubernetes" },
];

describe.each(examples)("$name", { timeout: 5 * minute }, ({ name, tools, platform }) => {
  const skipped = missing(...base, ...tools);
  const live = platform === "docker" && !skipped && !missing("docker");
  let example: ThreeTier;
  beforeAll(async () => {
    if (skipped) return;
    example = new ThreeTier(name);
    await example.prepare();
  }, 30 * minute);
  afterAll(async () => {
    if (skipped) return;
    if (live) await example.pulumi(["destroy", "--yes", "--skip-preview"]);
    example.remove();
  }, 5 * minute);

  test.skipIf(skipped)("a preview needs neither daemon nor cluster, and breaks no rule of the restricted preset", async () => {
    const { DOCKER_HOST: host } = example.env;
    Object.assign(example.env, { DOCKER_HOST: "unix:///nowhere/docker.sock", KUBECONFIG: "/nowhere/kubeconfig" });
    const { code, events, everything } = await example.judge({ config: { bulkhead: { preset: "restricted" } } });
    example.env["DOCKER_HOST"] = host;
    expect(code, everything.slice(0, 4000)).toBe(0);
    expect(verdicts(events, "mandatory")).toEqual([]);
    const made = [...everything.matchAll(/"urn":"urn:pulumi:test::[^"]*::(?:[^":]*:[^":]*:[^":$]*\$)*([^":$]+:[^":]+:[^":]+)::(\w+)"/g)].map((match) => `${match[1]} ${match[2]}`);
    const kinds = platform === "docker" ? ["docker:index/container:Container"] : ["kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet"];
    for (const [index, tier] of ["web", "api", "db"].entries()) expect(made).toContain(`${kinds[index] ?? kinds[0]} ${tier}`);
  });

  test.skipIf(!live)("runs: each tier reaches the next one and no other, with a pids limit that the kernel has", async () => {
    await importImage(example.env);
    await example.demand("pulumi", ["config", "set", "image", imageName]);
    await example.demand("pulumi", ["up", "--yes", "--skip-preview"]);
    const [web = "", api = "", db = ""] = (await example.output("containers")) as readonly string[];
    // By address, as the image's static busybox cannot ask a name server.
    const reaches = async (from: string, to: string, port: number): Promise<boolean> => {
      const addresses = (await example.docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", to)).stdout.trim().split(" ");
      const answers = await Promise.all(addresses.map((address) => example.docker("exec", from, "/bin/busybox", "nc", "-w", "2", address, String(port))));
      return answers.some(({ code }) => code === 0);
    };
    expect(await reaches(web, api, 9000)).toBe(true);
    expect(await reaches(api, db, 5432)).toBe(true);
    expect(await reaches(web, db, 5432)).toBe(false);
    expect(await reaches(db, web, 8080)).toBe(false);
    expect((await example.docker("exec", web, "/bin/busybox", "sh", "-c", "cat /sys/fs/cgroup/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids/pids.max")).stdout.trim()).toBe("32");
    expect((await example.docker("port", web)).stdout.trim()).toMatch(/^8080\/tcp -> 127\.0\.0\.1:\d+$/);
    const again = await example.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    expect(again.code, again.stdout).toBe(0);
    await example.demand("pulumi", ["destroy", "--yes", "--skip-preview"]);
    for (const container of [web, api, db]) expect((await example.docker("inspect", container)).code).not.toBe(0);
  });
});
