import { spawnSync } from "node:child_process";
import type { KubernetesVersion } from "@bulkhead/core";
import { isObject } from "@bulkhead/core";
import { join } from "node:path";
import { root, toolPath } from "../e2e/support.ts";
import { run } from "../toolchain/run.ts";

export interface NamedPod {
  readonly name: string;
  readonly metadata?: object;
  readonly spec: object;
}

/** What is said of a pod at a version: whether each level allows it, and the checks that forbid, each asked alone. */
export interface Verdict {
  readonly baseline: boolean;
  readonly restricted: boolean;
  readonly checks: readonly string[];
}

/** The evaluator's verdicts on each pod, one for each version; undefined for a pod that it cannot read, since a value has the wrong type. */
export async function askEvaluator(pods: readonly NamedPod[], versions: readonly KubernetesVersion[]): Promise<readonly (readonly Verdict[] | undefined)[]> {
  if (pods.length === 0) return [];
  const names = versions.map((version) => (version === "latest" ? version : `v${version}`));
  const input = pods.map(({ metadata = { name: "a" }, spec }, id) => JSON.stringify({ id, versions: names, pod: { metadata, spec: defaulted(spec) } })).join("\n");
  const { stdout, code, stderr } = await run(toolPath("psa-evaluator"), [], { input: `${input}\n` });
  if (code !== 0) throw new Error(stderr);
  const answers = stdout.trim().split("\n").map((line) => JSON.parse(line) as { readonly verdicts?: readonly (Omit<Verdict, "checks"> & Partial<Verdict>)[] });
  if (answers.length !== pods.length) throw new Error(`${pods.length} pods and ${answers.length} answers`);
  return answers.map(({ verdicts }) => verdicts?.map((verdict) => ({ ...verdict, checks: [...(verdict.checks ?? [])].sort() })));
}

/** The evaluator judges what the API server stored: there a volume without a source has become an emptyDir. */
function defaulted(spec: object): object {
  const { volumes } = spec as { readonly volumes?: unknown };
  if (!Array.isArray(volumes)) return spec;
  return { ...spec, volumes: volumes.map((volume: unknown) => (isObject(volume) && Object.keys(volume).every((key) => key === "name" || volume[key] === null) ? { ...volume, emptyDir: {} } : volume)) };
}

let moduleFolder: string | undefined;

/** The folder of the Go module that the evaluator is made of, or nothing where it is not there. */
export function evaluatorModule(): string {
  moduleFolder ??= findModule();
  return moduleFolder;
}

function findModule(): string {
  const { stdout } = spawnSync("go", ["list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission"], { cwd: join(root, "test/toolchain/go/psa-evaluator"), encoding: "utf8", env: { ...process.env, GOFLAGS: "-mod=mod -buildvcs=false" } });
  return stdout?.trim() ?? "";
}
