import { describe, expect, test } from "vitest";
import type { Registered } from "../../test/mocks";
import { registered } from "../../test/mocks";
import { judge } from "../../test/judge";
import { hardenings, without } from "../posture";
import { HardenedCronJob, HardenedDaemonSet, HardenedDeployment, HardenedJob, HardenedStatefulSet, IsolatedNamespace } from ".";
import { planWorkload, workloadInputs } from "./workload";

const image = "registry.example.com/shop/web:1.4.2@sha256:4a1c4b21597c1b4415bdbecb28a3296c6b5e23ca4f9feeb599860a1dac6a0108";
const least = { image, memory: "128Mi" };
const probes = { livenessProbe: { path: "/live", port: 8080 }, readinessProbe: { path: "/ready", port: 8080 } };

/** Everything with the arguments that it cannot be made without. */
const everything = (): Promise<readonly Registered[]> => registered(() => {
  const namespace = new IsolatedNamespace("shop").name;
  const web = new HardenedDeployment("web", { ...least, namespace, ports: [{ port: 8080 }] });
  const db = new HardenedStatefulSet("db", { ...least, namespace, storage: [{ path: "/data", size: "1Gi" }] });
  new HardenedDaemonSet("agent", { ...least, namespace });
  new HardenedJob("migrate", { ...least, namespace });
  new HardenedCronJob("report", { ...least, namespace, schedule: "0 3 * * *" });
  web.allowTo(db, { port: 5432 });
  web.allowToInternet({ cidrs: ["0.0.0.0/0", "::/0", "203.0.113.0/24"], ports: [443], reason: "calls the payment provider" });
});

/** What strict finds with default arguments, and why no default can satisfy it. */
const strictly = {
  "require-user-namespace": "needs a kernel and a runtime that map mounts; argument userNamespace",
  "require-liveness-probe": "only the program's author knows what to ask; argument livenessProbe",
  "no-shared-user-id": "all run as one id unless each is given its own; argument user",
  "require-readiness-probe": "only the program's author knows what to ask; argument readinessProbe",
};

describe("default arguments", () => {
  test("give no finding under restricted, and nothing is left undecided", async () => {
    expect(judge(await everything(), "restricted")).toEqual({ findings: [], exempted: [], undecided: [] });
  });

  test("give no finding under strict but those with a reason", async () => {
    const { findings, undecided } = judge(await everything(), "strict");
    expect([...new Set(findings.map((finding) => finding.split(" ")[0]))].sort()).toEqual(Object.keys(strictly).sort());
    expect(undecided).toEqual([]);
  });
});

const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;
const tokens = { Deployment: "apps/v1", StatefulSet: "apps/v1", DaemonSet: "apps/v1", Job: "batch/v1", CronJob: "batch/v1" } as const;
const extra = { name: "extra", image, memory: "64Mi" };

/** A workload with a container in every role, as its child would be registered. */
function workload(kind: (typeof kinds)[number], more: object, chosen = hardenings): readonly Registered[] {
  const plan = planWorkload(kind, "web", { ...least, ...probes, namespace: "shop", userNamespace: false, initContainers: [{ ...extra, name: "init" }], sidecars: [{ ...extra, ...probes, name: "sidecar" }], ...(kind === "CronJob" ? { schedule: "0 3 * * *" } : {}), ...more });
  return [{ type: `kubernetes:${tokens[kind]}:${kind}`, name: "web", inputs: { apiVersion: tokens[kind], kind, ...workloadInputs(plan, chosen) } }];
}

/** Ids of the rules that find something, but for those that stand-alone workloads and default arguments do not satisfy. */
const rulesAgainst = (resources: readonly Registered[], known: readonly string[] = []): readonly string[] => [...new Set(judge(resources, "strict").findings.map((finding) => finding.split(" ")[0] ?? ""))].filter((rule) => !known.includes(rule)).sort();

describe.each(kinds)("a %s without one hardening", (kind) => {
  const known = rulesAgainst(workload(kind, {}));

  test.each(hardenings.map((hardening) => [hardening.id, hardening] as const))("%s", (id, { rules }) => {
    expect(rulesAgainst(workload(kind, {}, without(id)), known)).toEqual([...rules.kubernetes].sort());
  });
});

const reason = "the program cannot do without yet";

/** Each weakening with the rules that it leaves unsatisfied. */
const weakened: readonly (readonly [string, object, readonly string[]])[] = [
  ["NET_BIND_SERVICE", { capabilities: { add: ["NET_BIND_SERVICE"], reason } }, []],
  ["a capability of an ordinary container", { capabilities: { add: ["CHOWN"], reason } }, ["only-allowed-capabilities"]],
  ["a capability beyond those", { capabilities: { add: ["NET_RAW", "SYS_NICE"], reason } }, ["only-allowed-capabilities", "only-default-capabilities"]],
  ["writableRootFilesystem", { writableRootFilesystem: { reason } }, ["read-only-root-filesystem"]],
  ["runAsRoot", { runAsRoot: { reason } }, ["no-low-user-id", "no-root-user", "run-as-non-root"]],
  ["hostPort", { hostPort: { port: 8443, reason } }, ["no-host-port"]],
  ["a low hostPort", { hostPort: { port: 443, reason } }, ["no-host-port", "no-privileged-host-port"]],
  ["apiToken", { apiToken: { reason } }, ["no-service-account-token"]],
];

describe.each(weakened)("%s", (_, args, rules) => {
  test.each(kinds)("on a %s exempts from the rules that find it, and no others", (kind) => {
    const known = rulesAgainst(workload(kind, {}));
    const judged = judge(workload(kind, args), "strict");
    expect(judged.exempted).toEqual(rules);
    expect(judged.findings.map((finding) => finding.split(" ")[0]).filter((rule) => !known.includes(rule ?? ""))).toEqual([]);
    expect(planWorkload(kind, "web", { ...least, ...(kind === "CronJob" ? { schedule: "@daily" } : {}), ...args }).exemptions.map(({ rule }) => rule).sort()).toEqual(rules);
  });
});

describe("a port of the node", () => {
  test.each([["named blocks", ["10.0.0.0/8"], []], ["everybody", ["10.0.0.0/8", "0.0.0.0/0"], ["no-open-network-policy"]]] as const)("that %s may reach has a policy that is exempt where it has to be", async (_, from, rules) => {
    const judged = judge(await registered(() => void new HardenedDaemonSet("agent", { ...least, hostPort: { port: 8443, from: [...from], reason } })), "strict");
    expect(judged.exempted.filter((rule) => rule !== "no-host-port")).toEqual(rules);
    expect(judged.findings.filter((finding) => finding.includes("NetworkPolicy"))).toEqual([]);
  });
});

describe("a weakening of the main container", () => {
  test("does not exempt a sidecar that a transform weakens alike", () => {
    const [resource] = workload("Deployment", { writableRootFilesystem: { reason } });
    const inputs = JSON.parse(JSON.stringify(resource?.inputs)) as { spec: { template: { spec: { initContainers: { name: string; securityContext: { readOnlyRootFilesystem: boolean } }[] } } } };
    for (const { securityContext } of inputs.spec.template.spec.initContainers) securityContext.readOnlyRootFilesystem = false;
    const judged = judge(resource === undefined ? [] : [{ ...resource, inputs }], "strict");
    expect(judged.exempted).toEqual(["read-only-root-filesystem"]);
    expect(judged.findings).toContain("read-only-root-filesystem at Deployment web");
  });
});
