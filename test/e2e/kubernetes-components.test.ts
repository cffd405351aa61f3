import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planWorkload, workloadInputs } from "../../packages/components/src/kubernetes/workload";
import { kubernetesWeakenings } from "../../packages/components/src/posture/kubernetes-weakenings";
import { type AnyKind, randomArguments, workloadKinds } from "../../packages/components/test/random-arguments";
import { random } from "../conformance/generator.ts";
import { ApiServer, type KubernetesObject, podOf } from "../toolchain/api-client.ts";
import { missing, Project, root, toolPath, typescriptTools } from "./support.ts";

const image = "registry.example.com/shop/app:1.4.2@sha256:4a1c4b21597c1b4415bdbecb28a3296c6b5e23ca4f9feeb599860a1dac6a0108";
const run = `components-${process.pid}`;
const reason = "is needed for now";
/** Nothing here runs pods, or ends what is being deleted. */
const annotations = { "pulumi.com/skipAwait": "true", "pulumi.com/deletionPropagationPolicy": "background" };
const least = { image, memory: "128Mi", namespace: run, annotations };

/** Each weakening, and what the API server says of its pod in a restricted namespace; nothing where it admits it. */
const weakenings: { readonly [name: string]: { readonly argument: (typeof kubernetesWeakenings)[number]["argument"]; readonly args: object; readonly refused?: string } } = {
  "low-port": { argument: "capabilities", args: { capabilities: { add: ["NET_BIND_SERVICE"], reason } } },
  "ordinary-capability": { argument: "capabilities", args: { capabilities: { add: ["CHOWN"], reason } }, refused: 'unrestricted capabilities (container "ordinary-capability" must not include "CHOWN" in securityContext.capabilities.add)' },
  writable: { argument: "writableRootFilesystem", args: { writableRootFilesystem: { reason } } },
  root: { argument: "runAsRoot", args: { runAsRoot: { reason } }, refused: 'runAsNonRoot != true (container "root" must not set securityContext.runAsNonRoot=false), runAsUser=0 (container "root" must not set runAsUser=0)' },
  "own-root": { argument: "runAsRoot", args: { runAsRoot: { reason }, userNamespace: true } },
  "host-port": { argument: "hostPort", args: { hostPort: { port: 8443, from: ["10.0.0.0/8", "::/0"], reason } }, refused: 'hostPort (container "host-port" uses hostPort 8443)' },
  token: { argument: "apiToken", args: { apiToken: { reason } } },
};

const program = `
  const bulkhead = require(${JSON.stringify(join(root, "packages/components"))});
  const least = ${JSON.stringify(least)};
  const annotations = least.annotations;
  new bulkhead.IsolatedNamespace("${run}-taken", { annotations });
  const { name } = new bulkhead.IsolatedNamespace(${JSON.stringify(run)}, { annotations });
  const args = { ...least, namespace: name };
  const web = new bulkhead.HardenedDeployment("web", { ...args, ports: [{ port: 8080, servicePort: 80 }], scratch: [{ path: "/tmp" }] });
  const db = new bulkhead.HardenedStatefulSet("db", { ...args, ports: [{ port: 5432 }], storage: [{ path: "/var/lib/data", size: "1Gi" }] });
  new bulkhead.HardenedDaemonSet("agent", args);
  new bulkhead.HardenedJob("migrate", args);
  const report = new bulkhead.HardenedCronJob("report", { ...args, schedule: "0 3 * * *" });
  for (const [weakened, { args: given }] of Object.entries(${JSON.stringify(weakenings)})) new bulkhead.HardenedDeployment(weakened, { ...args, ...given });
  web.allowTo(db, { port: 5432 });
  report.allowTo(db, { port: 5432 });
  web.allowToInternet({ cidrs: ["0.0.0.0/0", "::/0"], ports: [443], reason: "calls the payment provider" });
`;

const apiVersions: { readonly [kind: string]: string } = { Deployment: "apps/v1", StatefulSet: "apps/v1", DaemonSet: "apps/v1", Job: "batch/v1", CronJob: "batch/v1", Service: "v1", ServiceAccount: "v1", LimitRange: "v1", ResourceQuota: "v1", NetworkPolicy: "networking.k8s.io/v1", PodDisruptionBudget: "policy/v1" };
const reference = (kind: string, name: string, namespace = run): KubernetesObject => ({ apiVersion: apiVersions[kind] ?? "", kind, metadata: { name, namespace } });

/** The pod of a workload, with the volumes that a StatefulSet's controller adds, and without the classes that this cluster has not. */
function admissible(workload: KubernetesObject): KubernetesObject {
  const pod = podOf(workload);
  const { volumeClaimTemplates = [] } = workload["spec"] as { readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[] };
  const { priorityClassName: _priority, priority: _value, runtimeClassName: _runtime, ...spec } = pod["spec"] as { readonly volumes?: readonly object[]; readonly [key: string]: unknown };
  return { ...pod, spec: { ...spec, volumes: [...(spec.volumes ?? []), ...volumeClaimTemplates.map(({ metadata: { name } }) => ({ name, persistentVolumeClaim: { claimName: name } }))] } };
}

describe.skipIf(missing("kubernetes", ...typescriptTools))("the Kubernetes components on a live API server", () => {
  let server: ApiServer;
  const project = new Project({ "Pulumi.yaml": "name: components\nruntime: nodejs\n", "package.json": '{"name": "components", "main": "index.js"}', "index.js": program });

  beforeAll(async () => {
    server = new ApiServer(toolPath("kubernetes"));
    project.env["KUBECONFIG"] = toolPath("kubernetes");
    // A cluster with controllers may make the account before the program does.
    expect((await server.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: `${run}-taken` } })).status).toBe(201);
    expect((await server.create(reference("ServiceAccount", "default", `${run}-taken`))).status).toBe(201);
    const { code, events, everything } = await project.judge({ command: ["up", "--yes", "--skip-preview"], config: { bulkhead: { preset: "restricted" } } });
    expect(code, everything.slice(0, 8000)).toBe(0);
    const exempted = [["host-port", "no-host-port"], ["ordinary-capability", "only-allowed-capabilities"], ["root", "run-as-non-root"], ["root", "no-root-user"]].map(([name, rule]) => `  Deployment "${name}" from ${rule} by components without an end: ${reason}\n`);
    expect(events.map(({ message }) => message)).toEqual([`exempted:\n${exempted.join("")}`]);
  }, 300_000);

  afterAll(async () => {
    for (const name of [run, `${run}-taken`]) await server.deleteNamespace(name);
    project.remove();
  });

  test.each([run, `${run}-taken`])("the namespace %s admits restricted pods only, denies by default and mounts no token", async (namespace) => {
    expect((await server.get({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } })).object).toMatchObject({ metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "v1.37", "pod-security.kubernetes.io/audit": "restricted", "pod-security.kubernetes.io/warn": "restricted" } } });
    expect((await server.get(reference("ServiceAccount", "default", namespace))).object).toMatchObject({ automountServiceAccountToken: false });
    for (const [kind, name] of [["NetworkPolicy", "deny"], ["NetworkPolicy", "dns"], ["LimitRange", "limits"], ["ResourceQuota", "quota"]] as const) expect((await server.get(reference(kind, name, namespace))).status, name).toBe(200);
  });

  test("every object of a workload is there", async () => {
    const objects = [["Deployment", "web"], ["ServiceAccount", "web"], ["Service", "web"], ["PodDisruptionBudget", "web"], ["NetworkPolicy", "web-isolation"], ["NetworkPolicy", "web-to-db-5432"], ["NetworkPolicy", "db-from-web-5432"], ["NetworkPolicy", "db-from-report-5432"], ["NetworkPolicy", "web-to-internet"], ["StatefulSet", "db"], ["Service", "db"], ["DaemonSet", "agent"], ["Job", "migrate"], ["CronJob", "report"]] as const;
    for (const [kind, name] of objects) expect((await server.get(reference(kind, name))).status, `${kind} ${name}`).toBe(200);
  });

  test("the pods of default arguments are admitted, and those of a weakening exactly where it says so", async () => {
    await fillQuota(server, run);
    for (const [kind, name] of [["Deployment", "web"], ["StatefulSet", "db"], ["DaemonSet", "agent"], ["Job", "migrate"], ["CronJob", "report"]] as const) {
      const stored = (await server.get(reference(kind, name))).object as unknown as KubernetesObject;
      expect(await server.dryRun(admissible({ ...reference(kind, name), spec: stored["spec"] })), name).toMatchObject({ status: 201, message: "" });
    }
    for (const [name, { argument, refused }] of Object.entries(weakenings)) {
      const stored = (await server.get(reference("Deployment", name))).object as unknown as KubernetesObject;
      const answer = await server.dryRun(admissible({ ...reference("Deployment", name), spec: stored["spec"] }));
      expect(answer.status, `${name}: ${answer.message}`).toBe(refused === undefined ? 201 : 403);
      if (refused !== undefined) expect(answer.message).toContain(`violates PodSecurity "restricted:v1.37": ${refused}`);
      if (refused !== undefined) expect(kubernetesWeakenings.find((weakening) => weakening.argument === argument)?.refusedByRestricted).toBe(true);
    }
    const admitted = new Set(Object.values(weakenings).filter(({ refused }) => refused !== undefined).map(({ argument }) => argument));
    expect(kubernetesWeakenings.filter(({ refusedByRestricted }) => refusedByRestricted).map(({ argument }) => argument).sort()).toEqual([...admitted].sort());
  });

  test("a pod that is not hardened is refused there, and one without limits gets them", async () => {
    await fillQuota(server, run);
    const pod = (spec: object): KubernetesObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "raw", namespace: run }, spec });
    expect((await server.dryRun(pod({ containers: [{ name: "a", image }] }))).message).toContain('violates PodSecurity "restricted:v1.37"');
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
    expect((await server.dryRun(pod({ containers: [{ name: "a", image, securityContext }] }))).object).toMatchObject({ spec: { containers: [{ resources: { limits: { cpu: "500m", memory: "256Mi", "ephemeral-storage": "1Gi" } } }] } });
    const large = pod({ containers: [{ name: "a", image, securityContext, resources: { limits: { memory: "16Gi" } } }] });
    expect((await server.dryRun(large)).message).toContain("maximum memory usage per Container is 8Gi");
  });

  test("of 200 random workloads every object is accepted, and every pod admitted", async () => {
    await fillQuota(server, run);
    const seed = Number(process.env["BULKHEAD_SEED"] ?? 20_261_124);
    const next = random(seed);
    for (let index = 0; index < 200; index++) {
      const kind: AnyKind = workloadKinds[index % workloadKinds.length] ?? "Job";
      const args = { ...randomArguments(next, kind, false), namespace: run };
      const workload = JSON.parse(JSON.stringify({ apiVersion: apiVersions[kind], kind, ...workloadInputs(planWorkload(kind, "random", args)) })) as KubernetesObject;
      const where = `seed ${seed}, case ${index}: ${JSON.stringify(args)}`;
      expect(await server.dryRun(workload), where).toMatchObject({ status: 201, message: "", warnings: [] });
      expect(await server.dryRun(admissible(workload)), where).toMatchObject({ status: 201, message: "" });
    }
  });
});

/** Says what a quota's controller would, so that pods can be counted. */
async function fillQuota(server: ApiServer, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/resourcequotas/quota`;
  const { object } = await server.request("GET", path);
  const { hard } = object["spec"] as { readonly hard: { readonly [resource: string]: string } };
  const status = { hard, used: Object.fromEntries(Object.keys(hard).map((resource) => [resource, "0"])) };
  expect((await server.request("PUT", `${path}/status`, { ...object, status })).status).toBe(200);
}
