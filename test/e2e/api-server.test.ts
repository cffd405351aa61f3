import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiServer, type KubernetesObject, podOf, type PodSecurityLevel } from "../toolchain/api-client.ts";
import { missing, Project, toolPath, verdicts, yamlTools } from "./support.ts";

const image = "registry.example.com/app:1";
const run = `bulkhead-test-${process.pid}`;
const hardened = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const template = (securityContext: object): { readonly spec: object } => ({ spec: { containers: [{ name: "a", image, securityContext }] } });
const pod = (namespace: string, name: string, securityContext: object): KubernetesObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, ...template(securityContext) });

describe.skipIf(missing("kubernetes"))("a live API server", () => {
  const made: string[] = [];
  let server: ApiServer;
  beforeAll(() => {
    server = new ApiServer(toolPath("kubernetes"));
  });
  afterAll(async () => {
    for (const name of made) await server.deleteNamespace(name);
  });
  const namespace = async (suffix: string, ...labels: [level: PodSecurityLevel, version?: string]): Promise<string> => {
    const name = `${run}-${suffix}`;
    await server.createNamespace(name, ...labels);
    made.push(name);
    return name;
  };

  const pods: { readonly [name: string]: object } = { privileged: { privileged: true }, "without-settings": {}, hardened };
  const refusals: { readonly [level in PodSecurityLevel]: { readonly [name: string]: string } } = {
    privileged: {},
    baseline: { privileged: 'violates PodSecurity "baseline:latest": privileged (container "a" must not set securityContext.privileged=true)' },
    restricted: {
      privileged: 'violates PodSecurity "restricted:latest": privileged (container "a" must not set securityContext.privileged=true), allowPrivilegeEscalation != false',
      "without-settings": 'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities',
    },
  };
  test.each(["privileged", "baseline", "restricted"] as const)("a namespace that enforces %s refuses a pod for what its level says, at a dry run and at a creation", async (level) => {
    const name = await namespace(level, level);
    for (const [kind, securityContext] of Object.entries(pods)) {
      const refusal = refusals[level][kind];
      const wanted = refusal === undefined ? { status: 201, message: "" } : { status: 403, message: expect.stringContaining(refusal) };
      const object = pod(name, kind, securityContext);
      expect(await server.dryRun(object), kind).toMatchObject(wanted);
      expect((await server.get(object)).status, kind).toBe(404);
      expect(await server.create(object), kind).toMatchObject(wanted);
      expect((await server.get(object)).status, kind).toBe(refusal === undefined ? 200 : 404);
    }
  });

  test("a level is that of its version", async () => {
    const old = await namespace("old", "restricted", "v1.18");
    expect((await server.dryRun(pod(old, "a", { allowPrivilegeEscalation: false, runAsNonRoot: true }))).status).toBe(201);
    expect((await server.dryRun(pod(old, "a", { allowPrivilegeEscalation: false }))).message).toContain('violates PodSecurity "restricted:v1.18": runAsNonRoot != true');
  });

  test("a workload is made whatever its template says, with a warning, and its pod is refused", async () => {
    const name = await namespace("workload", "baseline");
    const deployment = (securityContext: object): KubernetesObject => ({
      apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: name },
      spec: { selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, ...template(securityContext) } },
    });
    const weak = deployment({ privileged: true });
    expect(await server.create(weak)).toMatchObject({ status: 201, warnings: ['would violate PodSecurity "baseline:latest": privileged (container "a" must not set securityContext.privileged=true)'] });
    expect(await server.dryRun(podOf(weak))).toMatchObject({ status: 403, message: expect.stringContaining('pods "web-pod" is forbidden: violates PodSecurity "baseline:latest": privileged') });
    expect(await server.dryRun({ ...deployment(hardened), metadata: { name: "hardened", namespace: name } })).toMatchObject({ status: 201, warnings: [] });
    expect(await server.dryRun(podOf(deployment(hardened)))).toMatchObject({ status: 201, message: "" });
    const job = { schedule: "@daily", jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image }] } } } } };
    expect(podOf({ apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "nightly" }, spec: job })).toEqual({ apiVersion: "v1", kind: "Pod", metadata: { name: "nightly-pod" }, spec: job.jobTemplate.spec.template.spec });
  });

  test("what is not valid is refused with its field, and so is a field that does not exist", async () => {
    const name = await namespace("invalid", "privileged");
    expect(await server.dryRun({ ...pod(name, "a", {}), spec: { containers: [] } })).toMatchObject({ status: 422, message: expect.stringContaining("spec.containers: Required value") });
    expect(await server.dryRun({ ...pod(name, "a", {}), spec: { containers: [{ name: "a", image }], pidMode: "host" } })).toMatchObject({ status: 400, message: expect.stringContaining('unknown field "spec.pidMode"') });
    await expect(server.dryRun({ apiVersion: "v1", kind: "Container", metadata: { name: "a" } })).rejects.toThrow("the API server knows no Container of v1");
  });

  test("what is deleted is gone, a namespace too; another's token is refused", async () => {
    const name = await namespace("deleted", "baseline");
    const object = pod(name, "a", {});
    expect((await server.create(object)).status).toBe(201);
    expect(await server.create(object)).toMatchObject({ status: 409, message: 'pods "a" already exists' });
    expect((await server.delete(object)).status).toBe(200);
    expect((await server.get(object)).status).toBe(404);
    await server.deleteNamespace(name);
    expect((await server.get({ apiVersion: "v1", kind: "Namespace", metadata: { name } })).status).toBe(404);
    await expect(new ApiServer(toolPath("kubernetes"), "another").get(object)).rejects.toThrow("does not say what it knows: 401 Unauthorized");
  });

  test.skipIf(missing(...yamlTools))("a program whose pod the pack lets pass is refused by it, and made once it is put right", async () => {
    const name = await namespace("program", "restricted");
    const program = new Project({ "Pulumi.yaml": "" });
    program.env["KUBECONFIG"] = toolPath("kubernetes");
    const write = (securityContext: object): void => {
      const { apiVersion: _version, kind: _kind, ...properties } = pod(name, "web", securityContext);
      const metadata = { ...properties.metadata, annotations: { "pulumi.com/skipAwait": "true", "pulumi.com/deletionPropagationPolicy": "background" } };
      program.writeProgram("Pulumi.yaml", JSON.stringify({ name: "program", runtime: "yaml", resources: { web: { type: "kubernetes:core/v1:Pod", properties: { ...properties, metadata } } } }));
    };
    try {
      write({});
      const refused = await program.judge({ command: ["up", "--yes", "--skip-preview"], config: { bulkhead: { preset: "baseline" } } });
      expect(verdicts(refused.events, "mandatory")).toEqual([]);
      expect(refused.everything).toContain('violates PodSecurity \\"restricted:latest\\"');
      expect(refused.code).not.toBe(0);
      write(hardened);
      const created = await program.judge({ command: ["up", "--yes", "--skip-preview"], config: { bulkhead: { preset: "restricted" } } });
      expect(created.events).toEqual([]);
      expect(created.code, created.stdout).toBe(0);
      expect((await server.get(pod(name, "web", {}))).object).toMatchObject({ spec: { containers: [{ securityContext: hardened }] } });
      expect((await program.pulumi(["destroy", "--yes", "--skip-preview"])).code).toBe(0);
      expect((await server.get(pod(name, "web", {}))).status).toBe(404);
    } finally {
      program.remove();
    }
  }, 180_000);
});
