import { passwords, turnsVerificationOff, uncheckedDownloads, unverified } from "../dockerfile/commands";
import type { Instruction } from "../dockerfile/instruction";
import { heredocOf } from "../dockerfile/instruction";
import { buildTools, keptCaches, loneUpdates, unpinned, usesOf } from "../dockerfile/packages";
import type { Call } from "../dockerfile/shell";
import { callOf, commandsOf } from "../dockerfile/shell";
import type { Stage } from "../dockerfile/stages";
import { mountsOf } from "../dockerfile/stages";
import type { Field, Path } from "../field";
import { known, unknown } from "../field";
import type { BuildStep } from "../model/dockerfile";
import type { Resource } from "../model/subject";
import { put } from "../node";
import { pipesDownload, runsSudo, secretArguments } from "./commands";
import { credentialFiles, isPlainAdd, wholeCopy } from "./dockerfile-copy";
import { asCopy, asList, present } from "./dockerfile-rewrite";
import { looksSecret, namesSecret } from "./secrets";

/** Where an instruction stands, and what surrounds it. */
export interface Place {
  readonly resource: Resource;
  readonly label: string;
  readonly path: Path;
  readonly instruction: Instruction;
  readonly stage: Stage;
  readonly token: string;
  readonly inImage: boolean;
  /** Whether a later instruction of the stage takes its place. */
  readonly superseded: boolean;
  /** Whether the stage says a shell of its own before. */
  readonly hasShell: boolean;
  /** Whether a WORKDIR before, of the stage or of one it stands on, is absolute. */
  readonly inFolder: boolean;
  readonly stageName: string | undefined;
  readonly undeclared: readonly string[];
  /** Whether the instruction stands in the document that is judged, not in a text or a file that it names. */
  readonly editable: boolean;
  /** Whether a file says what of the build context is left out; undefined where nobody knows. */
  readonly ignores: boolean | undefined;
}

const none: readonly string[] = [];

export function stepOf(place: Place): BuildStep {
  const { resource, label, path, instruction, inImage, superseded } = place;
  const { keyword, args, original } = instruction;
  const script = scriptOf(instruction);
  const facts = script === undefined ? undefined : factsOf(place, script);
  const list = (found: readonly string[] | undefined, open = false): Field<readonly string[]> => ({ ...known(found ?? none, path), ...(open ? { partial: true, reason: "names something by a variable" } : {}) });
  const said = (value: string | undefined): Field<string> => (value === undefined ? { state: "unset", path, to: () => undefined } : known(value, path));
  const words = script === undefined ? [] : [known([script], path)];
  // Of what stands on several lines, comments and all, a rewriting would keep one.
  const rewritten = (text: string | undefined) => (): ReturnType<Field<never>["to"]> => (text === undefined || !place.editable || instruction.startLine !== instruction.endLine ? undefined : put(path)(text));
  const deprecated = present(instruction);
  const isShell = (keyword === "CMD" || keyword === "ENTRYPOINT") && !instruction.json && args.length > 0 && !place.hasShell;
  return {
    about: "buildStep", resource, label, path, keyword, inImage,
    runsSudo: words.length === 0 ? known(false, path) : facts?.installsSudo === true ? known(true, path) : runsSudo(words),
    pipesDownload: words.length === 0 ? known(false, path) : pipesDownload(words),
    secretVariables: list([...(keyword === "ENV" ? secretPairs(args) : none), ...(script === undefined ? none : [...secretArgumentsOf(script, path), ...(facts?.secrets ?? none)])]),
    secretArguments: list(keyword === "ARG" ? args.map((argument) => argument.split("=")[0] ?? "").filter((name, index) => isSecret(name, (args[index] ?? "").slice(name.length + 1))) : none),
    credentialFiles: list(credentialFiles(instruction)),
    addsFiles: { ...known(isPlainAdd(instruction), path), to: rewritten(asCopy(original)) },
    uncheckedDownloads: list(keyword === "ADD" ? uncheckedAdd(instruction) : facts?.downloads),
    unverified: list(keyword === "ENV" ? pairsOf(args).filter(([name, value]) => turnsVerificationOff(name, unquoted(value))).map(([name]) => name) : facts?.unverified),
    loneUpdates: list(facts?.loneUpdates),
    keptCaches: list(inImage ? facts?.keptCaches : none),
    unpinnedPackages: list(facts?.unpinned.names, facts?.unpinned.open),
    passwords: list(facts?.passwords),
    buildTools: list(inImage ? facts?.buildTools : none),
    shellForm: { ...known(isShell, path), to: rewritten(asList(instruction)) },
    relativeFolder: keyword === "WORKDIR" ? relative(place) : known(false, path),
    deprecatedForm: { ...said(deprecated?.form), to: rewritten(deprecated?.text) },
    superseded: { ...known(superseded, path), to: () => (place.editable ? [{ op: "remove", path }] : undefined) },
    stageName: said(place.stageName),
    undeclaredVariables: list(place.undeclared),
    copiesWhole: wholeCopy(place),
  };
}

/** The text that a shell runs, or undefined for what runs nothing. */
export function scriptOf({ keyword, args, json, heredocs }: Instruction): string | undefined {
  if (keyword === "RUN" || keyword === "CMD" || keyword === "ENTRYPOINT") {
    const line = json ? args.map(quoted).join(" ") : (args[0] ?? "");
    const [first] = heredocs;
    // A heredoc that stands alone is the script; else it is what a program is given.
    return first === undefined ? line : heredocOf(line.trim()) === undefined ? [line, ...heredocs.map(({ content }) => content)].join("\n") : first.content;
  }
  return keyword === "HEALTHCHECK" && args[0]?.toUpperCase() === "CMD" ? args.slice(1).map(json ? quoted : (word) => word).join(" ") : undefined;
}

/** `sh -c TEXT` runs the text. */
function quoted(word: string, index: number, words: readonly string[]): string {
  return index > 0 && /^-\w*c$/.test(words[index - 1] ?? "") ? `\n${word}\n` : /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

interface Facts {
  readonly downloads: readonly string[];
  readonly unverified: readonly string[];
  readonly loneUpdates: readonly string[];
  readonly keptCaches: readonly string[];
  readonly unpinned: { readonly names: readonly string[]; readonly open: boolean };
  readonly passwords: readonly string[];
  readonly buildTools: readonly string[];
  readonly secrets: readonly string[];
  readonly installsSudo: boolean;
}

function factsOf({ instruction: { flags, keyword } }: Place, script: string): Facts {
  const commands = commandsOf(script);
  const calls: readonly Call[] = commands.map(callOf);
  const uses = keyword === "RUN" ? usesOf(calls) : [];
  const mounted = mountsOf(flags).flatMap((mount) => mount.get("target") ?? mount.get("dst") ?? mount.get("destination") ?? []);
  const removesVirtual = uses.some(({ family, does }) => family === "apk" && does === "remove");
  return {
    downloads: keyword === "RUN" ? uncheckedDownloads(commands, calls, script) : none,
    unverified: unverified(calls, script),
    loneUpdates: loneUpdates(uses),
    keptCaches: keptCaches(uses, calls, mounted),
    unpinned: unpinned(uses),
    passwords: passwords(calls),
    installsSudo: uses.some(({ does, packages }) => does === "install" && packages.some((name) => /^(sudo|doas|opendoas)([=<>~:-]|$)/.test(name))),
    buildTools: buildTools(uses, ({ family, words }) => family === "apk" && removesVirtual && words.some((word) => /^(-t|--virtual(=.*)?)$/.test(word))),
    secrets: calls.filter(({ program }) => program === "export" || program === "").flatMap(({ assignments }) => assignments).map((text): [string, string] => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]).filter(([name, value]) => isLiteral(value) && looksSecret(name, value)).map(([name]) => name),
  };
}

function secretArgumentsOf(script: string, path: Path): readonly string[] {
  const found = secretArguments([known([script], path)], { path, value: undefined, partial: undefined });
  return found.state === "value" ? found.value : none;
}

/** Whether it is written down, not taken from a variable, a command or a file. */
function isLiteral(value: string): boolean {
  return value !== "" && !/^[$`]/.test(value);
}

export function pairsOf(args: readonly string[]): readonly (readonly [string, string])[] {
  return Array.from({ length: Math.floor(args.length / 3) }, (_, index) => [args[3 * index] ?? "", args[3 * index + 1] ?? ""] as const);
}

export function unquoted(value: string): string {
  return value.replace(/^(["'])(.*)\1$/s, "$2");
}

/** In an image a variable keeps what a build argument gave it, so its name is enough. */
function secretPairs(args: readonly string[]): readonly string[] {
  return pairsOf(args).filter(([name, value]) => unquoted(value) !== "" && isSecret(name, unquoted(value))).map(([name]) => name);
}

function isSecret(name: string, value: string): boolean {
  return looksSecret(name, value === "" || /\$/.test(value) ? "?" : unquoted(value)) && !(value === "" && !namesSecret(name));
}

function uncheckedAdd({ args, flags }: Instruction): readonly string[] {
  return args.slice(0, -1).some((source) => /^https?:\/\//i.test(source)) && !flags.some((flag) => flag.startsWith("--checksum=")) ? ["ADD"] : none;
}

function relative({ instruction, stage, token, path, inFolder }: Place): Field<boolean> {
  const folder = stage.variables.expand(instruction.args[0] ?? "", token);
  if (inFolder) return known(false, path);
  if ("reason" in folder) return /^\$/.test(instruction.args[0] ?? "") ? unknown(path, folder.reason) : known(!isAbsolute(instruction.args[0] ?? ""), path);
  return known(!isAbsolute(folder.text), path);
}

export function isAbsolute(folder: string): boolean {
  return /^(["']?)([\\/]|[A-Za-z]:)/.test(folder);
}
