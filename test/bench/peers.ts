import { cpSync, existsSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../e2e/support.ts";
import { obtainPython } from "../toolchain/python.ts";
import { obtain } from "../toolchain/resolve.ts";
import { run, say } from "../toolchain/run.ts";
import { checkovPackages, kubeScore } from "../toolchain/tools.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

const workloads = join(root, "../shared/data/workloads");
const cli = join(root, "packages/cli/dist/main.js");

/** `check` of real projects against other checkers, which are fetched for it. `folder` is for copies. */
export async function peers(folder: string): Promise<readonly Comparison[]> {
  if (!existsSync(workloads)) {
    say(`peers: skipped, ${workloads} is not there`);
    return [];
  }
  return [...(await againstKubeScore(join(folder, "kube-score"))), ...(await againstCheckov())];
}

/** The time of a whole process whose verdict may be anything, but not a failure: `accepted` are its exit codes. */
function time(command: string, args: readonly string[], accepted: readonly number[]) {
  return async (): Promise<number> => {
    const begin = performance.now();
    const { code, stderr } = await run(command, args);
    if (!accepted.includes(code)) throw new Error(`${command}: exit ${code}: ${stderr.slice(-500)}`);
    return performance.now() - begin;
  };
}

/** Both read a folder's manifests that kube-score reads without an error; it is given the files, since it walks no folder. */
async function againstKubeScore(folder: string): Promise<readonly Comparison[]> {
  const tool = await obtain(kubeScore);
  if ("missing" in tool) {
    say(`kube-score: skipped, ${tool.missing}`);
    return [];
  }
  const files: string[] = [];
  for (const file of globSync("**/*.{yaml,yml}", { cwd: workloads }).sort()) {
    if (!/^\s*-?\s*apiVersion:/m.test(readFileSync(join(workloads, file), "utf8"))) continue;
    const { code, stderr } = await run(tool.path, ["score", join(workloads, file)]);
    if (code > 1 || stderr !== "") continue;
    files.push(join(folder, file));
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(workloads, file), join(folder, file));
  }
  say(`kube-score reads ${files.length} files without an error`);
  // Exit 2: a folder may hold what is no Kubernetes manifest and no input of ours.
  const ours = { name: "bulkhead check", measure: time(process.execPath, [cli, "check", folder], [0, 1, 2]) };
  return [await compare("check of real manifests", "ms", ours, { name: `kube-score ${kubeScore.version}`, measure: time(tool.path, ["score", ...files], [0, 1]) }, 20, 1)];
}

async function againstCheckov(): Promise<readonly Comparison[]> {
  const python = await obtainPython(checkovPackages);
  if ("missing" in python) {
    say(`Checkov: skipped, ${python.missing}`);
    return [];
  }
  const ours = { name: "bulkhead check", measure: time(process.execPath, [cli, "check", workloads], [0, 1, 2]) };
  const checkov = time(join(python.path, "bin/checkov"), ["-d", workloads, "--framework", "kubernetes", "--quiet", "--compact", "--skip-download"], [0, 1]);
  return [await compare("check of the folder of real projects", "ms", ours, { name: checkovPackages[0], measure: checkov }, 5, 1 / 20)];
}
