import { resolve } from "node:path";
import type { Environment } from "./dotenv";
import { extendServices } from "./extend";
import type { Project } from "./load";
import { beside, fail, folderOf, isRemote, loadFile, readEnvironment } from "./load";
import { fingerprint, merge, MergeError } from "./merge";
import type { Mapping, Part, Tree } from "./tree";
import { childAt, entriesOf, isNull, isUnknown, itemsOf, textOf } from "./tree";
import { uniqueItems } from "./unique";

const sections = ["services", "jobs", "volumes", "networks", "secrets", "configs", "models"] as const;

/**
 * Files merged into one document: what they include, and what their services extend, in its place. The order of steps
 * is Compose's: variables, includes, extends, then the files over each other.
 *
 * @throws ProjectError
 */
export function loadModel(files: readonly string[], directory: string, environment: Environment, project: Project, chain: readonly string[] = []): Tree | undefined {
  let model: Tree | undefined;
  for (const file of files) {
    const { part, documents } = loadFile(file, directory, environment, project);
    for (const document of documents) {
      if (isNull(document)) continue;
      if (document.kind !== "map") throw fail(document.origin, [], "a mapping with services", document.kind === "list" ? "a list" : "a single value");
      const included = include(document, part, environment, project, [...chain, resolve(file)]);
      const extended = extendServices(included, part, environment, project);
      model = model === undefined ? extended : merging(() => merge(model as Tree, extended));
    }
  }
  return model === undefined ? undefined : unique(model, []);
}

/** @throws ProjectError for what cannot be merged. */
export function merging(run: () => Tree): Tree {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    const { origin, path, expected, found } = error;
    throw fail(origin, path, expected, found);
  }
}

/** Lists whose members replace each other, also within one file. */
function unique(tree: Tree, path: readonly string[]): Tree {
  if (tree.kind === "list") return uniqueItems(tree, path);
  if (tree.kind === "scalar" || path.length > 3) return tree;
  return { ...tree, entries: new Map([...tree.entries].map(([key, child]) => [key, unique(child, [...path, key])])) };
}

/** A file of which nothing but the sections is asked: what it includes is put into them, itself above what is included. */
function include(document: Mapping, part: Part, environment: Environment, project: Project, chain: readonly string[]): Mapping {
  const list = childAt(document, "include");
  if (isNull(list) || list === undefined) return document;
  if (list.kind !== "list") throw fail(list.origin, ["include"], "a list", list.kind === "map" ? "a mapping" : "a single value");
  let result: Mapping = { ...document, entries: new Map([...document.entries].filter(([key]) => key !== "include")) };
  for (const entry of list.items) {
    const imported = includeOne(entry, part, environment, project, chain);
    if (imported !== undefined) result = importSections(imported, result);
  }
  return result;
}

function includeOne(entry: Tree, part: Part, environment: Environment, project: Project, chain: readonly string[]): Tree | undefined {
  const path = entry.kind === "map" ? childAt(entry, "path") : entry;
  const values = path?.kind === "list" ? path.items : path === undefined ? [] : [path];
  if (values.length === 0 || values.some((value) => textOf(value) === undefined && !isUnknown(value))) throw fail(entry.origin, entry.origin.path, "the path of a file", "none");
  const written = values.map(textOf);
  const names = written.filter((name) => name !== undefined);
  if (names.length < written.length) {
    project.skipped.push("it includes a file whose name depends on a variable that is not set");
    return undefined;
  }
  const remote = names.find(isRemote);
  if (remote !== undefined) {
    project.skipped.push("it includes a file from elsewhere, which is not fetched: judge what `docker compose config` prints");
    return undefined;
  }
  const files = names.map((name) => beside(part.directory, name));
  const first = files[0] as string;
  if (chain.includes(resolve(first))) throw fail(entry.origin, entry.origin.path, "files that do not include each other in a circle", "a circle");
  const own = textOf(childAt(entry, "project_directory"));
  const directory = own === undefined ? folderOf(first) : beside(part.directory, own);
  for (const file of files) project.parts.add(resolve(file));
  return loadModel(files, directory, includedEnvironment(entry, part, directory, environment), project, chain);
}

/** The including project's variables win over the included one's own. */
function includedEnvironment(entry: Tree, part: Part, directory: string, outer: Environment): Environment {
  const listed = childAt(entry, "env_file");
  const names = (listed?.kind === "list" ? itemsOf(listed) : listed === undefined ? [] : [listed]).map(textOf);
  const merged = new Map<string, string>();
  if (names.length === 0) for (const [name, value] of readEnvironment(beside(directory, ".env"), outer) ?? []) merged.set(name, value);
  for (const name of names) {
    if (name === undefined || name === "/dev/null") continue;
    const file = beside(part.directory, name);
    const variables = readEnvironment(file, outer);
    if (variables === undefined) throw fail(entry.origin, entry.origin.path, "an environment file that can be read", "none");
    for (const [key, value] of variables) merged.set(key, value);
  }
  return new Map([...merged, ...outer]);
}

function importSections(imported: Tree, document: Mapping): Mapping {
  const entries = new Map(document.entries);
  for (const section of sections) {
    const from = childAt(imported, section);
    if (from === undefined || from.kind !== "map") continue;
    const own = entries.get(section);
    const into = new Map(own?.kind === "map" ? own.entries : []);
    for (const [name, value] of entriesOf(from)) {
      const conflict = into.get(name);
      if (conflict === undefined) into.set(name, value);
      else if (fingerprint(conflict) !== fingerprint(value)) into.set(name, merging(() => merge(value, conflict, [section, name])));
    }
    entries.set(section, { kind: "map", entries: into, origin: own?.origin ?? from.origin });
  }
  return { ...document, entries };
}
