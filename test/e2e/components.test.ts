import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import type { Policy } from "../conformance/reachability.ts";
import { edgesOf, resolver } from "../conformance/reachability.ts";
import type { KubernetesObject } from "../toolchain/api-client.ts";
import { ApiServer, podOf } from "../toolchain/api-client.ts";
import { missing, toolPath, verdicts } from "./support.ts";
import { ThreeTier } from "./three-tier.ts";

interface Example {
  readonly name: string;
  readonly tools: readonly string[];
  readonly platform: "docker" | "kubernetes";
}

const minute = 60_000;
const restricted = { bulkhead: { preset: "restricted" } };
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
  const live = !skipped && !missing(platform);
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
    const { code, events, everything } = await example.judge({ config: restricted });
    example.env["DOCKER_HOST"] = host;
    expect(code, everything.slice(0, 4000)).toBe(0);
    expect(verdicts(events, "mandatory")).toEqual([]);
    const made = [...everything.matchAll(/"urn":"urn:pulumi:test::[^"]*::(?:[^":]*:[^":]*:[^":$]*\$)*([^":$]+:[^":]+:[^":]+)::(\w+)"/g)].map((match) => `${match[1]} ${match[2]}`);
    const tokens = platform === "docker" ? ["docker:index/container:Container"] : ["kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet"];
    for (const [index, tier] of ["web", "api", "db"].entries()) expect(made).toContain(`${tokens[index] ?? tokens[0]} ${tier}`);
  });

  if (platform === "docker") test.skipIf(!live)("runs: each tier reaches the next one and no other, with a pids limit that the kernel has", async () => {
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

  if (platform === "kubernetes") test.skipIf(!live)("is in the cluster: the policies there give the declared links and no others, a second update changes nothing, and nothing is left of it", async () => {
    const server = new ApiServer(toolPath("kubernetes"));
    example.env["KUBECONFIG"] = toolPath("kubernetes");
    await server.deleteNamespace("shop");
    // Nothing there runs pods, or ends what is being deleted.
    await example.demand("pulumi", ["config", "set", "skipAwait", "true"]);
    await example.demand("pulumi", ["config", "set", "deletion", "background"]);
    const up = await example.judge({ command: ["up", "--yes"], config: restricted });
    expect(up.code, up.everything.slice(0, 4000)).toBe(0);
    expect(verdicts(up.events, "mandatory")).toEqual([]);
    expect(await example.output("names")).toEqual(["web", "api", "db"]);

    const workloads = [...(await inShop(server, "apps/v1", "deployments")), ...(await inShop(server, "apps/v1", "statefulsets"))];
    const pods = workloads.map((workload, index) => ({ name: `shop/${workload.metadata.name}`, namespace: "shop", labels: podOf(workload).metadata.labels ?? {}, ip: `10.1.0.${index + 1}`, ports: [] }));
    const policies = (await inShop(server, "networking.k8s.io/v1", "networkpolicies")) as unknown as readonly Policy[];
    const dns = ["api", "db", "web"].flatMap((tier) => ["TCP", "UDP"].map((protocol) => `shop/${tier} -> ${resolver.name}:53/${protocol}`));
    expect(edgesOf(pods, policies, [[53, "TCP"], [53, "UDP"], [80, "TCP"], [443, "TCP"], [5432, "TCP"], [8080, "TCP"], [9000, "TCP"], [9000, "UDP"]], [{ ip: "203.0.113.7" }, { ip: "169.254.169.254" }])).toEqual(["shop/api -> shop/db:5432/TCP", "shop/web -> shop/api:9000/TCP", ...dns].sort());

    const again = await example.judge({ command: ["up", "--yes", "--expect-no-changes"], config: restricted });
    expect(again.code, again.stdout).toBe(0);
    const preview = await example.judge({ command: ["preview", "--expect-no-changes"], config: restricted });
    expect(preview.code, preview.stdout).toBe(0);

    await example.demand("pulumi", ["destroy", "--yes", "--skip-preview"]);
    expect(await example.resources()).toEqual([]);
    for (const [version, ...plurals] of kinds) for (const plural of plurals) expect((await inShop(server, version, plural)).map(({ metadata }) => metadata.name), plural).toEqual([]);
    // It is being deleted, and a controller would end it.
    const shop = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    expect((await server.get(shop)).object).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    await server.deleteNamespace("shop");
    expect((await server.get(shop)).status).toBe(404);
  });
});

const kinds = [
  ["apps/v1", "deployments", "statefulsets", "daemonsets"], ["networking.k8s.io/v1", "networkpolicies"], ["policy/v1", "poddisruptionbudgets"],
  ["v1", "services", "serviceaccounts", "limitranges", "resourcequotas", "persistentvolumeclaims"],
] as const;

async function inShop(server: ApiServer, version: string, plural: string): Promise<readonly KubernetesObject[]> {
  const { status, message, object } = await server.request("GET", `${version.includes("/") ? "/apis" : "/api"}/${version}/namespaces/shop/${plural}`);
  if (status !== 200) throw new Error(`${plural}: ${message}`);
  return (object as unknown as { readonly items: readonly KubernetesObject[] }).items;
}
