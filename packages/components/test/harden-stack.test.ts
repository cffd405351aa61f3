import { isObject } from "@bulkhead/core";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { dangerousCapabilities as dangerousToRules } from "../../rules/src/container/_capabilities";
import { goodContainer, goodDocker, goodPod, merge } from "../../rules/src/example-documents";
import { hardenStack } from "../src";
import type { StackChange } from "../src";
import { harden } from "../src/harden-stack/harden";
import type { Settings } from "../src/harden-stack/options";
import { inputsFor } from "../src/posture";
import { dangerousCapabilities, safeSeLinuxTypes, safeSysctls } from "../src/harden-stack/wanted";
import type { Registered } from "./support";
import { found, judge } from "./support";

type Inputs = { readonly [key: string]: unknown };
const now = Date.UTC(2027, 0, 1);
const image = "registry.example.com/app:1.2.3";
const container = "docker:index/container:Container";
const apply = (type: string, inputs: Inputs, settings: Settings = {}): ReturnType<typeof harden> => harden(type, "web", inputs, settings, now);
const lines = (entries: readonly StackChange[], outcome?: string): readonly string[] => entries.filter((entry) => outcome === undefined || entry.outcome === outcome).map((entry) => `${entry.path}: ${entry.what}`);
const findings = (type: string, inputs: Inputs, preset: "restricted" | "strict" = "restricted"): readonly string[] => found(judge([{ type, name: "web", urn: `urn:pulumi:test::shop::${type}::web`, parent: "", inputs } as Registered], preset));
const deployment = "kubernetes:apps/v1:Deployment";
const workload = (spec: Inputs, annotations?: Inputs): Inputs => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", ...(annotations === undefined ? {} : { annotations }) }, spec: { template: { spec } } });
const specOf = (inputs: unknown): Inputs => (inputs as { readonly spec: { readonly template: { readonly spec: Inputs } } }).spec.template.spec;

describe("what is unset is filled", () => {
  test("in a container of Docker", () => {
    const { inputs, entries } = apply(container, { image }, { memory: "64Mi", cpu: "250m" });
    expect(inputs).toEqual({
      image, user: "10001:10001", readOnly: true, init: true, memory: 64, memorySwap: 64, cpus: "0.25", capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges:true"],
      ulimits: inputsFor("docker")["ulimits"],
    });
    expect(entries.filter(({ outcome }) => outcome === "left").map(({ path, rules }) => [path, ...rules])).toEqual([["start", "require-pids-limit"], ["networksAdvanced", "no-default-bridge"], ["logDriver", "require-log-driver"]]);
  });

  test("in a service of Swarm", () => {
    const { inputs } = apply("docker:index/service:Service", { taskSpec: { containerSpec: { image } } }, { memory: "64Mi", cpu: "250m" });
    expect(inputs).toEqual({ taskSpec: { containerSpec: { image, user: "10001:10001", readOnly: true, init: true, capDrops: ["ALL"] }, resources: { limits: { memoryBytes: 64 * 2 ** 20, nanoCpus: 250_000_000 } } } });
  });

  test("in a pod", () => {
    const { inputs, entries } = apply(deployment, workload({ containers: [{ name: "web", image }] }), { memory: "64Mi", cpu: "250m", storage: "1Gi" });
    expect(specOf(inputs)).toEqual({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, runAsGroup: 10_001, fsGroup: 10_001, seccompProfile: { type: "RuntimeDefault" } },
      containers: [{ name: "web", image, securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } }, resources: { limits: { memory: "64Mi", cpu: "250m", "ephemeral-storage": "1Gi" } } }],
    });
    expect(lines(entries, "left")).toEqual([]);
    expect(findings(deployment, inputs as Inputs)).toEqual([]);
  });

  test.each(["kubernetes:core/v1:Pod", deployment, "kubernetes:extensions/v1beta1:Deployment", "kubernetes:apps/v1:ReplicaSet", "kubernetes:apps/v1beta2:StatefulSet", "kubernetes:apps/v1:DaemonSet", "kubernetes:batch/v1:Job", "kubernetes:batch/v1beta1:CronJob", "kubernetes:core/v1:ReplicationController", "kubernetes:core/v1:PodTemplate"])("in every kind with a pod: %s", (type) => {
    const [, version = "", kind = ""] = type.split(":");
    const template = { spec: { containers: [{ name: "web", image }] } };
    const body = kind === "Pod" ? template : kind === "PodTemplate" ? { template } : kind === "CronJob" ? { spec: { jobTemplate: { spec: { template } } } } : { spec: { template } };
    const inputs = { apiVersion: version.replace("core/", ""), kind, metadata: { name: "web", namespace: "shop" }, ...body };
    expect(findings(type, inputs)).not.toEqual([]);
    expect(findings(type, apply(type, inputs).inputs as Inputs)).toEqual([]);
  });

  test.each(["kubernetes:apps/v1:DeploymentPatch", "kubernetes:core/v1:PodPatch", "kubernetes:argoproj.io/v1alpha1:RolloutPatch", "kubernetes:core/v1:ConfigMap", "kubernetes:helm.sh/v3:Release", "docker:index/volume:Volume", "docker:index/image:Image", "random:index/randomId:RandomId"])("not in %s", (type) => {
    // A Patch says the kind that it changes.
    expect(apply(type, workload(type.includes("helm") ? {} : { containers: [{ name: "web", image, securityContext: { privileged: true } }] }))).toEqual({ inputs: undefined, entries: [] });
  });
});

describe("what is set", () => {
  test("is kept where restricted does not find it, and named", () => {
    const { inputs, entries } = apply(container, { ...goodDocker, readOnly: false, restart: "always", memory: 5, networksAdvanced: [{ name: "n" }], start: false });
    expect(inputs).toBeUndefined();
    expect(lines(entries)).toEqual(["readOnly: the program says that it is written to", "restart: started again without an end, as the program says"]);
    const pod = apply(deployment, workload({ ...goodPod, automountServiceAccountToken: true, shareProcessNamespace: true, containers: [merge(goodContainer, { securityContext: { readOnlyRootFilesystem: false } })] }));
    expect(pod.inputs).toBeUndefined();
    expect(lines(pod.entries, "left")).toHaveLength(3);
  });

  test("a user that the program names stays, and so does that of an image which is said not to be root", () => {
    const own = { name: "a", image, securityContext: { runAsUser: 1000 } };
    expect(specOf(apply(deployment, workload({ containers: [own] })).inputs)["securityContext"]).toEqual({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(specOf(apply(deployment, workload({ securityContext: { runAsNonRoot: true }, containers: [{ name: "a", image }] })).inputs)["securityContext"]).toEqual({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(specOf(apply(deployment, workload({ containers: [{ name: "a", image, securityContext: { runAsUser: 0 } }] })).inputs)).toMatchObject({ securityContext: { runAsNonRoot: true }, containers: [{ securityContext: { runAsUser: 10_001 } }] });
  });

  test("a limit below what is requested is not set", () => {
    const { inputs, entries } = apply(deployment, workload({ ...goodPod, containers: [merge(goodContainer, { resources: { limits: { memory: null, cpu: null }, requests: { memory: "1Gi", cpu: 0.1 } } })] }), { memory: "64Mi", cpu: "250m" });
    expect(specOf(inputs)).toMatchObject({ containers: [{ resources: { limits: { cpu: "250m" } } }] });
    expect(lines(entries, "left")).toEqual(["spec.template.spec.containers[0].resources.limits.memory: no limit, and the request is above the one that was given"]);
  });

  test("a service account that is named may be used", () => {
    const { entries } = apply(deployment, workload({ serviceAccountName: "api", containers: [goodContainer] }));
    expect(lines(entries, "left")).toContain("spec.template.spec.automountServiceAccountToken: a service account is named, and whether the pod uses it is not known");
  });

  test("in a custom resource only what is weak is changed", () => {
    const type = "kubernetes:argoproj.io/v1alpha1:Rollout";
    const rollout = { ...workload({ hostNetwork: true, containers: [{ name: "a", image, securityContext: { privileged: true, capabilities: { add: ["CHOWN", "NET_BIND_SERVICE"] } } }] }), apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" };
    expect(specOf(apply(type, rollout).inputs)).toEqual({ hostNetwork: false, containers: [{ name: "a", image, securityContext: { privileged: false, capabilities: { add: ["NET_BIND_SERVICE"] } } }] });
  });

  test("a pod for Windows gets nothing that only Linux has", () => {
    const { inputs } = apply(deployment, workload({ os: { name: "windows" }, automountServiceAccountToken: false, hostNetwork: true, containers: [{ name: "a", image, securityContext: { windowsOptions: { hostProcess: true } } }] }));
    expect(specOf(inputs)).toEqual({ os: { name: "windows" }, automountServiceAccountToken: false, hostNetwork: false, containers: [{ name: "a", image, securityContext: { windowsOptions: {} } }] });
  });
});

describe("exemptions", () => {
  const label = (rule: string, value: string): Inputs => ({ label: `exempt.bulkhead.dev/${rule}`, value });
  const terms = "owner=a; expires=2027-03-31; reason=needs it";

  test.each<readonly [string, Inputs, boolean]>([
    ["that hold", label("no-privileged", terms), true],
    ["without an end", label("no-privileged", "owner=a; expires=never; reason=x"), true],
    ["that are over", label("no-privileged", "owner=a; expires=2026-12-31; reason=x"), false],
    ["without a reason", label("no-privileged", "owner=a; expires=never"), false],
    ["from another rule", label("no-host-pid", terms), false],
    ["of another container", label("no-privileged", `${terms}; container=x`), false],
  ])("on a container of Docker %s", (_, entry, holds) => {
    const { inputs, entries } = apply(container, { ...goodDocker, privileged: true, labels: [entry] });
    expect(inputs?.["privileged"]).toBe(holds ? undefined : false);
    expect(lines(entries, "exempted")).toEqual(holds ? [`privileged: exempted: ${entry["value"] === terms ? "needs it" : "x"}`] : []);
  });

  test("in an annotation, of the workload or of its pod, for one container", () => {
    const annotations = { "exempt.bulkhead.dev/no-privileged": `container=a; ${terms}` };
    const privileged = (name: string): unknown => merge(goodContainer, { name, securityContext: { privileged: true, allowPrivilegeEscalation: null } });
    const spec = { ...goodPod, containers: [privileged("a"), privileged("b")] };
    for (const inputs of [workload(spec, annotations), { ...workload(spec), spec: { template: { metadata: { annotations }, spec } } }]) {
      const result = apply(deployment, inputs);
      const [a, b] = specOf(result.inputs)["containers"] as readonly { readonly securityContext: Inputs }[];
      expect([a?.securityContext["privileged"], b?.securityContext["privileged"]]).toEqual([true, false]);
      // The API server would refuse it beside privileged.
      expect([a?.securityContext["allowPrivilegeEscalation"], b?.securityContext["allowPrivilegeEscalation"]]).toEqual([undefined, false]);
    }
  });

  test("what the pod says for all is said one by one where a container is exempted", () => {
    const annotations = { "exempt.bulkhead.dev/run-as-non-root": `container=a; ${terms}` };
    const { inputs } = apply(deployment, workload({ containers: [{ name: "a", image }, { name: "b", image }] }, annotations));
    const { securityContext, containers } = specOf(inputs) as { readonly securityContext: Inputs; readonly containers: readonly { readonly securityContext: Inputs }[] };
    expect(securityContext).toEqual({ seccompProfile: { type: "RuntimeDefault" } });
    expect(containers.map(({ securityContext: { runAsNonRoot, runAsUser } }) => [runAsNonRoot, runAsUser])).toEqual([[undefined, undefined], [true, 10_001]]);
  });

  test("of the options, by name or type, are written on a Kubernetes object for the pack", () => {
    const exempt = [{ name: "w*", type: "kubernetes:apps/*", rules: ["no-host-path", "no-privileged"], reason: "reads logs", owner: "team-a", expires: "2027-03-31" }];
    const spec = { ...goodPod, containers: [goodContainer], volumes: [{ name: "logs", hostPath: { path: "/var/log" } }] };
    const { inputs, entries } = apply(deployment, workload(spec), { exempt });
    expect(inputs?.["metadata"]).toEqual({ name: "web", annotations: { "exempt.bulkhead.dev/no-host-path": "owner=team-a; expires=2027-03-31; reason=reads logs" } });
    expect(lines(entries, "exempted")).toEqual(["spec.template.spec.volumes[0].hostPath: exempted: reads logs"]);
    expect(apply("kubernetes:batch/v1:Job", { ...workload(spec), kind: "Job" }, { exempt }).inputs).toBeUndefined();
    expect(apply(deployment, workload(spec), { exempt: [{ ...exempt[0], rules: ["no-host-path"], reason: "x", expires: "2026-12-31" }] }).inputs).toBeUndefined();
  });

  test("the strictest rule decides for a capability", () => {
    const { inputs } = apply(container, { ...goodDocker, capabilities: { drops: ["ALL"], adds: ["SYS_ADMIN", "CHOWN", "cap_net_bind_service"] }, labels: [label("only-allowed-capabilities", terms)] });
    expect(inputs?.["capabilities"]).toEqual({ drops: ["ALL"], adds: ["CHOWN", "cap_net_bind_service"] });
  });
});

describe("what is not known", () => {
  const later = pulumi.output("x");
  const signed = (value: unknown): unknown => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

  test.each<readonly [string, Inputs]>([["docker", { ...goodDocker, privileged: later, capabilities: later, securityOpts: ["a", later], user: signed("0"), ulimits: later, pidMode: pulumi.unknown, start: false }]])("is left and named, on %s", (_, given) => {
    const { inputs, entries } = apply(container, given);
    expect(inputs).toBeUndefined();
    expect(entries.map(({ outcome, path }) => [outcome, path])).toEqual([["unknown", "privileged"], ["unknown", "pidMode"], ["unknown", "pidMode"], ["unknown", "user"], ["unknown", "capabilities"], ["unknown", "securityOpts"], ["unknown", "ulimits"]]);
  });

  test("is the same object afterwards, beside what is put right", () => {
    const given = workload({ ...goodPod, volumes: later, containers: [{ ...merge(goodContainer, { securityContext: { privileged: true } }) as object, image: later, env: [{ name: "A", value: later }] }, later], securityContext: later });
    const { inputs } = apply(deployment, given);
    const spec = specOf(inputs) as { readonly containers: readonly [{ readonly image: unknown; readonly env: readonly [Inputs]; readonly securityContext: Inputs }, unknown]; readonly volumes: unknown; readonly securityContext: unknown };
    expect([spec.volumes, spec.securityContext, spec.containers[1], spec.containers[0].image, spec.containers[0].env[0]["value"]].every((value) => value === later)).toBe(true);
    expect(spec.containers[0].securityContext["privileged"]).toBe(false);
  });

  test("may be an exemption, and then nothing is touched", () => {
    for (const [type, given] of [[deployment, { ...workload({ hostPID: true, containers: [] }), metadata: later }], [deployment, workload({ hostPID: true, containers: [] }, later as unknown as Inputs)], [container, { image, privileged: true, labels: later }]] as const) {
      const { inputs, entries } = apply(type, given);
      expect([inputs, entries.map(({ outcome }) => outcome)]).toEqual([undefined, ["unknown"]]);
    }
    const { inputs, entries } = apply(container, { ...goodDocker, privileged: true, labels: [{ label: "exempt.bulkhead.dev/no-privileged", value: later }] });
    expect([inputs, lines(entries, "unknown")]).toEqual([undefined, ["privileged: not known: whether it is exempted"]]);
  });

  test("a secret deep in an input stays secret, and what is beside it is put right", () => {
    const given = { ...workload({}), spec: signed({ template: { spec: { ...goodPod, hostPID: true, containers: [{ ...goodContainer, env: [{ name: "A", value: "hunter2" }] }] } } }) };
    const { inputs, entries } = apply(deployment, given);
    expect(inputs?.["spec"]).toEqual(signed({ template: { spec: { ...goodPod, hostPID: false, containers: [{ ...goodContainer, env: [{ name: "A", value: "hunter2" }] }] } } }));
    expect(JSON.stringify(entries)).not.toContain("hunter2");
  });
});

test("the lists are those of the rules", () => {
  expect([...dangerousCapabilities].sort()).toEqual([...dangerousToRules].sort());
  const security = (securityContext: Inputs): readonly string[] => findings(deployment, workload({ ...goodPod, securityContext, containers: [goodContainer] }));
  expect(security({ sysctls: safeSysctls.map((name) => ({ name, value: "1" })) })).toEqual([]);
  for (const type of safeSeLinuxTypes) expect(security({ seLinuxOptions: { type } })).toEqual([]);
});

test("inputs are never changed in place, and a second time changes nothing", () => {
  const frozen = <T>(value: T): T => {
    if (Array.isArray(value) || isObject(value)) Object.values(value).forEach(frozen);
    return Object.freeze(value);
  };
  for (const [type, given] of [[container, { image, privileged: true, networkMode: "host", sysctls: { "kernel.msgmax": "1" } }], [deployment, workload({ hostIPC: true, containers: [{ name: "a", image, ports: [{ containerPort: 1, hostPort: 1 }] }] })]] as const) {
    const first = apply(type, frozen(given));
    expect(apply(type, frozen(first.inputs ?? {})).inputs).toBeUndefined();
  }
});

describe("hardenStack", () => {
  let transform: pulumi.ResourceTransform | undefined;
  const said: string[] = [];
  beforeEach(() => {
    vi.spyOn(pulumi.runtime, "registerResourceTransform").mockImplementation((given) => void (transform = given));
    vi.spyOn(pulumi.log, "info").mockImplementation(async (message) => void said.push(message));
    vi.spyOn(process, "once").mockReturnThis();
    said.length = 0;
  });
  afterEach(() => vi.restoreAllMocks());
  const run = async (type: string, props: Inputs, parent?: string): Promise<pulumi.ResourceTransformResult | undefined> => transform?.({ custom: true, type, name: "web", props, opts: parent === undefined ? {} : { parent: { urn: pulumi.output(parent) } as unknown as pulumi.Resource } });

  test("changes and reports", async () => {
    const report = hardenStack();
    expect((await run(container, { ...goodDocker, privileged: true, envs: ["TOKEN=hunter2"] }))?.props).toEqual({ ...goodDocker, privileged: false, envs: ["TOKEN=hunter2"] });
    expect(report.changes()[0]).toEqual({ resource: `${container} web`, outcome: "changed", path: "privileged", rules: ["no-privileged"], what: "set to false" });
    expect(said).toEqual([`hardenStack: ${container} web\n  changed: privileged: set to false (no-privileged)\n  left: start: no pids limit, and none was given to hardenStack (require-pids-limit)`]);
  });

  test("only reports, when asked to", async () => {
    const report = hardenStack({ mode: "report" });
    expect(await run(container, { ...goodDocker, privileged: true })).toBeUndefined();
    expect(report.changes()).toHaveLength(2);
    expect(said[0]).toContain("hardenStack (changes nothing)");
  });

  test("leaves alone what a hardened component makes, and no stranger under one", async () => {
    hardenStack();
    expect(await run(container, { image }, "urn:pulumi:test::shop::bulkhead:index:HardenedContainer::web")).toBeUndefined();
    expect(await run(container, { image }, "urn:pulumi:test::shop::bulkhead:index:HardenedContainer::other")).toBeDefined();
    expect(await run(container, { image }, "urn:pulumi:test::shop::bulkhead:index:HardenedContainer$my:index:Group::web")).toBeDefined();
    expect(await run(container, { image }, "urn:pulumi:test::shop::my:index:Group::web")).toBeDefined();
  });

  test.each<readonly [unknown, string]>([
    [{ privileged: true }, 'hardenStack: options.privileged: expected one of mode, memory, cpu, storage, pidsLimit, exempt, found the unknown argument "privileged"'],
    [{ mode: "strict" }, 'hardenStack: options.mode: expected one of fill, report, found "strict"'],
    [{ memory: "256" }, "hardenStack: options.memory: expected an amount with its unit"],
    [{ cpu: 1 }, "hardenStack: options.cpu: expected an amount of CPU"],
    [{ pidsLimit: 0 }, "hardenStack: options.pidsLimit: expected a whole number from 1 to 4194304, found 0"],
    [{ exempt: [{ rules: ["no-privileged"], reason: "x" }] }, "hardenStack: options.exempt[0]: expected a name, a type or both, found neither"],
    [{ exempt: [{ name: "a", rules: [], reason: "x" }] }, "hardenStack: options.exempt[0].rules: expected a list that is not empty"],
    [{ exempt: [{ name: "a", rules: ["No Privileged"], reason: "x" }] }, "hardenStack: options.exempt[0].rules[0]: expected the id of a rule"],
    [{ exempt: [{ name: "a", rules: ["*"] }] }, "hardenStack: options.exempt[0].reason: expected some text, found nothing"],
    [{ exempt: [{ name: "a", rules: ["*"], reason: "x", expires: "tomorrow" }] }, "hardenStack: options.exempt[0].expires: expected a date such as 2027-03-31"],
    ["x", 'hardenStack: options: expected an object, found "x"'],
  ])("refuses %j", (options, message) => {
    expect(() => hardenStack(options as object)).toThrow(message);
  });
});
