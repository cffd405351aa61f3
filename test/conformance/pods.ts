import type { Evaluator, KubernetesVersion, Model } from "@bulkhead/core";
import { createEvaluator, isObject, readDocument, resolveRule, rulesOfPreset } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { askEvaluator, type NamedPod, type Verdict } from "./evaluator.ts";
import { shrink } from "./shrink.ts";

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
const since: { readonly [check: string]: number } = { hostProbesAndHostLifecycle: 34, procMount_restricted: 35 };

/** The versions at which we are compared: where the standard changed, the oldest, and the newest by both of its names. */
export const versions = ["1.25", "1.29", "1.31", "1.32", "1.34", "1.35", "1.37", "latest"] as const satisfies readonly KubernetesVersion[];

/** The checks that a version has. */
export function checksAt(version: KubernetesVersion): readonly string[] {
  return Object.keys(checks).filter((check) => version === "latest" || Number(version.slice(2)) >= (since[check] ?? 0)).sort();
}

const settings = rulesOfPreset(rules, "restricted").flatMap((rule) => resolveRule(rule, undefined, rule.id).settings ?? []);
const baseline: ReadonlySet<string> = new Set(rulesOfPreset(rules, "baseline").map((rule) => rule.id));
const evaluators = new Map<KubernetesVersion, Evaluator>();

function evaluatorAt(version: KubernetesVersion): Evaluator {
  const made = evaluators.get(version) ?? createEvaluator(settings, { kubernetesVersion: version });
  evaluators.set(version, made);
  return made;
}

/** What the whole presets say of a model. What is undecided is in the list of checks, where it cannot be missed. */
export function ourVerdict(model: Model, version: KubernetesVersion): Verdict {
  const { findings, undecided, errors } = evaluatorAt(version).raw(model);
  const broken = new Set(findings.map((finding) => finding.rule.id));
  const forbidding = Object.keys(checks).filter((check) => checks[check]?.some((id) => broken.has(id)));
  const open = [...undecided.map(({ rule }) => `undecided ${rule.id}`), ...errors.map(({ rule }) => `error ${rule.id}`)];
  return { baseline: ![...broken].some((id) => baseline.has(id)), restricted: broken.size === 0, checks: [...forbidding, ...new Set(open)].sort() };
}

/** The model of a pod, as a Pod of its own. */
export function modelOf({ metadata = { name: "a" }, spec }: NamedPod): Model {
  const [model] = readDocument({ apiVersion: "v1", kind: "Pod", metadata, spec });
  if (model === undefined) throw new Error("a Pod without a model");
  return model;
}

/**
 * The restricted level holds the baseline one. There is one case in which the evaluator says otherwise: a Windows pod
 * with the seccomp profile or the added capabilities of Linux, which the API server refuses as invalid; there a check of
 * the restricted level that is waived for Windows stands in for one of the baseline that is not.
 */
const same = (ours: Verdict, theirs: Verdict): boolean => ours.baseline === theirs.baseline && ours.restricted === (theirs.restricted && theirs.baseline) && ours.checks.join() === theirs.checks.join();

export interface Comparison {
  readonly verdicts: number;
  /** Pods that the evaluator cannot read, since a value has the wrong type. */
  readonly unreadable: number;
  /** Disagreements, the first few of them shrunk. */
  readonly different: readonly string[];
  /** By version and check, pods that it forbids and that it allows. */
  readonly counts: ReadonlyMap<KubernetesVersion, ReadonlyMap<string, { forbidden: number; allowed: number }>>;
}

/** Judges pods by our presets and by the evaluator, at each version, level by level and check by check. */
export async function compareWithEvaluator(pods: readonly NamedPod[], at: readonly KubernetesVersion[] = versions): Promise<Comparison> {
  const answers = await askEvaluator(pods, at);
  const counts = new Map(at.map((version) => [version, new Map(checksAt(version).map((check) => [check, { forbidden: 0, allowed: 0 }]))]));
  const different: { readonly pod: NamedPod; readonly version: KubernetesVersion }[] = [];
  let unreadable = 0;
  for (const [index, answer] of answers.entries()) {
    const pod = pods[index];
    if (pod === undefined || answer === undefined) {
      unreadable += 1;
      continue;
    }
    const model = modelOf(pod);
    for (const [place, version] of at.entries()) {
      const theirs = answer[place] as Verdict;
      for (const [check, count] of counts.get(version) ?? []) count[theirs.checks.includes(check) ? "forbidden" : "allowed"] += 1;
      if (!same(ourVerdict(model, version), theirs)) different.push({ pod, version });
    }
  }
  const told = await Promise.all(different.slice(0, 5).map(({ pod, version }) => describeDifference(pod, version)));
  return { verdicts: (answers.length - unreadable) * at.length, unreadable, different: [...told, ...different.slice(5).map(({ pod, version }) => `${pod.name} at ${version}`)], counts };
}

/** The least part of the pod on which the disagreement still stands. */
async function describeDifference(pod: NamedPod, version: KubernetesVersion): Promise<string> {
  const differ = async (candidates: readonly NamedPod[]): Promise<readonly boolean[]> => {
    const answers = await askEvaluator(candidates, [version]);
    return candidates.map((candidate, index) => {
      const [theirs] = answers[index] ?? [];
      return theirs !== undefined && !same(ourVerdict(modelOf(candidate), version), theirs);
    });
  };
  const small = await shrink(pod, differ);
  const [answer] = await askEvaluator([small], [version]);
  return `${pod.name} at ${version}: ours ${JSON.stringify(ourVerdict(modelOf(small), version))}, theirs ${JSON.stringify(answer?.[0])} on ${JSON.stringify({ metadata: small.metadata, spec: small.spec })}`;
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
