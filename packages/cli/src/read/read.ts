import { resolve } from "node:path";
import type { Address, Path } from "@bulkhead/core";
import { isObject } from "@bulkhead/core";
import type { Candidate } from "./compose/read";
import { isComposeFile, readProject, readProjects } from "./compose/read";
import { buildFiles } from "./build-files";
import { discover } from "./discover";
import { isDockerfileName, isDockerfileText, readDockerfile } from "./dockerfile";
import { maxBytes, readStdin, readText } from "./file";
import { readJson } from "./json";
import { createLocator } from "./locate";
import type { InputError, Position } from "./problem";
import type { StateResult } from "./state";
import { isState, readState } from "./state";
import type { DocumentsResult } from "./yaml";
import { readYaml } from "./yaml";

/** A document to judge: a Kubernetes object, a compose project, a Dockerfile, or the inputs of a resource in a state. */
export interface SourceDocument {
  readonly value: unknown;
  readonly address: Address;
  /** 0-based, in its file; absent in a state. */
  readonly document?: number;
  /** Where `value` stands in the file's document. */
  readonly basePath: Path;
}

export interface Skipped {
  readonly kind?: string;
  readonly name?: string;
  readonly document?: number;
  readonly reason: string;
  /** Whether it holds containers that nobody looked at; default for what was not read at all. */
  readonly holdsContainers?: boolean;
}

/** What one file, or one folder that is skipped, holds. */
export interface SourceFile {
  readonly file: string;
  readonly documents: readonly SourceDocument[];
  readonly skipped: readonly Skipped[];
  readonly errors: readonly InputError[];
  /** False for a folder, or a file that was only found to be skipped. */
  readonly read: boolean;
  /** Absent where nothing was read. */
  readonly text?: string;
  /** Compose files that the user names to be merged over this one. */
  readonly over?: readonly string[];
  /** `file` where the value comes from another one. */
  readonly locate: (document: number, path: Path) => (Position & { readonly file?: string }) | undefined;
}

/**
 * Reads files one by one, so that a file can be judged and forgotten before the next. `merged` are compose files that are
 * one project, each over the ones before it. Texts that `isWanted` refuses are not parsed, compose files but for it.
 */
export function* readAll(paths: readonly string[], merged: readonly string[] = [], isWanted?: (text: string) => boolean): Generator<SourceFile> {
  const seen = new Set(merged.map((file) => (file === "-" ? "-" : resolve(file))));
  const projects: Candidate[] = [];
  const dockerfiles: string[] = [];
  const [first, ...over] = merged;
  if (first !== undefined) {
    const loaded = first === "-" ? readStdin(maxBytes.json) : readText(first, maxBytes.yaml);
    if ("error" in loaded) yield { ...nothing(first), read: true, errors: [loaded.error] };
    else projects.push({ file: first, text: loaded.text, named: true, over });
  }
  for (const found of discover(paths)) {
    if ("error" in found) yield { ...nothing(found.error.file), errors: [found.error] };
    else if ("skipped" in found) yield { ...nothing(found.skipped), skipped: [{ reason: found.reason }] };
    else {
      const same = found.file === "-" ? "-" : resolve(found.file);
      if (seen.has(same)) continue;
      seen.add(same);
      if (!found.named && isDockerfileName(found.file)) {
        dockerfiles.push(found.file);
        continue;
      }
      const source = readFile(found.file, found.named, isWanted);
      if ("named" in source) projects.push(source);
      else yield source;
    }
  }
  // Which files are parts of another project is known once all of them are.
  const built = new Set<string>();
  yield* readProjects(projects, built);
  // Judged with its build, a Dockerfile that nobody named is judged.
  for (const file of dockerfiles) if (!built.has(resolve(file))) yield readFile(file, false) as SourceFile;
}

function nothing(file: string): SourceFile {
  return { file, documents: [], skipped: [], errors: [], read: false, locate: () => undefined };
}

function readFile(file: string, named: boolean, isWanted: (text: string) => boolean = () => true): SourceFile | Candidate {
  const isJson = /\.json$/i.test(file);
  const limit = isJson ? maxBytes.json : isDockerfileName(file) ? maxBytes.dockerfile : maxBytes.yaml;
  const loaded = file === "-" ? readStdin(maxBytes.json) : readText(file, limit);
  if ("error" in loaded) return { ...nothing(file), read: true, errors: [loaded.error] };
  if (!isDockerfileName(file) && isComposeFile(file, loaded.text, named)) return { file, text: loaded.text, named };
  return isWanted(loaded.text) ? sourceOf(file, named, loaded.text) : nothing(file);
}

/** What the text of a file holds. `named` by the user, it has to hold something. With files that are merged `over` it, it is a compose file. */
export function sourceOf(file: string, named: boolean, text: string, over?: readonly string[]): SourceFile {
  if (over !== undefined) return readProject({ file, text, named, over });
  const isJson = /\.json$/i.test(file);
  const base = { ...nothing(file), read: true, text };
  if (/^\s*$/.test(text)) return named ? { ...base, errors: [{ file, expected: "at least one document", found: "an empty file" }] } : base;
  if (isDockerfileName(file) || (named && isDockerfileText(file, text))) return readDockerfile(file, text);
  if (isComposeFile(file, text, named)) return readProject({ file, text, named });
  const result = isJson || /^\s*[{[]/.test(text) ? readJsonOrYaml(text, file, isJson) : readYaml(text, file);
  if ("error" in result && !named && !/\bapiVersion\b|\burn:pulumi:/.test(text)) return { ...base, skipped: [{ reason: "not a Kubernetes manifest" }] };
  if ("error" in result) return { ...base, errors: [result.error] };
  const [first] = result.documents;
  if (result.documents.length === 1 && isComposeDocument(first)) return readProject({ file, text, named });
  const locate = createLocator(result.text, result.parsed);
  const located = { ...base, locate };
  if (result.documents.length === 1 && isState(first)) return { ...located, ...fromState(readState(first, file, (path) => locate(0, path))) };
  if (named && result.documents.every((value) => value === null || value === undefined)) return { ...base, errors: [{ file, expected: "at least one document", found: "only empty ones" }] };
  return { ...located, ...fromManifests(result.documents, named, (value, document, path) => ({ file, ...locate(document, path), ...notManifest(value, document, path) })) };
}

/** Flow-style YAML looks like JSON; what has the name or the form of JSON and is none gets JSON's error. */
function readJsonOrYaml(text: string, file: string, isJson: boolean): DocumentsResult {
  const json = readJson(text, file);
  if (isJson || "documents" in json) return json;
  const yaml = readYaml(text, file);
  return "documents" in yaml ? yaml : json;
}

const fromHere = buildFiles(() => process.cwd());

function fromState(state: StateResult): Pick<SourceFile, "documents" | "skipped" | "errors"> {
  return {
    // A state does not say where its program is: most are read where they were exported.
    documents: state.resources.map(({ inputs, path, ...address }) => ({ value: inputs, address: { ...address, readBuildFile: fromHere.read }, basePath: path, document: 0 })),
    skipped: state.external.map(({ type, name }) => ({ kind: type, name, reason: "the program only reads it; its inputs are not the program's" })),
    errors: state.errors,
  };
}

function fromManifests(documents: readonly unknown[], named: boolean, refuse: (value: unknown, document: number, path: Path) => InputError): Pick<SourceFile, "documents" | "skipped" | "errors"> {
  const found: SourceDocument[] = [];
  const skipped: Skipped[] = [];
  const errors: InputError[] = [];
  const add = (value: unknown, document: number, basePath: Path): void => {
    if (value === null || value === undefined) return;
    if (isObject(value) && typeof value["kind"] === "string" && typeof value["apiVersion"] === "string") found.push({ value, address: {}, document, basePath });
    else if (!named) skipped.push({ document, reason: "not a Kubernetes manifest" });
    else errors.push(refuse(value, document, basePath));
  };
  documents.forEach((value, document) => {
    if (Array.isArray(value)) for (const [index, member] of (value as readonly unknown[]).entries()) add(member, document, [index]);
    else add(value, document, []);
  });
  return { documents: found, skipped, errors };
}

/** Also what `docker compose config --format json` prints, or flow-style YAML. */
function isComposeDocument(value: unknown): boolean {
  return isObject(value) && isObject(value["services"]) && value["kind"] === undefined && value["apiVersion"] === undefined;
}

function notManifest(value: unknown, document: number, basePath: Path): Pick<InputError, "path" | "expected" | "found"> {
  const at = { path: [`document ${document}`, ...basePath.map((key) => `[${key}]`)].join("") };
  if (!isObject(value)) return { ...at, expected: "an object with apiVersion and kind", found: Array.isArray(value) ? "a list" : `a ${typeof value}` };
  const missing = typeof value["kind"] === "string" ? "no apiVersion" : "no kind";
  return { ...at, expected: "an object with apiVersion and kind, a compose file, or an exported Pulumi state", found: `an object with ${missing}` };
}
