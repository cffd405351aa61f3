import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Path } from "@bulkhead/core";
import { composeType } from "@bulkhead/core";
import { buildFiles } from "../build-files";
import type { InputError } from "../problem";
import type { SourceFile } from "../read";
import { checkConsistency, unfinished } from "./consistency";
import { withServiceFiles } from "./environment-files";
import type { Project } from "./load";
import { fail, folderOf, ProjectError, readEnvironment } from "./load";
import { loadModel } from "./project";
import type { Tree } from "./tree";
import { originAt, toPlain } from "./tree";

const defaults = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const overrides = ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/** Names that compose files have: `compose.yaml`, `docker-compose.prod.yml`. */
function isComposeName(file: string): boolean {
  return /^(docker-)?compose([._-].*)?\.ya?ml$/i.test(basename(file));
}

/** Whether a text has a map of services at its top, or its file the name of a compose file, and it is no Kubernetes object. */
export function isComposeFile(file: string, text: string, named: boolean): boolean {
  if (/\.json$/i.test(file) || /^(["']?)(apiVersion|kind)\1[ \t]*:/m.test(text)) return false;
  if (named && /^include[ \t]*:[ \t]*(#.*|\[.*)?$/m.test(text)) return true;
  return isComposeName(file) || /^(["']?)services\1[ \t]*:[ \t]*(#.*|\{.*|&.*|!.*)?$/m.test(text);
}

/** A file that may be a project, or a part of one that is found elsewhere. */
export interface Candidate {
  readonly file: string;
  readonly text: string;
  readonly named: boolean;
  /** Files that the user names to be merged over it, in order; what Compose would merge by itself is then left out. */
  readonly over?: readonly string[];
}

interface Loaded {
  readonly source: SourceFile;
  readonly parts: ReadonlySet<string>;
}

/** Projects; a file that another one found includes, or is merged over, is judged there. The Dockerfiles that are read are added to `built`. */
export function* readProjects(candidates: readonly Candidate[], built: Set<string>): Generator<SourceFile> {
  const loaded = candidates.map((candidate) => ({ candidate, ...load(candidate, built) }));
  const parts = new Set(loaded.flatMap((entry) => [...entry.parts]));
  for (const { candidate, source } of loaded) if (candidate.named || !parts.has(resolve(candidate.file))) yield source;
}

/** One file with all that belongs to it. */
export function readProject(candidate: Candidate): SourceFile {
  return load(candidate).source;
}

function load({ file, text, named, over }: Candidate, built: Set<string> = new Set()): Loaded {
  const nothing: SourceFile = { file, documents: [], skipped: [], errors: [], read: true, text, ...(over === undefined ? {} : { over }), locate: () => undefined };
  const project: Project = { texts: new Map([[file, text]]), parts: new Set(), skipped: [], count: 0 };
  try {
    const others = over ?? overridesOf(file);
    for (const other of others) project.parts.add(resolve(other));
    const environment = readEnvironment(join(folderOf(file), ".env"), new Map()) ?? new Map();
    const model = loadModel([file, ...others], folderOf(file), environment, project);
    if (model === undefined) return { source: { ...nothing, errors: named ? [{ file, expected: "at least one document", found: "only empty ones" }] : [] }, parts: project.parts };
    return { source: fromModel(model, nothing, named, project, built), parts: project.parts };
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    return { source: refused(error.problem, nothing, named), parts: project.parts };
  }
}

/** A file that only looks like a compose file, and that nobody named, is none. */
function refused(problem: InputError, nothing: SourceFile, named: boolean): SourceFile {
  return named || isComposeName(nothing.file) ? { ...nothing, errors: [problem] } : { ...nothing, skipped: [{ reason: "not a Kubernetes manifest, and no compose file" }] };
}

function fromModel(model: Tree, nothing: SourceFile, named: boolean, project: Project, built: Set<string>): SourceFile {
  const part = unfinished(model);
  if (part !== undefined && !named) return { ...nothing, skipped: [{ reason: isComposeName(nothing.file) ? `a part of a project: its service ${JSON.stringify(part.name)} has no image and no build` : "not a Kubernetes manifest, and no compose file" }] };
  if (part !== undefined) throw fail(part.service.origin, ["services", part.name], "an image or a build", "neither");
  checkConsistency(model);
  const judged = withServiceFiles(model);
  const folder = (path: Path): string => resolve(originAt(judged, path).origin.part.directory);
  const builds = buildFiles(folder, built);
  const value = toPlain(judged);
  if (value === undefined) throw new ProjectError({ file: nothing.file, expected: "at most a million values", found: "more, once everything is merged" });
  return {
    ...nothing,
    documents: [{ value, address: { type: composeType, name: nothing.file, folderOf: folder, readBuildFile: builds.read }, document: 0, basePath: [] }],
    skipped: project.skipped.map((reason) => ({ kind: "Project", reason, holdsContainers: true })),
    locate: (_, path) => builds.locate(path) ?? locate(judged, path, nothing.file),
  };
}

/** A value from another file has its place there. */
function locate(model: Tree, path: Path, file: string): ReturnType<SourceFile["locate"]> {
  const { origin, rest } = originAt(model, path);
  const position = origin.part.locate(origin.document, [...origin.path, ...rest]);
  return position === undefined || origin.part.file === file ? position : { ...position, file: origin.part.file };
}

/** The file that Compose merges over one of its default names by itself. */
function overridesOf(file: string): readonly string[] {
  if (!defaults.includes(basename(file))) return [];
  return overrides.map((name) => join(dirname(file), name)).filter((name) => existsSync(name)).slice(0, 1);
}
