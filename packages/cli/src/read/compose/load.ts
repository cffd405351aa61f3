import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Path } from "@bulkhead/core";
import { formatPath, UNKNOWN } from "@bulkhead/core";
import { maxBytes, readStdin, readText } from "../file";
import { createLocator } from "../locate";
import type { InputError } from "../problem";
import type { Environment } from "./dotenv";
import { parseDotenv } from "./dotenv";
import { substitute } from "./substitute";
import type { Origin, Part, Tree } from "./tree";
import { toTree } from "./tree";
import { readComposeYaml } from "./yaml";

/** A project that cannot be loaded: Compose would refuse it too. */
export class ProjectError extends Error {
  readonly problem: InputError;

  constructor(problem: InputError) {
    super("the project cannot be loaded");
    this.problem = problem;
  }
}

export function fail(origin: Origin, path: Path, expected: string, found: string): ProjectError {
  const { part, document } = origin;
  const position = part.locate(document, origin.path);
  return new ProjectError({ file: part.file, ...(position === undefined ? {} : { line: position.line, column: position.column }), path: formatPath(path), expected, found });
}

/** What all files of one project share. */
export interface Project {
  /** Texts that are known already, such as standard input, by file name. */
  readonly texts: ReadonlyMap<string, string>;
  /** Absolute names of the files that were included or merged. */
  readonly parts: Set<string>;
  /** What could not be read, with the reason. */
  readonly skipped: string[];
  count: number;
}

/** Files that one project may read; includes and extended services multiply. */
const maxFiles = 500;

export interface Loaded {
  readonly part: Part;
  readonly documents: readonly Tree[];
}

/** The documents of a file, their variables put in. @throws ProjectError */
export function loadFile(file: string, directory: string, environment: Environment, project: Project): Loaded {
  project.count += 1;
  if (project.count > maxFiles) throw new ProjectError({ file, expected: `at most ${maxFiles} files in a project`, found: "more" });
  const known = project.texts.get(file);
  const loaded = known === undefined ? (file === "-" ? readStdin(maxBytes.yaml) : readText(file, maxBytes.yaml)) : { text: known };
  if ("error" in loaded) throw new ProjectError(loaded.error);
  const result = readComposeYaml(loaded.text, file);
  if ("error" in result) throw new ProjectError(result.error);
  const part: Part = { file, directory, locate: createLocator(result.text, result.parsed) };
  const documents = result.documents.map((value, document) => interpolate(toTree(value, part, document), environment));
  return { part, documents };
}

const references = new Set(["environment", "args"]);

/**
 * Puts variables into every text. Of an environment, or the arguments of a build, what names a variable stays
 * `${NAME}`: it is not written in this file, whatever its value is.
 */
function interpolate(root: Tree, environment: Environment): Tree {
  const seen = new Map<Tree, Tree>();
  const visit = (tree: Tree, path: Path): Tree => {
    const known = seen.get(tree);
    // A part that an alias repeats has its first place's treatment, unless it is an environment.
    if (known !== undefined && tree.kind !== "scalar" && !keepsReferences(path)) return known;
    const result: Tree = tree.kind === "scalar" ? scalar(tree, path) : tree.kind === "list" ? { ...tree, items: tree.items.map((item, index) => visit(item, [...path, index])) } : { ...tree, entries: new Map([...tree.entries].map(([key, child]) => [key, visit(child, [...path, key])])) };
    if (!keepsReferences(path)) seen.set(tree, result);
    return result;
  };
  const scalar = (tree: Tree & { readonly kind: "scalar" }, path: Path): Tree => {
    if (typeof tree.value !== "string") return tree;
    const result = keepsReferences(path) ? substitute(tree.value, () => undefined, (name) => `\${${name}}`) : substitute(tree.value, (name) => environment.get(name));
    if ("error" in result) throw fail(tree.origin, path, "variables such as $NAME or ${NAME:-default}", result.error);
    return "text" in result ? { ...tree, value: result.text } : { ...tree, value: UNKNOWN };
  };
  return visit(root, []);
}

function keepsReferences(path: Path): boolean {
  const [section, , key, inner] = path;
  if (section !== "services" && section !== "jobs") return false;
  return references.has(String(key === "build" ? inner : key));
}

/** A file as it is seen from another: relative names stay relative. */
export function beside(directory: string, name: string): string {
  return isAbsolute(name) ? name : join(directory, name);
}

export function folderOf(file: string): string {
  return file === "-" ? "." : dirname(file);
}

export function isSame(a: string, b: string): boolean {
  return resolve(a) === resolve(b);
}

/** Sources that are fetched before they are read: nothing here does that. */
export function isRemote(name: string): boolean {
  return /^(oci|https?|ssh|git|ftp):\/\/|^git@|^github\.com\/|\.git(#|$)/.test(name);
}

/** Variables of an environment file; undefined where there is none. @throws ProjectError */
export function readEnvironment(file: string, outer: Environment): Environment | undefined {
  const loaded = readText(file, 2 ** 20);
  if ("error" in loaded) return undefined;
  const result = parseDotenv(loaded.text, outer);
  if ("variables" in result) return result.variables;
  throw new ProjectError({ file, line: result.line, expected: result.expected, found: result.found });
}
