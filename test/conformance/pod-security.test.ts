import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Model } from "@bulkhead/core";
import { createEvaluator, readDocument, resolveRule } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { readAll } from "../../packages/cli/src/read/read";
import { goodContainer, goodPod, merge, placeOf } from "../../packages/rules/src/example-documents";
import { roles } from "../../packages/rules/test/kinds";
import { run } from "../toolchain/run.ts";
import { missing, sharedData, toolPath } from "../e2e/support.ts";

/** Which rules say what a check of the Pod Security admission says. */
const checks: { readonly [check: string]: readonly string[] } = {
  privileged: ["no-privileged"],
  capabilities_baseline: ["only-default-capabilities"],
  hostNamespaces: ["no-host-network", "no-host-pid", "no-host-ipc"],
  hostPathVolumes: ["no-host-path"],
  allowPrivilegeEscalation: ["no-privilege-escalation"],
  capabilities_restricted: ["drop-all-capabilities", "only-allowed-capabilities"],
  runAsNonRoot: ["run-as-non-root"],
  runAsUser: ["no-root-user"],
  seccompProfile_restricted: ["require-seccomp-profile"],
  seccompProfile_baseline: ["no-unconfined-seccomp"],
  appArmorProfile: ["no-unconfined-apparmor"],
  seLinuxOptions: ["only-safe-selinux-options"],
  procMount: ["no-unmasked-proc"],
  procMount_restricted: ["default-proc-mount"],
  sysctls: ["only-safe-sysctls"],
  windowsHostProcess: ["no-windows-host-process"],
  hostPorts: ["no-host-port"],
  hostProbesAndHostLifecycle: ["no-probe-host"],
  restrictedVolumes: ["only-restricted-volume-types"],
};
const evaluator = createEvaluator(rules.flatMap((rule) => resolveRule(rule, rule.exampleOptions, rule.id).settings ?? []));

/** The checks that our rules say a model breaks, sorted. */
function ourChecks(model: Model): readonly string[] {
  const broken = new Set(evaluator.raw(model).findings.map((finding) => finding.rule.id));
  return Object.keys(checks).filter((check) => checks[check]?.some((id) => broken.has(id))).sort();
}

const known = (failures: readonly string[]): readonly string[] => failures.filter((check) => check in checks).sort();

interface Row {
  readonly file: string;
  readonly doc: number;
  readonly kind: string;
  readonly level?: string;
  readonly failures?: readonly { readonly check: string }[];
}

function oracle(folder: string): readonly Row[] {
  const file = join(sharedData, folder, "psa-results.jsonl");
  const rows = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row) : [];
  return rows.filter((row) => row.level === "restricted");
}

describe.skipIf(oracle("workloads").length === 0)("manifests of real projects", () => {
  test("each check of Pod Security says what our rules say", () => {
    const rows = oracle("workloads");
    const files = new Map<string, readonly Model[]>();
    const models = (name: string): readonly Model[] => {
      const known = files.get(name);
      if (known !== undefined) return known;
      const found = [...readAll([join(sharedData, "workloads", name)])].flatMap((source) => source.documents.flatMap(({ value, address, document }) => readDocument(value, address).map((model) => ({ ...model, document }))));
      files.set(name, found);
      return found;
    };
    let compared = 0;
    let absent = 0;
    const different: string[] = [];
    for (const row of rows) {
      if (!existsSync(join(sharedData, "workloads", row.file)) || models(row.file).length === 0) {
        absent += 1;
        continue;
      }
      const model = models(row.file).find((candidate) => (candidate as { readonly document?: number }).document === row.doc && candidate.resource.kind === row.kind);
      if (model === undefined) {
        absent += 1;
        continue;
      }
      compared += 1;
      const [ours, theirs] = [ourChecks(model), known((row.failures ?? []).map((failure) => failure.check))];
      if (ours.join() !== theirs.join()) different.push(`${row.file}#${row.doc}: ours ${ours.join()}, theirs ${theirs.join()}`);
    }
    process.stderr.write(`Pod Security on workloads: ${compared} objects compared, ${absent} not read (chart templates, files that are not there)\n`);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(150);
  });
});

describe.skipIf(oracle("pulumi-resources").length === 0)("resources of real Pulumi programs", () => {
  test("each check of Pod Security says what our rules say", () => {
    let compared = 0;
    let absent = 0;
    const different: string[] = [];
    // The rows of a program stand in the order of its resources; the index that they give is that of the document, always 0.
    const programs = new Map<string, Model[]>();
    const next = (row: Row): Model | undefined => {
      const file = join(sharedData, "pulumi-resources", row.file.replace(/^resources\//, ""));
      if (!programs.has(file)) programs.set(file, existsSync(file) ? podBearing(file) : []);
      return programs.get(file)?.shift();
    };
    for (const row of oracle("pulumi-resources")) {
      const model = next(row);
      if (model === undefined) {
        absent += 1;
        continue;
      }
      expect(model.resource.kind, row.file).toBe(row.kind);
      // The evaluator took the Patch for a whole Deployment; what a Patch leaves out is not examined by us.
      if (row.file.includes("field-manager-patch-resources")) continue;
      compared += 1;
      const [ours, theirs] = [ourChecks(model), known((row.failures ?? []).map((failure) => failure.check))];
      if (ours.join() !== theirs.join()) different.push(`${row.file}#${row.doc}: ours ${ours.join()}, theirs ${theirs.join()}`);
    }
    process.stderr.write(`Pod Security on Pulumi programs: ${compared} resources compared, ${absent} of programs that are not there\n`);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(20);
  });
});

describe.skipIf(missing("psa-evaluator"))("the Pod Security evaluator itself", () => {
  test("judges every example, in every role, as the rules do", async () => {
    const pods = examplePods();
    const input = pods.map(({ spec }, id) => JSON.stringify({ id, level: "restricted", version: "latest", pod: { metadata: { name: "a" }, spec: defaulted(spec) } })).join("\n");
    const { stdout, code } = await run(toolPath("psa-evaluator"), [], { input: `${input}\n` });
    expect(code).toBe(0);
    const answers = stdout.trim().split("\n").map((line) => JSON.parse(line) as { readonly id: number; readonly checks?: readonly string[]; readonly error?: string });
    const different: string[] = [];
    for (const { id, checks: theirs = [], error } of answers) {
      const pod = pods[id];
      const model = readDocument({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: pod?.spec })[0];
      if (model === undefined || error !== undefined) different.push(`${pod?.name}: ${error}`);
      else if (ourChecks(model).join() !== known([...new Set(theirs)]).join()) different.push(`${pod?.name}: ours ${ourChecks(model).join()}, theirs ${known(theirs).join()}`);
    }
    process.stderr.write(`the Pod Security evaluator: ${answers.length} generated pods compared\n`);
    expect(different).toEqual([]);
    expect(answers.length).toBe(pods.length);
    expect(pods.length).toBeGreaterThan(150);
  });
});

/** The models with a pod in the resources of a program, in order. */
function podBearing(file: string): Model[] {
  const { resources } = JSON.parse(readFileSync(file, "utf8")) as { readonly resources: readonly { readonly type: string; readonly name: string; readonly inputs: unknown }[] };
  return resources.flatMap(({ type, name, inputs }) => (type.startsWith("kubernetes:") ? readDocument(inputs, { type, name }) : [])).filter((model) => model.subjects.some((subject) => subject.about === "pod"));
}

/** The evaluator judges what the API server stored: there a volume without a source has become an emptyDir. */
function defaulted(spec: object): object {
  const { volumes } = spec as { readonly volumes?: readonly object[] };
  return volumes === undefined ? spec : { ...spec, volumes: volumes.map((volume) => (Object.keys(volume).length === 1 ? { ...volume, emptyDir: {} } : volume)) };
}

/** Each Kubernetes example of each rule, in a pod that is good otherwise; and combinations of the pod's and the container's own settings. */
function examplePods(): readonly { readonly name: string; readonly spec: object }[] {
  const pods: { readonly name: string; readonly spec: object }[] = [];
  for (const rule of rules) {
    for (const pair of [rule.examples.kubernetes ?? []].flat()) {
      for (const fragment of [pair.bad, pair.good].flat()) {
        const place = placeOf(rule, pair);
        if (place === "document") continue;
        if (place === "pod") pods.push({ name: rule.id, spec: { ...(merge(goodPod, fragment) as object), containers: [goodContainer] } });
        else for (const [role, build] of Object.entries(roles)) pods.push({ name: `${rule.id} ${role}`, spec: { ...goodPod, ...build(merge(goodContainer, fragment) as never, goodContainer) } });
      }
    }
  }
  const settings: readonly object[] = [{ runAsNonRoot: true }, { runAsNonRoot: false }, { runAsUser: 0 }, { runAsUser: 1 }, { seccompProfile: { type: "RuntimeDefault" } }, { seccompProfile: { type: "Unconfined" } }, {}];
  const bare = { name: "a", image: "x", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } };
  for (const [index, pod] of settings.entries()) {
    for (const own of settings) {
      const container = { ...bare, securityContext: { ...bare.securityContext, ...own } };
      pods.push({ name: `pod ${JSON.stringify(pod)}, container ${JSON.stringify(own)}`, spec: { securityContext: pod, containers: [container], ...(index % 2 === 0 ? { initContainers: [{ ...bare, name: "init" }] } : {}) } });
    }
  }
  for (const procMount of ["Default", "Unmasked"]) for (const hostUsers of [true, false]) pods.push({ name: `procMount ${procMount}, hostUsers ${hostUsers}`, spec: { hostUsers, securityContext: { runAsUser: 0 }, containers: [{ ...bare, securityContext: { ...bare.securityContext, procMount } }] } });
  for (const os of ["linux", "windows"]) pods.push({ name: `os ${os}`, spec: { os: { name: os }, containers: [{ name: "a", image: "x" }] } });
  return pods;
}
