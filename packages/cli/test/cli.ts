import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonReport } from "@bulkhead/core";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cli {
  /** The bundle, built from the sources as they are now. */
  readonly bundle: string;
  /** A fresh folder with these files; a name may contain folders. */
  readonly folder: (files: { readonly [name: string]: string }) => string;
  readonly run: (cwd: string, args: readonly string[], options?: { readonly stdin?: string; readonly env?: { readonly [name: string]: string | undefined } }) => Ran;
  readonly json: (cwd: string, args: readonly string[]) => JsonReport;
  readonly remove: () => void;
}

const script = fileURLToPath(new URL("../scripts/bundle.mts", import.meta.url));

export function createCli(): Cli {
  const root = mkdtempSync(join(tmpdir(), "bulkhead-cli-"));
  const bundle = join(root, "main.js");
  execFileSync(process.execPath, [script, bundle], { stdio: ["ignore", "inherit", "inherit"] });
  let count = 0;
  const run: Cli["run"] = (cwd, args, { stdin = "", env = {} } = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...args], { cwd, input: stdin, encoding: "utf8", env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1", ...env }, maxBuffer: 2 ** 28 });
    return { code: status, stdout, stderr };
  };
  return {
    bundle,
    folder: (files) => {
      const folder = join(root, `folder-${++count}`);
      mkdirSync(folder);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      return folder;
    },
    run,
    json: (cwd, args) => JSON.parse(run(cwd, ["check", "--format", "json", ...args]).stdout) as JsonReport,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A pod that only the rules with `container` in their reach can object to; `container` is YAML at 6 spaces. */
export function pod(name: string, container = ""): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  containers:
    - name: web
      image: registry.example.com/app@sha256:${"a".repeat(64)}
${container}`;
}

export const privileged = `      securityContext:
        privileged: true
`;
