import { resolve } from "node:path";
import type { Environment } from "./dotenv";
import type { Project } from "./load";
import { beside, fail, folderOf, isRemote, loadFile, ProjectError } from "./load";
import { merge } from "./merge";
import { merging } from "./project";
import type { Mapping, Part, Tree } from "./tree";
import { childAt, isNull, textOf } from "./tree";

/** The services of one file, as far as they are known to stand on nothing else. */
interface Services {
  readonly part: Part;
  readonly entries: Map<string, Tree>;
  readonly done: Set<string>;
}

const maxChain = 200;

interface State {
  readonly environment: Environment;
  readonly project: Project;
  /** By file, so that each is read once. */
  readonly files: Map<string, Services>;
}

/** Services with what they extend below them. One that extends what is not read here keeps its `extends`. @throws ProjectError */
export function extendServices(document: Mapping, part: Part, environment: Environment, project: Project): Mapping {
  const state: State = { environment, project, files: new Map() };
  const entries = new Map(document.entries);
  for (const section of ["services", "jobs"]) {
    const map = entries.get(section);
    if (map?.kind !== "map") continue;
    const services: Services = { part, entries: new Map(map.entries), done: new Set() };
    for (const name of map.entries.keys()) extend(name, services, state, []);
    entries.set(section, { ...map, entries: services.entries });
  }
  return { ...document, entries };
}

function extend(name: string, services: Services, state: State, chain: readonly string[]): Tree | undefined {
  const service = services.entries.get(name);
  const given = childAt(service, "extends");
  if (service?.kind !== "map" || given === undefined || isNull(given) || services.done.has(name)) return service;
  const target = given.kind === "map" ? childAt(given, "service") : given;
  const file = childAt(given, "file");
  const [ref, from] = [textOf(target), textOf(file)];
  const path = ["services", name, "extends"];
  if (given.kind === "list" || (target?.kind === "scalar" && target.value === null) || target === undefined) throw fail(given.origin, path, "the name of a service", "none");
  services.done.add(name);
  if (ref === undefined || (file !== undefined && from === undefined) || (from !== undefined && isRemote(from))) return service;
  const key = `${resolve(services.part.file)} ${name}`;
  if (chain.length > maxChain) throw fail(given.origin, path, `at most ${maxChain} services that extend one another`, "more");
  if (chain.includes(key)) throw fail(given.origin, path, "services that do not extend each other in a circle", "a circle");
  const others = from === undefined ? services : servicesOf(beside(services.part.directory, from), given, path, state);
  services.done.delete(name);
  if (!others.entries.has(ref)) throw fail(given.origin, path, "a service that is there", "none of this name");
  const base = extend(ref, others, state, [...chain, key]);
  services.done.add(name);
  if (base === undefined || isNull(base)) return service;
  const own: Mapping = { ...service, entries: new Map([...service.entries].filter(([setting]) => setting !== "extends")) };
  const merged = merging(() => merge(withoutTags(base), own, ["services", name]));
  // Settings that are not there yet belong to the service, not to what it extends.
  const result: Tree = { ...merged, origin: service.origin, ...(service.tag === undefined ? {} : { tag: service.tag }) };
  services.entries.set(name, result);
  return result;
}

function servicesOf(file: string, given: Tree, path: readonly string[], state: State): Services {
  const absolute = resolve(file);
  const known = state.files.get(absolute);
  if (known !== undefined) return known;
  try {
    const { part, documents } = loadFile(file, folderOf(file), state.environment, state.project);
    const first = documents.find((document) => !isNull(document));
    const map = childAt(first, "services");
    if (map?.kind !== "map") throw fail(given.origin, path, "a file with services", "one without");
    const services: Services = { part, entries: new Map(map.entries), done: new Set() };
    state.files.set(absolute, services);
    return services;
  } catch (error) {
    if (error instanceof ProjectError && error.problem.file === file && error.problem.line === undefined) throw fail(given.origin, path, "a file that can be read", error.problem.found);
    throw error;
  }
}

const untagged = new WeakMap<Tree, Tree>();

/** Tags of the service that is extended say something of what that one extends, and nothing of who extends it. */
function withoutTags(tree: Tree): Tree {
  const known = untagged.get(tree);
  if (known !== undefined) return known;
  const { tag, ...plain } = tree;
  const result = tag === undefined ? withoutTagsInside(tree) : withoutTagsInside(plain);
  untagged.set(tree, result);
  return result;
}

/** The tree itself where no tag is in it: what aliases share stays shared. */
function withoutTagsInside(tree: Tree): Tree {
  if (tree.kind === "scalar") return tree;
  if (tree.kind === "list") {
    const items = tree.items.map(withoutTags);
    return items.every((item, index) => item === tree.items[index]) ? tree : { ...tree, items };
  }
  const kept = [...tree.entries].filter(([, child]) => child.tag !== "reset").map(([key, child]) => [key, withoutTags(child)] as const);
  return kept.length === tree.entries.size && kept.every(([key, child]) => child === tree.entries.get(key)) ? tree : { ...tree, entries: new Map(kept) };
}
