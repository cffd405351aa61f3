import type { Model } from "@bulkhead/core";
import { createEvaluator, isObject, readDocument, resolveRule } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { toolPath } from "../e2e/support.ts";
import { run } from "../toolchain/run.ts";

/** Which rules say what a check of the Pod Security admission says. */
export const checks: { readonly [check: string]: readonly string[] } = {
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
const needed = new Set(Object.values(checks).flat());
const evaluator = createEvaluator(rules.filter((rule) => needed.has(rule.id)).flatMap((rule) => resolveRule(rule, undefined, rule.id).settings ?? []));

/** The checks that our rules say a model breaks, sorted. */
export function ourChecks(model: Model): readonly string[] {
  const broken = new Set(evaluator.raw(model).findings.map((finding) => finding.rule.id));
  return Object.keys(checks).filter((check) => checks[check]?.some((id) => broken.has(id))).sort();
}

/** The checks of a list that are among ours, sorted. */
export const known = (failures: readonly string[]): readonly string[] => [...new Set(failures)].filter((check) => check in checks).sort();

export interface NamedPod {
  readonly name: string;
  readonly metadata?: object;
  readonly spec: object;
}

export interface Verdicts {
  readonly compared: number;
  /** Pods that the evaluator cannot read, since a value has the wrong type. */
  readonly unreadable: number;
  readonly different: readonly string[];
  /** Per check, pods that it forbids and that it allows. */
  readonly counts: ReadonlyMap<string, { forbidden: number; allowed: number }>;
}

/** Judges pods by our rules and by the evaluator, at the latest version, check by check. */
export async function compareWithEvaluator(pods: readonly NamedPod[]): Promise<Verdicts> {
  const input = pods.map(({ metadata = { name: "a" }, spec }, id) => JSON.stringify({ id, level: "restricted", version: "latest", pod: { metadata, spec: defaulted(spec) } })).join("\n");
  const { stdout, code, stderr } = await run(toolPath("psa-evaluator"), [], { input: `${input}\n` });
  if (code !== 0) throw new Error(stderr);
  const answers = stdout.trim().split("\n").map((line) => JSON.parse(line) as { readonly id: number | null; readonly checks?: readonly string[]; readonly error?: string });
  if (answers.length !== pods.length) throw new Error(`${pods.length} pods and ${answers.length} answers`);
  const counts = new Map(Object.keys(checks).map((check) => [check, { forbidden: 0, allowed: 0 }]));
  const different: string[] = [];
  let unreadable = 0;
  for (const [index, { checks: theirs = [], error }] of answers.entries()) {
    const pod = pods[index];
    const [model] = readDocument({ apiVersion: "v1", kind: "Pod", metadata: pod?.metadata ?? { name: "a" }, spec: pod?.spec });
    if (error !== undefined) {
      unreadable += 1;
      continue;
    }
    const forbidden = known(theirs);
    for (const [check, count] of counts) count[forbidden.includes(check) ? "forbidden" : "allowed"] += 1;
    const ours = model === undefined ? ["no model"] : ourChecks(model);
    if (ours.join() !== forbidden.join()) different.push(`${pod?.name}: ours ${ours.join()}, theirs ${forbidden.join()}; ${JSON.stringify(pod?.spec)}`);
  }
  return { compared: answers.length - unreadable, unreadable, different, counts };
}

/** The evaluator judges what the API server stored: there a volume without a source has become an emptyDir. */
function defaulted(spec: object): object {
  const { volumes } = spec as { readonly volumes?: unknown };
  if (!Array.isArray(volumes)) return spec;
  return { ...spec, volumes: volumes.map((volume: unknown) => (isObject(volume) && Object.keys(volume).every((key) => key === "name" || volume[key] === null) ? { ...volume, emptyDir: {} } : volume)) };
}

const paths: { readonly [kind: string]: readonly string[] } = {
  Pod: [], PodTemplate: ["template"], CronJob: ["spec", "jobTemplate", "spec", "template"],
  ...Object.fromEntries(["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "ReplicationController", "Job"].map((kind) => [kind, ["spec", "template"]])),
};

/** The pod, or the pod template, of an object as the API reference places it; undefined where it has none. */
export function podOf(name: string, document: unknown): NamedPod | undefined {
  if (!isObject(document) || typeof document["kind"] !== "string") return undefined;
  const path = paths[document["kind"]];
  if (path === undefined) return undefined;
  const pod = path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), document);
  if (!isObject(pod) || !isObject(pod["spec"])) return undefined;
  const metadata = isObject(pod["metadata"]) ? { annotations: pod["metadata"]["annotations"] } : {};
  return { name, metadata, spec: pod["spec"] };
}
