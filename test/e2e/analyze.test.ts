import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../toolchain/run.ts";
import { missing, packFolder, policyEvents, Project, root, sharedData, verdicts } from "./support.ts";

interface Resource {
  readonly type: string;
  readonly name: string;
  readonly inputs: object;
  readonly custom: boolean;
}

/** Recorded secrets hold their value in a form that no state has. */
function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  const bag = value as { readonly [key: string]: unknown };
  if (bag["4dabf18193072939515e22adb298388d"] !== undefined) return unwrap(bag["value"] ?? null);
  return Object.fromEntries(Object.entries(bag).map(([key, member]) => [key, unwrap(member)]));
}

/** The resources of real Pulumi programs as one state. */
function stateOf(folder: string): { readonly version: 3; readonly deployment: object } {
  const resources = readdirSync(folder).filter((name) => name.endsWith(".json")).sort().flatMap((name) => {
    const program = JSON.parse(readFileSync(join(folder, name), "utf8")) as { readonly resources: readonly Resource[] };
    return program.resources.map((resource, index) => ({ ...resource, urn: `urn:pulumi:dev::programs::${resource.type}::${name}-${index}-${resource.name}` }));
  });
  const listed = resources.map(({ inputs, ...rest }) => ({ ...rest, inputs: unwrap(inputs) })).map(({ urn, type, inputs, custom }) => ({ urn, type, inputs, outputs: inputs, custom, ...(custom ? { id: "id" } : {}) }));
  return { version: 3, deployment: { manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" }, resources: listed } };
}

const resources = join(sharedData, "pulumi-resources");
const hasData = existsSync(resources);

describe.skipIf(!hasData || missing("pulumi", "pulumi-language-nodejs"))("pulumi policy analyze", () => {
  test("judges the resources of real programs, and Docker images that no provider here can make", async () => {
    const state = stateOf(resources) as { readonly deployment: { readonly resources: object[] } };
    const images = [
      { type: "docker:index/image:Image", name: "built", inputs: { imageName: "docker.io/acme/app", build: { context: ".", args: { TOKEN: "hunter2-a" } } } },
      { type: "docker-build:index:Image", name: "buildx", inputs: { tags: ["docker.io/acme/app:1"], push: true, buildArgs: { TOKEN: "hunter2-b" } } },
      { type: "docker:index/volume:Volume", name: "share", inputs: { driverOpts: { type: "cifs", o: "username=app,password=hunter2-c" } } },
      { type: "pulumi:providers:docker", name: "daemon", inputs: { host: "tcp://docker.example.com:2375", registryAuth: "[{\"address\":\"http://registry.example.com\",\"password\":\"hunter2-d\"}]" } },
      { type: "pulumi:providers:kubernetes", name: "cluster", inputs: { kubeconfig: "clusters:\n- cluster:\n    insecure-skip-tls-verify: true\nusers:\n- user:\n    token: hunter2-e\n" } },
      { type: "kubernetes:core/v1:Pod", name: "privileged", inputs: { apiVersion: "v1", kind: "Pod", spec: { containers: [{ name: "a", image: "x", securityContext: { privileged: true } }] } } },
      { type: "kubernetes:helm.sh/v3:Release", name: "release", inputs: { chart: "nginx", values: {} } },
    ];
    for (const image of images) state.deployment.resources.push({ ...image, urn: `urn:pulumi:dev::programs::${image.type}::${image.name}`, custom: true, id: "id", outputs: image.inputs });
    const project = new Project({ "Pulumi.yaml": "name: programs\nruntime: yaml\n" });
    const file = project.write("state.json", JSON.stringify(state));
    const config = project.write("config.json", JSON.stringify({ "allowed-registries": { registries: ["registry.example.com"], enforcementLevel: "advisory" } }));
    const { code, stdout, stderr } = await project.pulumi(["policy", "analyze", "--policy-pack", packFolder, "--policy-pack-config", config, "--file", file, "--json"]);
    if (process.env["BULKHEAD_E2E_VERBOSE"] !== undefined) process.stderr.write(stdout + stderr);
    const events = policyEvents(stdout);
    project.remove();
    const said = verdicts(events);
    expect(said).toContain("no-privileged kubernetes:core/v1:Pod::privileged");
    expect(said).toContain("allowed-registries docker:index/image:Image::built");
    expect(said).toContain("allowed-registries docker-build:index:Image::buildx");
    for (const verdict of [
      "no-secret-build-args docker:index/image:Image::built", "no-secret-build-args docker-build:index:Image::buildx", "no-volume-credentials docker:index/volume:Volume::share",
      "require-verified-daemon pulumi:providers:docker::daemon", "require-verified-registry pulumi:providers:docker::daemon", "require-verified-cluster pulumi:providers:kubernetes::cluster",
    ]) expect(said).toContain(verdict);
    expect(events.find((event) => event.policyName === "bulkhead-coverage")?.message).toMatch(/Release ".*" and \d+ more: the rendered templates of a Helm Release never reach the engine/);
    expect(stdout + stderr).not.toContain("hunter2");
    expect(stdout + stderr).not.toMatch(/defect of the policy pack|failed and did not judge/);
    expect(code).not.toBe(0);
    process.stderr.write(`policy analyze: ${state.deployment.resources.length} resources, ${events.length} policy events\n`);
  });
});

describe.skipIf(!hasData)("bulkhead check", () => {
  test("reads every workload of real projects without a crash", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bulkhead-check-"));
    const file = join(folder, "report.json");
    const state = join(folder, "state.json");
    writeFileSync(state, JSON.stringify(stateOf(resources)));
    const { code, stderr } = await run(process.execPath, [join(root, "packages/cli/dist/main.js"), "check", join(sharedData, "workloads"), state, "--format", "json", "--output", file]);
    const { summary, errors } = JSON.parse(readFileSync(file, "utf8")) as { readonly summary: { readonly subjects: number; readonly findings: number }; readonly errors: readonly unknown[] };
    rmSync(folder, { recursive: true });
    process.stderr.write(`bulkhead check on real projects: ${JSON.stringify(summary)}\n`);
    expect(stderr).toBe("");
    expect(errors).toEqual([]);
    expect(code).toBe(1);
    expect(summary.subjects).toBeGreaterThan(300);
    expect(summary.findings).toBeGreaterThan(500);
  });
});
