import type { Instruction } from "./instruction";
import type { ParsedDockerfile } from "./parse";
import type { Expansion, GivenArguments } from "./variables";
import { declare, globalVariables, Variables } from "./variables";

/** What a Dockerfile is built with beside its text. */
export interface BuildInputs {
  readonly args?: GivenArguments;
  /** The stage that is wanted; default the last. */
  readonly target?: string;
  /** Names of FROM and --from that something else is put in place of. */
  readonly contexts?: ReadonlySet<string>;
}

export interface Stage {
  readonly index: number;
  /** In lower case; empty where it has none. */
  readonly name: string;
  readonly from: Instruction;
  /** The name of the base, its variables put in. */
  readonly base: Expansion;
  /** The stage that it stands on. */
  readonly parent: Stage | undefined;
  readonly isScratch: boolean;
  /** Whether something that is given from outside takes its place, or its base's. */
  readonly replaced: boolean;
  /** What the stage that it stands on defers (ONBUILD), then its own. */
  readonly instructions: readonly Instruction[];
  /** Variables once all of it is done. */
  readonly variables: Variables;
  /** The user that RUN, and in the end the image, has: the last USER here, or of the stage it stands on. */
  readonly user: { readonly instruction: Instruction; readonly name: Expansion } | undefined;
}

/** Where an image of a registry is named: as a base, as what a step copies or mounts, or as the frontend that reads the Dockerfile. */
export type SourceKind = "base" | "copy" | "mount" | "frontend";

export interface ExternalImage {
  readonly kind: SourceKind;
  readonly name: Expansion;
  /** Undefined for the frontend. */
  readonly instruction: Instruction | undefined;
  /** Only a build that stands on this image asks for it (ONBUILD). */
  readonly deferred: boolean;
}

export interface BuildPlan {
  readonly stages: readonly Stage[];
  /** What is built; undefined where there is no such stage. */
  readonly target: Stage | undefined;
  /** What the target stands on or takes from, itself included. */
  readonly reachable: ReadonlySet<Stage>;
  readonly images: readonly ExternalImage[];
}

/** Beyond these, stages are not told apart; nobody has that many. */
export const maxStages = 1000;

/** The stages of a Dockerfile and the images from outside that its target needs (dockerfile2llb/convert.go). */
export function planBuild({ instructions, escape: token, directives }: ParsedDockerfile, { args = new Map(), target, contexts = new Set() }: BuildInputs = {}): BuildPlan {
  const stages = stagesOf(instructions, token, { args, contexts, ...(target === undefined ? {} : { target }) });
  const byName = new Map(stages.filter(({ name }) => name !== "").map((stage) => [stage.name, stage]));
  const wanted = target === undefined || target === "" ? stages.at(-1) : byName.get(target.toLowerCase());
  const reachable = new Set<Stage>();
  const images: ExternalImage[] = [];
  const visit = (stage: Stage): void => {
    if (reachable.has(stage)) return;
    reachable.add(stage);
    if (stage.replaced) return;
    if (stage.parent !== undefined) visit(stage.parent);
    else if (!stage.isScratch) images.push({ kind: "base", name: stage.base, instruction: stage.from, deferred: false });
    for (const instruction of stage.instructions) {
      for (const { kind, from } of sourcesOf(instruction.trigger ?? instruction)) {
        const source = (kind === "copy" && /^[+-]?\d+$/.test(from) ? stages[Number(from)] : undefined) ?? byName.get(from.toLowerCase());
        if (source !== undefined) {
          if (instruction.trigger === undefined) visit(source);
        } else if (from !== "scratch" && !isReplaced(from, contexts)) images.push({ kind, name: { text: from }, instruction, deferred: instruction.trigger !== undefined });
      }
    }
  };
  if (wanted !== undefined) visit(wanted);
  const frontend = frontendOf(directives.get("syntax")?.text, args);
  return { stages, target: wanted, reachable, images: frontend === undefined ? images : [frontend, ...images] };
}

/** `BUILDKIT_SYNTAX` comes before what the file says itself. */
function frontendOf(syntax: string | undefined, args: GivenArguments): ExternalImage | undefined {
  const isGiven = args.has("BUILDKIT_SYNTAX");
  const text = isGiven ? args.get("BUILDKIT_SYNTAX") : syntax?.split(" ")[0];
  if (!isGiven && text === undefined) return undefined;
  const name = text === undefined ? { reason: "depends on the build argument BUILDKIT_SYNTAX, whose value is not known here" } : { text };
  return { kind: "frontend", name, instruction: undefined, deferred: false };
}

function stagesOf(instructions: readonly Instruction[], token: string, { args = new Map(), target, contexts = new Set() }: BuildInputs): readonly Stage[] {
  const first = instructions.findIndex(({ keyword }) => keyword === "FROM");
  const outer = globalVariables(first < 0 ? instructions : instructions.slice(0, first), args, target, token);
  const starts = instructions.flatMap(({ keyword }, index) => (keyword === "FROM" ? [index] : []));
  const stages: Stage[] = [];
  const byName = new Map<string, Stage>();
  for (const [index, start] of starts.slice(0, maxStages).entries()) {
    const stage = stageOf(index, instructions[start] as Instruction, instructions.slice(start + 1, starts[index + 1]), { outer, args, token, byName, contexts });
    stages.push(stage);
    if (stage.name !== "") byName.set(stage.name, stage);
  }
  return stages;
}

interface Surroundings {
  readonly outer: Variables;
  readonly args: GivenArguments;
  readonly token: string;
  readonly byName: ReadonlyMap<string, Stage>;
  readonly contexts: ReadonlySet<string>;
}

function stageOf(index: number, from: Instruction, own: readonly Instruction[], { outer, args, token, byName, contexts }: Surroundings): Stage {
  const [written = "", as, alias = ""] = from.args;
  const isForm = from.args.length === 1 || (from.args.length === 3 && as?.toLowerCase() === "as");
  const base = isForm ? blankless(outer.expand(written, token)) : { reason: "is not FROM with a name, or with a name, AS and a stage" };
  const name = isForm ? alias.toLowerCase() : "";
  const parent = "text" in base ? byName.get(base.text) : undefined;
  const instructions = [...(parent?.instructions ?? []).flatMap(({ trigger }) => trigger ?? []), ...own];
  const isScratch = parent === undefined && "text" in base && base.text === "scratch";
  const replaced = (name !== "" && contexts.has(name)) || (parent === undefined && "text" in base && isReplaced(base.text, contexts));
  const variables = parent === undefined ? new Variables(undefined, isScratch ? undefined : "depends on a variable that the base image may set") : new Variables(parent.variables);
  let user = replaced ? undefined : parent?.user;
  for (const instruction of instructions) {
    const { keyword, args: words } = instruction;
    if (keyword === "ARG") for (const argument of words) declare(argument, variables, args, token, outer);
    else if (keyword === "ENV") setAll(words, variables, token);
    else if (keyword === "USER" && words[0] !== undefined) user = { instruction, name: variables.expand(words[0], token) };
  }
  return { index, name, from, base, parent, isScratch, replaced, instructions, variables, user };
}

function blankless(base: Expansion): Expansion {
  return "text" in base && base.text === "" ? { reason: "names nothing without a build argument" } : base;
}

/** All of an ENV see the variables as they were before it. */
function setAll(words: readonly string[], variables: Variables, token: string): void {
  const values: [string, Expansion][] = [];
  for (let index = 0; index + 1 < words.length; index += 3) values.push([words[index] ?? "", variables.expand(words[index + 1] ?? "", token)]);
  for (const [name, value] of values) variables.set(name, value);
}

/** A context is known by the name as it is written, or without docker.io, library and latest. */
function isReplaced(name: string, contexts: ReadonlySet<string>): boolean {
  if (contexts.size === 0 || name === "scratch") return false;
  const familiar = name.replace(/^(index\.)?docker\.io\//, "").replace(/^library\//, "");
  return [name, familiar, familiar.replace(/:latest$/, "")].some((form) => contexts.has(form) || contexts.has(form.toLowerCase()));
}

/** What a step takes from somewhere else than the build context. Variables are not expanded there. */
export function sourcesOf({ keyword, flags }: Instruction): readonly { readonly kind: "copy" | "mount"; readonly from: string }[] {
  if (keyword === "COPY") {
    const from = flags.find((flag) => flag.startsWith("--from="))?.slice("--from=".length) ?? "";
    return from === "" ? [] : [{ kind: "copy", from }];
  }
  if (keyword !== "RUN") return [];
  return mountsOf(flags).flatMap((mount) => {
    const from = mount.get("from") ?? "";
    return from === "" ? [] : [{ kind: "mount" as const, from }];
  });
}

/** The mounts of a RUN: their options by name. */
export function mountsOf(flags: readonly string[]): readonly ReadonlyMap<string, string>[] {
  return flags.filter((flag) => flag.startsWith("--mount=")).map((flag) => new Map(fields(flag.slice("--mount=".length)).map((text): [string, string] => {
    const equals = text.indexOf("=");
    return equals < 0 ? [text.toLowerCase(), ""] : [text.slice(0, equals).toLowerCase(), text.slice(equals + 1)];
  })));
}

/** Fields between commas, which may be quoted as in CSV. */
function fields(text: string): readonly string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) found.push(match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'));
  return found;
}
