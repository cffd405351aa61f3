import type { Instruction } from "../dockerfile/instruction";
import type { Comment, ParsedDockerfile } from "../dockerfile/parse";
import { parseDockerfile } from "../dockerfile/parse";
import type { BuildInputs, BuildPlan, Stage } from "../dockerfile/stages";
import { maxStages, planBuild } from "../dockerfile/stages";
import { expand } from "../dockerfile/words";
import { Unexpandable } from "../dockerfile/pattern";
import { exemptionPrefix, readExemptions } from "../exemption/read";
import type { Path, PlainObject } from "../field";
import { isObject, UNKNOWN, unknown } from "../field";
import { formatReference, parseImage } from "../image-reference";
import type { About, Image, Model, NotExamined, Resource, Subject } from "../model/subject";
import { at, isUnset, members, node } from "../node";
import type { Node } from "../node";
import type { Address } from "./common";
import { imageSubject } from "./common";
import { builtImage, chainOf } from "./dockerfile-image";
import { isAbsolute, stepOf } from "./dockerfile-steps";

/** Stands in the place of a type token for a Dockerfile. */
export const dockerfileType = "dockerfile";

const everything: readonly About[] = ["buildStep", "builtImage", "image"];

export interface DockerfileText {
  readonly document: PlainObject;
  /** The line and the column at which each instruction begins, 1-based. */
  readonly lines: readonly number[];
  readonly columns: readonly number[];
  /** The lines of what stands beside the instructions: `syntax`, `exemptions/NAME`. */
  readonly places: ReadonlyMap<string, number>;
}

/** The text of a Dockerfile as a document, or why it is none: each instruction as it is written, and what stands beside them. */
export function dockerfileDocument(text: string): DockerfileText | { readonly error: { readonly line: number; readonly reason: string } } {
  const parsed = parseDockerfile(text);
  if ("error" in parsed) return parsed;
  const rows = text.replace(/^\ufeff/, "").split("\n");
  const syntax = parsed.directives.get("syntax")?.text;
  const exemptions = exemptionsOf(parsed);
  const document = {
    ...(syntax === undefined ? {} : { syntax }),
    ...(parsed.escape === "\\" ? {} : { escape: parsed.escape }),
    ...(exemptions === undefined ? {} : { exemptions }),
    instructions: parsed.instructions.map(({ startLine, endLine }) => rows.slice(startLine - 1, endLine).map((row) => row.replace(/\r$/, "")).join("\n")),
  };
  const lines = parsed.instructions.map(({ startLine }) => startLine);
  const columns = lines.map((line) => (rows[line - 1] ?? "").search(/\S|$/) + 1);
  const directives = [...parsed.directives].map(([name, { line }]) => [name, line] as const);
  const comments = parsed.comments.filter(isExemption).map(({ text: comment, line }) => [`exemptions/${assignmentOf(comment)[0]}`, line] as const);
  return { document, lines, columns, places: new Map([...directives, ...comments]) };
}

/** Comments such as `# exempt.bulkhead.dev/no-sudo: owner=...; expires=...; reason=...`. */
function exemptionsOf({ comments }: ParsedDockerfile): { readonly [name: string]: string } | undefined {
  const found = comments.filter(isExemption).map(({ text }) => assignmentOf(text));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function isExemption({ text }: Comment): boolean {
  return text.startsWith(exemptionPrefix);
}

function assignmentOf(text: string): readonly [string, string] {
  const end = text.indexOf(":");
  return end < 0 ? [text, ""] : [text.slice(0, end).trim(), text.slice(end + 1).trim()];
}

/** A Dockerfile as `dockerfileDocument` gives it, with what it is built with: args, target, contexts, ignores. */
export function readDockerfile(document: unknown, { name = "(unnamed)", urn }: Address = {}): readonly Model[] {
  const resource: Resource = { platform: "dockerfile", kind: "Dockerfile", name, ...(urn === undefined ? {} : { urn }) };
  return [modelOf(node(document), resource, `Dockerfile "${name}"`)];
}

/** What a Dockerfile says, judged with a build: `place` is where the build names it, `label` what it is called. */
export function modelOf(place: Node, resource: Resource, label: string, pathOf?: (index: number) => Path): Model {
  const list = at(place, "instructions");
  const { items, unknown: open } = members(list);
  const { exemptions, holes } = readExemptions(at(place, "exemptions"), resource, label);
  const base = { resource, notExamined: [], exemptions, holdsContainers: true };
  const hole = (path: Path, reason?: string): Model => ({ ...base, subjects: [], holes: [...holes, { about: everything, resource, label, path, ...(reason === undefined ? {} : { reason }) }] });
  if (open || isUnset(list)) return hole(list.path);
  const missing = items.find(({ value }) => typeof value !== "string");
  if (missing !== undefined) return hole(missing.path);
  const target = at(place, "target");
  if (!isUnset(target) && typeof target.value !== "string") return hole(target.path, "names the stage, and cannot be known yet");
  const contexts = at(place, "contexts");
  if (!isUnset(contexts) && !isObject(contexts.value)) return hole(contexts.path);
  const given = argumentsOf(at(place, "args"));
  if (given === undefined) return hole(at(place, "args").path);
  const source = sourceOf(place, items.map(({ value }) => value as string));
  const parsed = parseDockerfile(source.text);
  if ("error" in parsed) return hole(list.path, `is no Dockerfile: ${parsed.error.reason}, on line ${parsed.error.line - source.offset}`);
  const inputs: BuildInputs = { args: given, contexts: new Set(Object.keys((contexts.value ?? {}) as object)), ...(typeof target.value === "string" ? { target: target.value } : {}) };
  const plan = planBuild(parsed, inputs);
  if (plan.stages.length >= maxStages) return hole(list.path, `has more than ${maxStages - 1} stages`);
  if (plan.target === undefined) return hole(typeof target.value === "string" ? target.path : list.path, "names no stage of the Dockerfile");
  const ignores = at(place, "ignores").value;
  const reader = new Reader(place, resource, label, plan, parsed, {
    paths: pathOf ?? ((index) => [...list.path, index]), editable: pathOf === undefined, indexOf: source.indexOf, lines: at(place, "lines").value, ignores: typeof ignores === "boolean" ? ignores : undefined,
  });
  return { ...base, subjects: reader.subjects(), holes, notExamined: reader.notExamined() };
}

/** Values by name; of one that is not known the name. Undefined where nobody knows the names. */
function argumentsOf(place: Node): Map<string, string | undefined> | undefined {
  if (isUnset(place)) return new Map();
  if (!isObject(place.value)) return undefined;
  return new Map(Object.entries(place.value).filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => [name, value === UNKNOWN || typeof value === "object" ? undefined : String(value)]));
}

interface Source {
  readonly text: string;
  /** Lines that stand before the first instruction. */
  readonly offset: number;
  readonly indexOf: (line: number) => number;
}

/** The instructions as one text, so that what one leaves open goes on in the next as it would in the file. */
function sourceOf(place: Node, texts: readonly string[]): Source {
  const syntax = at(place, "syntax").value;
  const token = at(place, "escape").value;
  const directives = [...(typeof syntax === "string" && syntax !== "" ? [`# syntax=${syntax.replaceAll("\n", " ")}`] : []), ...(token === "`" ? ["# escape=`"] : [])];
  const starts: number[] = [];
  let line = directives.length + 1;
  for (const text of texts) {
    starts.push(line);
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) line += 1;
    line += 1;
  }
  const indexOf = (wanted: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return { text: [...directives, ...texts].join("\n"), offset: directives.length, indexOf };
}

interface Positions {
  readonly paths: (index: number) => Path;
  readonly indexOf: (line: number) => number;
  /** The line of each instruction in the file, where that is known. */
  readonly lines: unknown;
  readonly ignores: boolean | undefined;
  readonly editable: boolean;
}

const keywords = new Set(["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"]);

class Reader {
  private readonly place: Node;
  private readonly resource: Resource;
  private readonly label: string;
  private readonly plan: BuildPlan;
  private readonly parsed: ParsedDockerfile;
  private readonly positions: Positions;
  /** Arguments that stand before the first FROM. */
  private readonly declared: ReadonlySet<string>;

  constructor(place: Node, resource: Resource, label: string, plan: BuildPlan, parsed: ParsedDockerfile, positions: Positions) {
    this.place = place;
    this.resource = resource;
    this.label = label;
    this.plan = plan;
    this.parsed = parsed;
    this.positions = positions;
    const { instructions } = parsed;
    const before = instructions.slice(0, Math.max(0, instructions.findIndex(({ keyword }) => keyword === "FROM")));
    this.declared = new Set(before.filter(({ keyword }) => keyword === "ARG").flatMap(({ args }) => args.map((argument) => argument.split("=")[0] ?? "")));
  }

  subjects(): readonly Subject[] {
    const image = builtImage(this.plan, this.resource, this.label, (instruction) => this.pathOf(instruction));
    return [...(image === undefined ? [] : [image]), ...this.steps(), ...this.images()];
  }

  /** Instructions that BuildKit itself does not know: another frontend may. */
  notExamined(): readonly NotExamined[] {
    const strange = this.parsed.instructions.find(({ keyword }) => !keywords.has(keyword));
    if (strange === undefined) return [];
    return [{ resource: this.resource, path: this.pathOf(strange), reason: "an instruction that is none of a Dockerfile's" }];
  }

  private pathOf({ startLine }: Instruction): Path {
    return this.positions.paths(this.positions.indexOf(startLine));
  }

  private labelOf(instruction: Instruction): string {
    const index = this.positions.indexOf(instruction.startLine);
    const line: unknown = Array.isArray(this.positions.lines) ? this.positions.lines[index] : undefined;
    return typeof line === "number" ? `${instruction.keyword} on line ${line} of ${this.label}` : `${instruction.keyword} of ${this.label}`;
  }

  private *steps(): Generator<Subject> {
    const { stages, target, reachable } = this.plan;
    const inImage = new Set(target === undefined ? [] : chainOf(target));
    const names = new Set<string>();
    // What a stage says holds in those that stand on it.
    const said = new Map<Stage, { readonly inFolder: boolean; readonly hasShell: boolean }>();
    for (const stage of stages) {
      const stageName = names.has(stage.name) && stage.name !== "" ? "duplicate" : stage.name === "scratch" || stage.name === "context" ? "reserved" : undefined;
      names.add(stage.name);
      yield this.step(stage.from, stage, { inImage: inImage.has(stage), stageName, undeclared: this.undeclaredBy(stage) });
      let { inFolder, hasShell } = (stage.parent === undefined ? undefined : said.get(stage.parent)) ?? { inFolder: false, hasShell: false };
      const last = new Map(stage.instructions.map((instruction) => [instruction.keyword, instruction]));
      for (const written of stage.instructions) {
        const instruction = written.trigger ?? written;
        const superseded = ["CMD", "ENTRYPOINT", "HEALTHCHECK"].includes(written.keyword) && last.get(written.keyword) !== written;
        if (keywords.has(instruction.keyword) && reachable.has(stage) && !stage.replaced) yield this.step(instruction, stage, { inImage: inImage.has(stage), superseded, hasShell, inFolder });
        if (written.keyword === "SHELL") hasShell = true;
        if (written.keyword === "WORKDIR" && isAbsolute(written.args[0] ?? "")) inFolder = true;
      }
      said.set(stage, { inFolder, hasShell });
    }
  }

  private step(instruction: Instruction, stage: Stage, said: { readonly inImage: boolean; readonly superseded?: boolean; readonly hasShell?: boolean; readonly inFolder?: boolean; readonly stageName?: string | undefined; readonly undeclared?: readonly string[] }): Subject {
    const { superseded = false, hasShell = false, inFolder = false, stageName, undeclared = [], inImage } = said;
    return stepOf({
      resource: this.resource, label: this.labelOf(instruction), path: this.pathOf(instruction), instruction, stage, token: this.parsed.escape,
      inImage, superseded, hasShell, inFolder, stageName, undeclared, ignores: this.positions.ignores, editable: this.positions.editable,
    });
  }

  /** Variables of a FROM that nothing declares, and that have no default in it. */
  private undeclaredBy({ from }: Stage): readonly string[] {
    const words = [...from.args.slice(0, 1), ...from.flags.filter((flag) => flag.startsWith("--platform=")).map((flag) => flag.slice("--platform=".length))];
    const unset = words.flatMap((word) => [...unsetIn(word, this.parsed.escape)]);
    return [...new Set(unset)].filter((name) => !this.declared.has(name) && !/^(BUILD|TARGET)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)$|^TARGETSTAGE$/.test(name));
  }

  /** One for each image, a base before what is only copied from. */
  private images(): readonly Subject[] {
    const found = new Map<string, Image>();
    const bases = [...this.plan.images].sort((a, b) => Number(b.kind === "base") - Number(a.kind === "base"));
    const unknownFrontend = at(this.place, "syntax").value === UNKNOWN && !bases.some(({ kind }) => kind === "frontend") ? [{ kind: "frontend", name: { reason: "cannot be known yet" }, instruction: undefined } as const] : [];
    for (const { kind, name, instruction } of [...bases, ...unknownFrontend]) {
      const path = instruction === undefined ? at(this.place, "syntax").path : this.pathOf(instruction);
      const text = "text" in name ? name.text : undefined;
      const label = instruction === undefined ? `the frontend of ${this.label}` : `the image of ${this.labelOf(instruction)}`;
      const subject = imageSubject(this.resource, label, kind === "base" ? "base" : "pull", { path, value: text ?? UNKNOWN, partial: undefined });
      const open = "reason" in name ? { registry: unknown<never>(path, name.reason), version: unknown<never>(path, name.reason) } : {};
      const key = text === undefined ? path.join(" ") : keyOf(text);
      if (!found.has(key)) found.set(key, { ...subject, ...open });
    }
    return [...found.values()];
  }
}

function keyOf(text: string): string {
  const image = parseImage(text);
  return image.kind === "name" ? formatReference(image.reference) : text;
}

function unsetIn(word: string, token: string): ReadonlySet<string> {
  try {
    return expand(word, () => undefined, { escape: token }).unset;
  } catch (error) {
    if (error instanceof Unexpandable) return new Set();
    throw error;
  }
}
