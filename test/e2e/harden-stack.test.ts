import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../toolchain/api-client.ts";
import { ApiServer, podOf } from "../toolchain/api-client.ts";
import { importImage, imageName } from "../toolchain/docker.ts";
import { run } from "../toolchain/run.ts";
import { missing, Project, root, toolPath, typescriptTools, verdicts } from "./support.ts";

const components = JSON.stringify(join(root, "packages/components"));
const restricted = { bulkhead: { preset: "restricted" } };
const secret = "hunter2-7f3a91";
const made: Project[] = [];
const project = (source: ConstructorParameters<typeof Project>[0]): Project => {
  const next = new Project(source);
  made.push(next);
  return next;
};
afterAll(() => {
  for (const each of made) each.remove();
});

describe.skipIf(missing(...typescriptTools))("hardenStack in the insecure example, previewed with the pack at restricted", () => {
  const insecure = project(join(root, "examples/insecure"));
  const source = readFileSync(join(root, "examples/insecure/index.ts"), "utf8");
  const withLine = (line: string): void => insecure.writeProgram("index.ts", `import { hardenStack } from ${components};\n${line}\n${source}`);

  test("is refused without it", async () => {
    const { events, code } = await insecure.judge({ config: restricted });
    expect(verdicts(events, "mandatory")).toHaveLength(6);
    expect(code).not.toBe(0);
  });

  test("with it, what is found is what it names as left", async () => {
    withLine("hardenStack();");
    const { events, stdout } = await insecure.judge({ config: restricted });
    expect(verdicts(events, "mandatory")).toEqual(["no-runtime-socket kubernetes:apps/v1:DaemonSet::agent"]);
    expect(stdout).toContain("left: spec.template.spec.volumes[0].hostPath: a path of the host is mounted (no-runtime-socket, no-host-path, only-restricted-volume-types)");
    expect(stdout).toContain("changed: spec.template.spec.containers[0].securityContext.capabilities.add: SYS_ADMIN taken out");
    expect(stdout).toContain("hardenStack: changed 5 in 5 resources; left 2 in 2 resources; exempted 0 in 0 resources; not known 0 in 0 resources");
  });

  test("passes once a reason stands for what is left", async () => {
    withLine('hardenStack({ exempt: [{ name: "agent", rules: ["no-runtime-socket", "no-host-path", "only-restricted-volume-types"], reason: "reads the runtime\'s events", owner: "team-a" }] });');
    const { events, stdout, code } = await insecure.judge({ config: restricted });
    expect(verdicts(events, "mandatory")).toEqual([]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("exempted: spec.template.spec.volumes[0].hostPath: exempted: reads the runtime's events (no-runtime-socket)");
  });

  test("an option that cannot be used stops it before anything is registered", async () => {
    withLine('hardenStack({ memory: "256" });');
    const { code, stdout } = await insecure.judge({ config: restricted });
    expect(code).not.toBe(0);
    expect(stdout).toContain('hardenStack: options.memory: expected an amount with its unit, such as 128Mi or 1Gi, found "256"');
  });
});

describe.skipIf(missing(...typescriptTools))("hardenStack in a program whose workloads are rendered to files", () => {
  test("secrets stay secret, what is not known is named, and pods inside of a component of another process are hardened", async () => {
    const manifest = JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "inner", namespace: "shop" }, spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "inner", image: "registry.example.com/inner:1", securityContext: { privileged: true } }] } } } });
    const live = project({
      "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "nodejs" }), "package.json": JSON.stringify({ name: "program", main: "index.ts" }), "tsconfig.json": readFileSync(join(root, "examples/insecure/tsconfig.json"), "utf8"),
      "index.ts": `
        import { hardenStack } from ${components};
        hardenStack({ memory: "64Mi", cpu: "100m" });
        import * as k8s from "@pulumi/kubernetes";
        import * as pulumi from "@pulumi/pulumi";
        const provider = new k8s.Provider("files", { renderYamlToDirectory: "rendered" });
        const labels = { app: "shop" };
        const settings = new k8s.core.v1.ConfigMap("settings", { metadata: { name: "settings", namespace: "shop" }, data: { image: "registry.example.com/app:1" } }, { provider });
        const env = [{ name: "TOKEN", value: pulumi.secret("${secret}") }];
        const hostIPC = settings.id.apply((id) => id === "");
        const containers = [{ name: "app", image: settings.data.apply(({ image }) => image), env }];
        new k8s.apps.v1.Deployment("web", { metadata: { name: "web", namespace: "shop" }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { hostPID: true, hostIPC, containers } } } }, { provider });
        new k8s.yaml.v2.ConfigGroup("group", { yaml: ${JSON.stringify(manifest)} }, { provider });
      `,
    });
    const preview = await live.judge({ config: restricted });
    expect(preview.code, preview.stdout).toBe(0);
    expect(preview.stdout).toContain("not known: spec.template.spec.hostIPC: not known (no-host-ipc)");
    const up = await live.judge({ command: ["up", "--yes"], config: restricted });
    expect(up.code, up.stdout).toBe(0);
    expect(verdicts(up.events, "mandatory")).toEqual([]);
    const folder = join(live.program, "rendered");
    const rendered = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".yaml")).map((file) => readFileSync(join(folder, file), "utf8"));
    const of = (name: string): string => rendered.find((text) => text.includes(`name: ${name}`) && text.includes("kind: Deployment")) ?? "";
    for (const name of ["web", "inner"]) for (const line of ["runAsUser: 10001", "runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "type: RuntimeDefault", "memory: 64Mi"]) expect(of(name), name).toContain(line);
    expect(of("web")).toContain(secret);
    // What is false is not written.
    expect(of("web")).not.toContain("hostPID: true");
    expect(of("inner")).toContain("privileged: false");
    expect((await live.pulumi(["stack", "export"])).stdout).not.toContain(secret);
    expect(preview.stdout + preview.stderr + up.stdout + up.stderr).not.toContain(secret);
    const again = await live.judge({ command: ["up", "--yes", "--expect-no-changes"], config: restricted });
    expect(again.code, again.stdout).toBe(0);
  }, 300_000);
});

describe.skipIf(missing(...typescriptTools, "kubernetes"))("hardenStack in a Kubernetes program, on a live API server whose namespace admits restricted pods only", () => {
  const namespace = `harden-${process.pid}`;
  const workloads = [["apps/v1", "Deployment", "web"], ["apps/v1", "StatefulSet", "db"], ["apps/v1", "DaemonSet", "agent"], ["batch/v1", "CronJob", "report"], ["v1", "Pod", "once"]] as const;
  const object = ([apiVersion, kind, name]: (typeof workloads)[number]): KubernetesObject => ({ apiVersion, kind, metadata: { name, namespace } });
  afterAll(() => new ApiServer(toolPath("kubernetes")).deleteNamespace(namespace));

  /** Nothing there runs pods, or ends what is being deleted. */
  const program = (first: string): string => `
    ${first}
    const k8s = require("@pulumi/kubernetes");
    const annotations = { "pulumi.com/skipAwait": "true", "pulumi.com/deletionPropagationPolicy": "background" };
    const metadata = (name) => ({ name, namespace: ${JSON.stringify(namespace)}, annotations });
    const selector = { matchLabels: { app: "shop" } };
    const spec = { hostPID: true, containers: [{ name: "app", image: "registry.example.com/app:1", env: [{ name: "MODE", value: "prod" }], ports: [{ containerPort: 8080, hostPort: 80 }], securityContext: { privileged: true, runAsUser: 0, capabilities: { add: ["SYS_ADMIN"] } } }] };
    const template = { metadata: { labels: { app: "shop" } }, spec };
    new k8s.apps.v1.Deployment("web", { metadata: metadata("web"), spec: { selector, template } });
    new k8s.apps.v1.StatefulSet("db", { metadata: metadata("db"), spec: { serviceName: "db", selector, template } });
    new k8s.apps.v1.DaemonSet("agent", { metadata: metadata("agent"), spec: { selector, template } });
    new k8s.batch.v1.CronJob("report", { metadata: metadata("report"), spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template: { spec: { ...spec, restartPolicy: "Never" } } } } } });
    new k8s.core.v1.Pod("once", { metadata: metadata("once"), spec });
  `;

  test("the pods are refused without it, and admitted with it; a second update changes nothing, and nothing is left in the end", async () => {
    const server = new ApiServer(toolPath("kubernetes"));
    await server.createNamespace(namespace, "restricted");
    const live = project({ "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "nodejs" }), "package.json": JSON.stringify({ name: "program", main: "index.js" }), "index.js": program("") });
    live.env["KUBECONFIG"] = toolPath("kubernetes");
    const raw = await live.judge({ config: { all: "disabled" }, command: ["up", "--yes", "--skip-preview", "--continue-on-error"] });
    expect(raw.code).not.toBe(0);
    expect(raw.stdout).toContain('violates PodSecurity "restricted:latest"');
    const admitted = (workload: (typeof workloads)[number], stored: object) => server.dryRun(workload[1] === "Pod" ? ({ ...object(workload), metadata: { name: "again", namespace }, spec: (stored as { spec: object }).spec }) : podOf({ ...object(workload), spec: (stored as { spec: object }).spec }));
    for (const workload of workloads.slice(0, -1)) expect((await admitted(workload, (await server.get(object(workload))).object)).status, workload[2]).toBe(403);

    live.writeProgram("index.js", program(`require(${components}).hardenStack({ memory: "64Mi", cpu: "100m" });`));
    const up = await live.judge({ command: ["up", "--yes"], config: restricted });
    expect(up.code, up.stdout).toBe(0);
    expect(verdicts(up.events, "mandatory")).toEqual([]);
    for (const workload of workloads) {
      const { status, object: stored } = await server.get(object(workload));
      expect(status, workload[2]).toBe(200);
      expect(await admitted(workload, stored), workload[2]).toMatchObject({ status: 201, message: "" });
      expect(JSON.stringify(stored), workload[2]).toContain('"MODE"');
    }
    const again = await live.judge({ command: ["up", "--yes", "--expect-no-changes"], config: restricted });
    expect(again.code, again.stdout).toBe(0);
    expect((await live.pulumi(["destroy", "--yes", "--skip-preview"])).code).toBe(0);
    for (const workload of workloads.slice(0, -1)) expect((await server.get(object(workload))).status, workload[2]).toBe(404);
  }, 300_000);
});

describe.skipIf(missing(...typescriptTools, "docker"))("hardenStack in a Docker program in plain JavaScript, on a live daemon", () => {
  const name = `bulkhead-harden-${process.pid}`;
  const docker = (...args: readonly string[]): ReturnType<typeof run> => run("docker", args, { env: made[0]?.env ?? process.env });
  const inspect = async (which: string): Promise<unknown> => JSON.parse((await docker("inspect", which)).stdout) as unknown;
  afterAll(() => docker("rm", "--force", `${name}-web`, `${name}-inner`, `${name}-kept`));

  const program = `
    const { hardenStack } = require(${components});
    const report = hardenStack({ memory: "32Mi", cpu: "500m", pidsLimit: 32 });
    const docker = require("@pulumi/docker");
    const pulumi = require("@pulumi/pulumi");
    const kept = { image: ${JSON.stringify(imageName)}, command: ["sleep", "300"], ipcMode: "host", ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }], capabilities: { adds: ["CHOWN"] } };
    const weak = { ...kept, privileged: true, capabilities: { adds: ["SYS_ADMIN"] }, securityOpts: ["seccomp=unconfined"] };
    new docker.Container("web", { ...weak, name: "${name}-web", envs: [pulumi.secret("TOKEN=${secret}")] });
    class Group extends pulumi.ComponentResource {
      constructor(name) {
        super("test:index:Group", name);
        new docker.Container("inner", { ...weak, ulimits: undefined, name: "${name}-inner" }, { parent: this });
      }
    }
    new Group("group");
    const labels = ["no-host-ipc", "only-allowed-capabilities", "require-pids-limit"].map((rule) => ({ label: "exempt.bulkhead.dev/" + rule, value: "owner=a; expires=never; reason=a test" }));
    new docker.Container("kept", { ...kept, name: "${name}-kept", labels });
    process.once("beforeExit", () => pulumi.log.info("changes: " + report.changes().filter(({ outcome }) => outcome === "changed").length));
  `;

  test("makes containers that are hardened and limited, and needs nothing the second time", async () => {
    const live = project({ "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "nodejs" }), "package.json": JSON.stringify({ name: "program", main: "index.js" }), "index.js": program });
    await importImage(live.env);
    const up = await live.judge({ command: ["up", "--yes"], config: { ...restricted, "require-pids-limit": "mandatory" } });
    expect(up.code, up.stdout).toBe(0);
    expect(verdicts(up.events, "mandatory")).toEqual([]);
    for (const which of ["web", "inner"]) {
      expect(await inspect(`${name}-${which}`), which).toMatchObject([{
        State: { Running: true },
        Config: { User: "10001:10001" },
        HostConfig: { Privileged: false, CapAdd: null, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"], IpcMode: "private", ReadonlyRootfs: true, PidsLimit: 32, Memory: 32 * 2 ** 20, MemorySwap: 32 * 2 ** 20, NanoCpus: 5e8, Init: true },
      }]);
    }
    // As the kernel has it: what was said is kept, and what was not is filled in.
    for (const which of ["web", "inner"]) expect((await docker("exec", `${name}-${which}`, "cat", "/proc/1/limits")).stdout, which).toMatch(/^Max open files\s+1024\s+4096\s+files/m);
    expect((await docker("exec", `${name}-inner`, "cat", "/proc/1/limits")).stdout).toMatch(/^Max processes\s+4096\s+4096\s+processes/m);
    expect(await inspect(`${name}-kept`)).toMatchObject([{ State: { Running: true }, HostConfig: { IpcMode: "host", CapAdd: [expect.stringMatching(/^(CAP_)?CHOWN$/)], CapDrop: ["ALL"], ReadonlyRootfs: true, PidsLimit: null } }]);
    expect(up.stdout).toContain("exempted: ipcMode: exempted: a test (no-host-ipc)");
    expect(up.stdout).toMatch(/changes: \d\d/);
    const exported = await live.pulumi(["stack", "export"]);
    expect(exported.stdout).not.toContain(secret);
    expect(up.stdout + up.stderr).not.toContain(secret);
    const again = await live.judge({ command: ["up", "--yes", "--expect-no-changes"], config: restricted });
    expect(again.code, again.stdout).toBe(0);
    expect((await live.pulumi(["destroy", "--yes"])).code).toBe(0);
  }, 300_000);
});
