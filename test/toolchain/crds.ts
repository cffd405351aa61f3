import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./paths.ts";
import type { Resolution } from "./resolve.ts";
import { run, say } from "./run.ts";
import { networkCrds } from "./tools.ts";

const folder = (): string => join(cacheFolder(), `network-crds-${networkCrds.map(({ sum }) => sum.slice(3, 11).replace(/\W/g, "-")).join("-")}`);

/** The folder with the definitions of Cilium's and Calico's NetworkPolicy, as `cilium.yaml` and `calico.yaml`. */
export function findCrds(): Resolution {
  return existsSync(folder()) ? { path: folder(), source: "cache", version: networkCrds.map(({ name, version }) => `${name} ${version}`).join(", ") } : { missing: "not fetched yet; `npm run toolchain -- up network-crds` does" };
}

/** Copies one file of each Go module, whose checksum is pinned. */
export async function obtainCrds(): Promise<Resolution> {
  const found = findCrds();
  if ("path" in found) return found;
  say("network-crds: fetching the Go modules of Cilium and Calico (about 20 s)");
  mkdirSync(cacheFolder(), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), ".network-crds-"));
  try {
    for (const { name, module, version, sum, path } of networkCrds) {
      const { code, stdout, stderr } = await run("go", ["mod", "download", "-json", `${module}@${version}`], { cwd: work, env: { ...process.env, GOWORK: "off", GOFLAGS: "-mod=mod" } });
      if (code !== 0) return { missing: `the Go module ${module} ${version} cannot be fetched: ${(stderr || stdout).trim().split("\n").at(-1) ?? ""}` };
      const fetched = JSON.parse(stdout) as { readonly Dir: string; readonly Sum: string };
      if (fetched.Sum !== sum) return { missing: `the Go module ${module} ${version} has the checksum ${fetched.Sum}, expected ${sum}` };
      copyFileSync(join(fetched.Dir, path), join(work, `${name}.yaml`));
    }
    renameSync(work, folder());
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return findCrds();
}
