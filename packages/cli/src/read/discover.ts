import type { Dirent } from "node:fs";
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { isObject } from "@bulkhead/core";
import { isDockerfileName } from "./dockerfile";
import { maxBytes, readText, reasonOf } from "./file";
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
    if (path === "-") yield { file: "-", named: true };
    else yield* named(path);
  }
}

function named(path: string): readonly Found[] {
  try {
    const isFolder = statSync(path).isDirectory();
    const chart = chartOf(isFolder ? path : dirname(path), isAbsolute(path));
    if (chart !== undefined) return [{ skipped: path, reason: chartReason(chart) }];
    if (isFolder) return walk(path);
    if (kustomizationNames.includes(basename(path))) return [{ skipped: path, reason: kustomizeReason(dirname(path)) }];
    return [{ file: path, named: true }];
  } catch (error) {
    return [unreadable(path, error)];
  }
}

function unreadable(path: string, error: unknown): Found {
  return { error: { file: path, expected: "a readable file or folder", found: reasonOf(error) } };
}

interface Walk {
  readonly root: string;
  readonly found: Found[];
  /** Files that a kustomization names as patches, absolute; it may stand before or behind them. */
  readonly patches: Set<string>;
}

function walk(path: string): readonly Found[] {
  const state: Walk = { root: realpathSync(path), found: [], patches: new Set() };
  folder(path, state);
  return state.patches.size === 0 ? state.found : state.found.filter((entry) => !("file" in entry) || !state.patches.has(resolve(entry.file)));
}

function folder(path: string, state: Walk): void {
  const { found } = state;
  const entries = entriesOf(path, state);
  const names = new Set(entries.map((entry) => entry.name));
  const chart = names.has("Chart.yaml");
  if (chart && names.has("templates")) found.push({ skipped: join(path, "templates"), reason: chartReason(path) });
  const kustomization = kustomizationNames.find((candidate) => names.has(candidate));
  if (kustomization !== undefined) kustomizePatches(path, kustomization, state);
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (chart && (entry.name === "templates" || entry.name === "Chart.yaml" || /^values.*\.(ya?ml|json)$/.test(entry.name))) continue;
    const isRead = extensions.test(entry.name) || isDockerfileName(entry.name);
    if (kustomizationNames.includes(entry.name) || (entry.isFile() && !isRead)) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) folder(child, state);
    else if (entry.isSymbolicLink() && isFolder(child)) link(child, state);
    else if (isRead && (entry.isFile() || entry.isSymbolicLink())) found.push({ file: child, named: false });
  }
}

function entriesOf(path: string, { found }: Walk): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    found.push(unreadable(path, error));
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A link may lead in a circle, so none is followed; one that leads out of what is walked hides files, which is said. */
function link(path: string, { root, found }: Walk): void {
  const target = realpathSync(path);
  if (target === root || target.startsWith(root.endsWith(sep) ? root : root + sep)) return;
  found.push({ skipped: path, reason: "a link to a folder elsewhere, which is not followed: name the folder itself" });
}

function chartReason(chart: string): string {
  return `Helm chart templates are no manifests: judge what they make, with \`helm template ${chart} | bulkhead check -\``;
}

function kustomizeReason(path: string): string {
  return `kustomize patches are partial: judge what they make, with \`kustomize build ${path} | bulkhead check -\``;
}

/** The chart whose templates a folder is, or is a part of; as the user writes paths. */
function chartOf(path: string, absolute: boolean): string | undefined {
  for (let current = resolve(path); ; current = dirname(current)) {
    const chart = dirname(current);
    if (basename(current) === "templates" && existsSync(join(chart, "Chart.yaml"))) return absolute ? chart : relative(process.cwd(), chart) || ".";
    if (current === chart) return undefined;
  }
}

function kustomizePatches(path: string, name: string, { found, patches }: Walk): void {
  const file = join(path, name);
  const read = readText(file, maxBytes.yaml);
  const result = "error" in read ? read : readYaml(read.text, file);
  if ("error" in result) {
    found.push(result);
    return;
  }
  const [kustomization] = result.documents;
  if (!isObject(kustomization)) return;
  const listed = [kustomization["patches"], kustomization["patchesJson6902"], kustomization["patchesStrategicMerge"]].flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []));
  const files = listed.map((patch) => (isObject(patch) ? patch["path"] : patch)).filter((patch): patch is string => typeof patch === "string" && !patch.includes("\n"));
  if (files.length > 0) found.push({ skipped: path, reason: kustomizeReason(path) });
  for (const patch of files) patches.add(resolve(path, patch));
}
