import { isAbsolute, join } from "node:path";
import type { Path } from "../field";
import { isObject, UNKNOWN } from "../field";
import type { Model, Resource } from "../model/subject";
import type { Node } from "../node";
import { at, isUnreadable, isUnset, members, node } from "../node";
import type { Address, ReadBuildFile } from "./common";
import { normaliseDockerType } from "./docker-type";
import { dockerfileDocument, modelOf } from "./dockerfile";

/** Where a build says what it is built from. */
interface BuildPlaces {
  readonly resource: Resource;
  /** What the build is called: `Image "app"`. */
  readonly owner: string;
  readonly context: Node;
  readonly dockerfile: Node;
  readonly inline: Node;
  readonly args: Node;
  readonly target: Node;
  /** A map, or a list of `name=value`. */
  readonly contexts: Node;
  /** What the name of the Dockerfile is relative to. */
  readonly from: "context" | "program";
}

/** The Dockerfiles that the services of a compose file are built from. */
export function composeBuilds(document: unknown, { readBuildFile }: Address): readonly Model[] {
  const services = at(node(document), "services");
  if (isUnreadable(services) || isUnset(services)) return [];
  return Object.keys(services.value as object).flatMap((name) => {
    const build = at(services, name, "build");
    // That nothing is known of the build is said where it is judged itself.
    if (isUnset(build) || build.value === UNKNOWN) return [];
    const places = typeof build.value === "string" ? { ...build, value: { context: build.value } } : build;
    const context = at(places, "context");
    return buildModel({
      resource: { platform: "dockerfile", kind: "Service", name }, owner: `Service "${name}"`, from: "context",
      context: typeof build.value === "string" ? { ...context, path: build.path } : context,
      dockerfile: at(places, "dockerfile"), inline: at(places, "dockerfile_inline"), args: at(places, "args"), target: at(places, "target"), contexts: at(places, "additional_contexts"),
    }, readBuildFile);
  });
}

/** The Dockerfile that a resource of a Pulumi program is built from. */
export function resourceBuilds(inputs: unknown, { type = "", urn, name = "(unnamed)", readBuildFile }: Address): readonly Model[] {
  const root = node(inputs);
  const kind = type.split(":").at(-1) ?? type;
  const common = { resource: { platform: "dockerfile", kind, name, ...(urn === undefined ? {} : { urn }) } as const, owner: `${kind} "${name}"` };
  const nothing = node(undefined);
  switch (normaliseDockerType(type)) {
    case "docker-build:index:Image": {
      return buildModel({
        ...common, from: "program", context: at(root, "context", "location"), dockerfile: at(root, "dockerfile", "location"), inline: at(root, "dockerfile", "inline"),
        args: at(root, "buildArgs"), target: at(root, "target"), contexts: at(root, "context", "named"),
      }, readBuildFile);
    }
    case "docker:index/image:Image": {
      const build = at(root, "build");
      const places = typeof build.value === "string" ? { ...build, value: { context: build.value } } : build;
      return buildModel({ ...common, from: "program", context: at(places, "context"), dockerfile: at(places, "dockerfile"), inline: nothing, args: at(places, "args"), target: at(places, "target"), contexts: nothing }, readBuildFile);
    }
    case "docker:index/remoteImage:RemoteImage": case "docker:index/registryImage:RegistryImage": {
      const build = at(root, "build");
      if (isUnset(build)) return [];
      const remote = at(build, "remoteContext");
      return buildModel({ ...common, from: "context", context: isUnset(remote) ? at(build, "context") : remote, dockerfile: at(build, "dockerfile"), inline: nothing, args: at(build, "buildArgs"), target: at(build, "target"), contexts: at(build, "additionalContexts") }, readBuildFile);
    }
    default: return [];
  }
}

function buildModel(places: BuildPlaces, read: ReadBuildFile | undefined): readonly Model[] {
  const { resource, owner, dockerfile, inline, context } = places;
  const said = !isUnset(inline) ? inline : !isUnset(dockerfile) ? dockerfile : context;
  const base = { resource, subjects: [], holes: [], holdsContainers: true } as const;
  const unread = (path: Path, reason: string): readonly Model[] => [{ ...base, notExamined: [{ resource, path, reason }] }];
  const open = [inline, dockerfile, context].find((place) => !isUnset(place) && typeof place.value !== "string");
  if (open !== undefined && (open !== context || (isUnset(inline) && (isUnset(dockerfile) || places.from === "context")))) return [modelOf({ path: open.path, value: { instructions: UNKNOWN }, partial: undefined }, resource, `the Dockerfile of ${owner}`)];
  const file = isUnset(inline) ? fileOf(places) : undefined;
  if (file !== undefined && "reason" in file) return unread(said.path, file.reason);
  const text = file === undefined ? { text: inline.value as string } : read?.(file.name, said.path);
  if (text === undefined) return unread(said.path, read === undefined ? "the Dockerfile that it is built from is not read here" : `there is no ${file?.name ?? "Dockerfile"} to be read`);
  if ("reason" in text) return unread(said.path, `the Dockerfile that it is built from ${text.reason}`);
  const result = dockerfileDocument(text.text);
  if ("error" in result) return unread(said.path, `what it is built from is no Dockerfile: ${result.error.reason}, on line ${result.error.line}`);
  const ignores = ignored(places, file?.name, read, said.path);
  const value = {
    ...result.document, lines: result.lines, args: argumentsOf(places.args), target: places.target.value, contexts: contextsOf(places.contexts),
    ...(ignores === undefined ? {} : { ignores }),
  };
  const label = file === undefined ? `the Dockerfile of ${owner}` : `${file.name}, of which ${owner} is built`;
  return [modelOf({ path: said.path, value, partial: undefined }, resource, label, (index) => [...said.path, index])];
}

/** A name that is relative is meant from the folder of the program, or of the file that names it. */
function fileOf({ context, dockerfile, from }: BuildPlaces): { readonly name: string } | { readonly reason: string } {
  const folder = typeof context.value === "string" && context.value !== "" ? context.value : ".";
  const name = typeof dockerfile.value === "string" && dockerfile.value !== "" ? dockerfile.value : undefined;
  if (name !== undefined && isRemote(name)) return { reason: "the Dockerfile that it is built from is not on this machine, and is not read" };
  if (name !== undefined && (from === "program" || isAbsolute(name))) return { name };
  if (isRemote(folder)) return { reason: "the context that it is built from is not on this machine, and is not read" };
  return { name: join(folder, name ?? "Dockerfile") };
}

function isRemote(name: string): boolean {
  return name === "-" || /^[a-z][a-z0-9+.-]*:\/\/|^git@|^github\.com\/|\.git(#|$)/i.test(name);
}

/** Whether a file says what of the context is left out; undefined where the context is not here. */
function ignored({ context }: BuildPlaces, file: string | undefined, read: ReadBuildFile | undefined, path: Path): boolean | undefined {
  const folder = isUnset(context) || context.value === "" ? "." : context.value;
  if (read === undefined || typeof folder !== "string" || isRemote(folder)) return undefined;
  return [...(file === undefined ? [] : [`${file}.dockerignore`]), join(folder, ".dockerignore")].some((name) => read(name, path) !== undefined);
}

function argumentsOf(place: Node): unknown {
  if (Array.isArray(place.value)) {
    const { items } = members(place);
    if (items.some(({ value }) => typeof value !== "string")) return UNKNOWN;
    return Object.fromEntries(items.map(({ value }): [string, unknown] => {
      const text = String(value);
      const equals = text.indexOf("=");
      return equals < 0 ? [text, UNKNOWN] : [text.slice(0, equals), interpolated(text.slice(equals + 1))];
    }));
  }
  if (!isObject(place.value)) return place.value;
  return Object.fromEntries(Object.entries(place.value).map(([name, value]) => [name, value === null ? UNKNOWN : interpolated(value)]));
}

/** What was not put in is known only to whoever builds. */
function interpolated(value: unknown): unknown {
  return typeof value === "string" && value.includes("${") ? UNKNOWN : value;
}

function contextsOf(place: Node): unknown {
  if (!Array.isArray(place.value)) return place.value;
  return Object.fromEntries((place.value as readonly unknown[]).map((text) => [typeof text === "string" ? (text.split("=")[0] ?? "") : "", true]));
}
