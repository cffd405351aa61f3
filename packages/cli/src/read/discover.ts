import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { isObject } from "@bulkhead/core";
import { reasonOf } from "./file";
import type { InputError } from "./problem";
import { readYaml } from "./yaml";

export type Found =
  | { readonly file: string; /** Named by the user, as opposed to found in a folder. */ readonly named: boolean }
  | { readonly skipped: string; readonly reason: string }
  | { readonly error: InputError };

const extensions = /\.(ya?ml|json)$/i;
const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/**
 * The files to read, sorted within each folder. Chart templates and kustomize patches are no manifests: they are
 * skipped once a folder, with the way to render them.
 */
export function* discover(paths: readonly string[]): Generator<Found> {
  for (const path of paths) {
    if (path === "-") {
      yield { file: "-", named: true };
      continue;
    }
    try {
      if (statSync(path).isDirectory()) yield* folder(path);
      else if (chartOf(path) !== undefined) yield { skipped: path, reason: chartReason(chartOf(path) ?? "") };
      else yield { file: path, named: true };
    } catch (error) {
      yield { error: { file: path, expected: "a readable file or folder", found: reasonOf(error) } };
    }
  }
}

function* folder(path: string): Generator<Found> {
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(entries.map((entry) => entry.name));
  const chart = names.has("Chart.yaml");
  if (chart && names.has("templates")) yield { skipped: join(path, "templates"), reason: chartReason(path) };
  const patches = kustomizePatches(path, names);
  if (patches.size > 0) yield { skipped: path, reason: `kustomize patches are partial: judge what they make, with \`kustomize build ${path} | bulkhead check -\`` };
  for (const entry of entries) {
    const child = join(path, entry.name);
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (chart && (entry.name === "templates" || entry.name === "Chart.yaml" || /^values.*\.(ya?ml|json)$/.test(entry.name))) continue;
    if (patches.has(normalize(child)) || kustomizationNames.includes(entry.name)) continue;
    // Links to folders are not followed: they may lead in a circle.
    if (entry.isDirectory()) yield* folder(child);
    else if (extensions.test(entry.name)) yield { file: child, named: false };
  }
}

function chartReason(chart: string): string {
  return `Helm chart templates are no manifests: judge what they make, with \`helm template ${chart} | bulkhead check -\``;
}

/** The chart whose templates a file belongs to. */
function chartOf(file: string): string | undefined {
  for (let current = dirname(file); ; current = dirname(current)) {
    if (basename(current) === "templates" && existsSync(join(dirname(current), "Chart.yaml"))) return dirname(current);
    if (current === dirname(current)) return undefined;
  }
}

/** Files that a kustomization names as patches, normalised. */
function kustomizePatches(path: string, names: ReadonlySet<string>): ReadonlySet<string> {
  const name = kustomizationNames.find((candidate) => names.has(candidate));
  if (name === undefined) return new Set();
  const kustomization = readQuietly(join(path, name));
  if (!isObject(kustomization)) return new Set();
  const listed = [kustomization["patches"], kustomization["patchesJson6902"], kustomization["patchesStrategicMerge"]].flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []));
  const files = listed.map((patch) => (isObject(patch) ? patch["path"] : patch)).filter((file): file is string => typeof file === "string" && !file.includes("\n"));
  return new Set(files.map((file) => normalize(join(path, file))));
}

function readQuietly(file: string): unknown {
  try {
    const result = readYaml(readFileSync(file, "utf8"), file);
    return "documents" in result ? result.documents[0] : undefined;
  } catch {
    return undefined;
  }
}
