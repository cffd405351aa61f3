import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { KubernetesVersion } from "@bulkhead/core";
import { isObject, kubernetesVersions } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { readAll } from "../../packages/cli/src/read/read";
import { roles } from "../../packages/rules/src/_testing/kinds";
import { goodContainer, goodPod, merge, placeOf } from "../../packages/rules/src/example-documents";
import { missing, sharedData } from "../e2e/support.ts";
import { evaluatorModule, type NamedPod } from "./evaluator.ts";
import { generatePods } from "./generator.ts";
import { type Comparison, checks, checksAt, compareWithEvaluator, podOf, versions } from "./pods.ts";
import { places, shrink } from "./shrink.ts";
import { tweaks } from "./tweaks.ts";

if (!existsSync(fixtureFolder())) process.stderr.write("skipped for want of the Go module k8s.io/pod-security-admission: its fixtures\n");
if (!existsSync(join(sharedData, "rule-cases"))) process.stderr.write("skipped for want of ../shared/data/rule-cases: the pods in it\n");

const supported = kubernetesVersions.filter((version) => version !== "latest");

describe.skipIf(missing("psa-evaluator"))("the Pod Security evaluator", () => {
  const agree = async (what: string, pods: readonly NamedPod[], least: number, at: readonly KubernetesVersion[] = versions): Promise<Comparison> => {
    const comparison = await compareWithEvaluator(pods, at);
    const { verdicts, different, unreadable } = comparison;
    process.stderr.write(`Pod Security on ${what}: ${pods.length - unreadable} pods, ${verdicts} verdicts at ${at.join(", ")}: ${different.length} disagreements; ${unreadable} pods not readable\n`);
    expect(different.slice(0, 10)).toEqual([]);
    expect(verdicts).toBeGreaterThanOrEqual(least);
    return comparison;
  };

  test("judges every example, in every role, as the presets do", async () => {
    await agree("examples", examplePods(), 5000);
  });

  test.skipIf(!existsSync(fixtureFolder()))("judges all of its own fixtures as the presets do", async () => {
    const files = fixtures();
    const different = new Map(files.map(({ pod }) => [JSON.stringify(pod.spec) + JSON.stringify(pod.metadata), pod]));
    process.stderr.write(`Pod Security's fixtures: ${files.length} files, ${different.size} different pods\n`);
    expect(files.length).toBeGreaterThan(4500);
    await agree("its own fixtures", [...different.values()], 5000, [...supported, "latest"]);
  });

  test.skipIf(!existsSync(join(sharedData, "rule-cases")))("judges the pods of other checkers' cases as the presets do", async () => {
    await agree("other checkers' cases", casePods(), 10_000);
  });

  test("judges generated pods as the presets do, each check often enough both ways at each version", async () => {
    const seed = Number(process.env["BULKHEAD_SEED"] ?? 20260101);
    expect(Object.keys(tweaks).sort()).toEqual(Object.keys(checks).sort());
    let total = 0;
    const rare: string[] = [];
    for (const [index, version] of versions.entries()) {
      const { counts, verdicts } = await agree(`generated pods (seed ${seed + index})`, generatePods(14_000, seed + index), 14_000, [version]);
      total += verdicts;
      const ofVersion = [...(counts.get(version) ?? [])];
      process.stderr.write(`  ${version}: ${ofVersion.map(([check, { forbidden, allowed }]) => `${check} ${forbidden} forbidden ${allowed} allowed`).join(", ")}\n`);
      rare.push(...ofVersion.filter(([, { forbidden, allowed }]) => forbidden < 1000 || allowed < 1000).map(([check]) => `${check} at ${version}`));
    }
    process.stderr.write(`Pod Security on generated pods: ${total} in all\n`);
    expect(rare).toEqual([]);
    expect(total).toBeGreaterThanOrEqual(100_000);
  }, 300_000);
});

test.skipIf(!existsSync(fixtureFolder()))("the fixtures of Pod Security are allowed and refused as their folders say, at each supported version", async () => {
  const { modelOf, ourVerdict } = await import("./pods.ts");
  const wrong: string[] = [];
  let judged = 0;
  for (const { pod, level, version, passes } of fixtures()) {
    if (!supported.some((known) => known === version)) continue;
    judged += 1;
    if (ourVerdict(modelOf(pod), version as KubernetesVersion)[level] !== passes) wrong.push(pod.name);
  }
  process.stderr.write(`Pod Security's fixtures by their folders: ${judged} judged, ${wrong.length} otherwise than the folder says\n`);
  expect(wrong).toEqual([]);
  expect(judged).toBeGreaterThan(1500);
});

test("the checks of a version are those that it has", () => {
  expect(checksAt("1.33")).not.toContain("hostProbesAndHostLifecycle");
  expect(checksAt("1.34")).toContain("hostProbesAndHostLifecycle");
  expect(checksAt("1.34")).not.toContain("procMount_restricted");
  expect(checksAt("latest")).toHaveLength(Object.keys(checks).length);
});

test("a disagreement is shrunk to what it needs", async () => {
  const pods = generatePods(200, 7);
  const interesting = ({ spec }: NamedPod): boolean => places(spec).some((path) => path.at(-1) === "hostPort");
  const pod = pods.find(interesting);
  if (pod === undefined) throw new Error("no generated pod has a hostPort");
  const small = await shrink(pod, async (candidates) => candidates.map(interesting));
  expect(places(small.spec).map((path) => path.filter((part) => typeof part === "string").join("."))).toEqual([expect.stringMatching(/ontainers$/), expect.stringMatching(/ontainers$/), expect.stringMatching(/ontainers\.ports$/), expect.stringMatching(/ontainers\.ports$/), expect.stringMatching(/hostPort$/)]);
  expect(small.metadata).toEqual({});
});

interface Fixture {
  readonly pod: NamedPod;
  readonly level: "baseline" | "restricted";
  readonly version: string;
  readonly passes: boolean;
}

let read: readonly Fixture[] | undefined;

function fixtureFolder(): string {
  return join(evaluatorModule() || "/nowhere", "test/testdata");
}

/** Every pod that the evaluator's own tests hold: LEVEL/VERSION/pass or fail/NAME.yaml. */
function fixtures(): readonly Fixture[] {
  read ??= (["baseline", "restricted"] as const).flatMap((level) => readdirSync(join(fixtureFolder(), level)).flatMap((folder) => [...readAll([join(fixtureFolder(), level, folder)])].flatMap(({ file, documents }) => documents.flatMap(({ value }) => {
    const pod = podOf(`${level}/${folder}/${basename(dirname(file))}/${basename(file)}`, value);
    return pod === undefined ? [] : [{ pod, level, version: folder.slice(1), passes: basename(dirname(file)) === "pass" }];
  }))));
  return read;
}

/** The pods of rows that Pod Security itself was found to agree with, and of all the others as well. */
function casePods(): readonly NamedPod[] {
  const folder = join(sharedData, "rule-cases");
  return readdirSync(folder).filter((name) => name.endsWith(".jsonl")).flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n").flatMap((line) => {
    const { id, objects } = JSON.parse(line) as { readonly id: string; readonly objects?: readonly unknown[] | null };
    return (objects ?? []).flatMap((object) => podOf(id, object) ?? []);
  }));
}

/** Each Kubernetes example of each rule, in a pod that is good otherwise; and combinations of the pod's and the container's own settings. */
function examplePods(): readonly NamedPod[] {
  const pods: NamedPod[] = [];
  for (const rule of rules) {
    for (const pair of [rule.examples.kubernetes ?? []].flat()) {
      for (const fragment of [pair.bad, pair.good].flat()) {
        const place = placeOf(rule, pair);
        if (place === "document") pods.push(...[isObject(fragment) ? (podOf(rule.id, fragment) ?? []) : []].flat());
        else if (place === "pod") pods.push({ name: rule.id, spec: { ...(merge(goodPod, fragment) as object), containers: [goodContainer] } });
        else for (const [role, build] of Object.entries(roles)) pods.push({ name: `${rule.id} ${role}`, spec: { ...goodPod, ...build(merge(goodContainer, fragment) as never, goodContainer) } });
      }
    }
  }
  const settings: readonly object[] = [{ runAsNonRoot: true }, { runAsNonRoot: false }, { runAsUser: 0 }, { runAsUser: 1 }, { seccompProfile: { type: "RuntimeDefault" } }, { seccompProfile: { type: "Unconfined" } }, {}];
  const bare = { name: "a", image: "x", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } };
  for (const hostUsers of [undefined, false, true]) {
    for (const [index, pod] of settings.entries()) {
      for (const ofContainer of settings) {
        const container = { ...bare, securityContext: { ...bare.securityContext, ...ofContainer } };
        pods.push({ name: `hostUsers ${hostUsers}, pod ${JSON.stringify(pod)}, container ${JSON.stringify(ofContainer)}`, spec: { ...(hostUsers === undefined ? {} : { hostUsers }), securityContext: pod, containers: [container], ...(index % 2 === 0 ? { initContainers: [{ ...bare, name: "init" }] } : {}) } });
      }
    }
  }
  return pods;
}
