import type { Instruction } from "../dockerfile/instruction";
import type { BuildPlan, Stage } from "../dockerfile/stages";
import type { Field, Path } from "../field";
import { elsewhere, known, mapField, unknown, unset } from "../field";
import { parseImage } from "../image-reference";
import type { BuiltImage } from "../model/dockerfile";
import type { Resource } from "../model/subject";
import { startsSshServer } from "./commands";
import { pairsOf, scriptOf, unquoted } from "./dockerfile-steps";

/** The path at which an instruction stands. */
export type PathOf = (instruction: Instruction) => Path;

/** The image that is made of the target; undefined where something else takes its place. */
export function builtImage({ target }: BuildPlan, resource: Resource, label: string, pathOf: PathOf): BuiltImage | undefined {
  if (target === undefined || target.replaced) return undefined;
  const chain = chainOf(target);
  const path = pathOf(target.from);
  const user = userOf(target, pathOf);
  const instructions = chain.flatMap((stage) => stage.instructions);
  const bottom = chain[0] ?? target;
  return {
    about: "builtImage", resource, label, path, user,
    nonRoot: inBase(chain, path, mapField(user, () => true)),
    healthcheck: healthcheck(chain, pathOf, path),
    ports: ports(instructions, target, pathOf, path),
    startsSshServer: startsServer(instructions, pathOf, path),
    labels: labelNames(chain, path),
    malformedLabels: malformed(instructions, target, pathOf, path),
    buildTools: toolchain(bottom, pathOf),
  };
}

/** From the first stage to the one that is built. */
export function chainOf(target: Stage): readonly Stage[] {
  const chain: Stage[] = [];
  for (let stage: Stage | undefined = target; stage !== undefined; stage = stage.parent) chain.unshift(stage);
  return chain;
}

/** What takes the place of a base may say what is left out here. */
function inBase<T>(chain: readonly Stage[], path: Path, field: Field<T>): Field<T> {
  return field.state !== "value" && chain.some(({ replaced }) => replaced) ? elsewhere(path, "may be said by what takes the place of the base") : field;
}

function userOf({ user, from }: Stage, pathOf: PathOf): Field<string> {
  if (user === undefined) return unset(pathOf(from));
  const { name, instruction } = user;
  const path = pathOf(instruction);
  // `USER $NAME:0` and the like: nobody knows before the build.
  return "reason" in name ? unknown(path, name.reason) : name.text === "" ? unset(path) : known(name.text, path);
}

function healthcheck(chain: readonly Stage[], pathOf: PathOf, path: Path): Field<boolean> {
  const last = chain.flatMap(({ instructions }) => instructions).findLast(({ keyword }) => keyword === "HEALTHCHECK");
  if (last === undefined) return inBase(chain, path, unset(path));
  return known(last.args[0]?.toUpperCase() !== "NONE", pathOf(last));
}

function ports(instructions: readonly Instruction[], { variables }: Stage, pathOf: PathOf, path: Path): Field<readonly number[]> {
  const found: { readonly port: number; readonly path: Path }[] = [];
  let open: { readonly path: Path; readonly reason: string } | undefined;
  for (const instruction of instructions) {
    if (instruction.keyword !== "EXPOSE") continue;
    for (const word of instruction.args) {
      const value = variables.expand(word, "\\");
      if ("reason" in value) open ??= { path: pathOf(instruction), reason: value.reason };
      else for (const port of portsOf(value.text)) found.push({ port, path: pathOf(instruction) });
    }
  }
  // The path is that of the port that anybody minds first.
  const place = found.find(({ port }) => port === 22)?.path ?? found[0]?.path ?? path;
  if (open !== undefined && found.length === 0) return unknown(open.path, open.reason);
  return { ...known(found.map(({ port }) => port), place), ...(open === undefined ? {} : { partial: true, reason: open.reason }) };
}

function portsOf(text: string): readonly number[] {
  const [, first = "", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/\w+)?$/.exec(text) ?? [];
  if (first === "" || Number(last) - Number(first) > 65535) return [];
  return Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, index) => Number(first) + index);
}

function startsServer(instructions: readonly Instruction[], pathOf: PathOf, path: Path): Field<boolean> {
  const commands = ["ENTRYPOINT", "CMD"].flatMap((keyword) => instructions.findLast((instruction) => instruction.keyword === keyword) ?? []);
  const lines = commands.map((instruction) => known([scriptOf(instruction) ?? ""], pathOf(instruction)));
  return lines.length === 0 ? known(false, path) : startsSshServer(lines);
}

function labelNames(chain: readonly Stage[], path: Path): Field<readonly string[]> {
  const value = labelsOf(chain.flatMap(({ instructions }) => instructions)).map(({ name }) => name);
  const open = chain.some(({ replaced }) => replaced);
  return { state: "value", value, path, to: () => undefined, ...(open ? { partial: true, reason: "may have labels of what takes the place of the base" } : {}) };
}

function labelsOf(instructions: readonly Instruction[]): readonly { readonly name: string; readonly value: string; readonly instruction: Instruction }[] {
  return instructions.filter(({ keyword }) => keyword === "LABEL").flatMap((instruction) => pairsOf(instruction.args).map(([name, value]) => ({ name: unquoted(name), value, instruction })));
}

const opencontainers = "org.opencontainers.image.";
const address = /^https?:\/\/[^\s/]+(\/\S*)?$/;
const source = /^(https?|git|ssh):\/\/\S+$|^[\w.-]+@[\w.-]+:\S+$/;
/** Forms that the OCI image specification asks for (annotations.md). */
const forms: { readonly [name: string]: RegExp } = {
  created: /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
  url: address, documentation: address, source,
  licenses: /^\(*[\w.+-]+\)*(\s+(AND|OR|WITH)\s+\(*[\w.+-]+\)*)*$/,
  "base.digest": /^sha256:[a-f0-9]{64}$/,
};
/** Names that Docker keeps for itself, and the form of every other. */
const reserved = /^(com\.docker|io\.docker|org\.dockerproject)\./;
const labelName = /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/;

function malformed(instructions: readonly Instruction[], { variables }: Stage, pathOf: PathOf, path: Path): Field<readonly string[]> {
  const found: string[] = [];
  let place: Path | undefined;
  let open: string | undefined;
  for (const { name, value, instruction } of labelsOf(instructions)) {
    const form = name.startsWith(opencontainers) ? forms[name.slice(opencontainers.length)] : undefined;
    const text = variables.expand(value, "\\");
    const isBadName = name.length < 256 && !name.includes("$") && !(labelName.test(name.toLowerCase()) && !reserved.test(name));
    if (form !== undefined && "reason" in text) open ??= text.reason;
    if (!isBadName && (form === undefined || "reason" in text || (text.text.length < 1000 && form.test(text.text)))) continue;
    found.push(name);
    place ??= pathOf(instruction);
  }
  if (found.length === 0 && open !== undefined) return unknown(path, open);
  return { ...known([...new Set(found)], place ?? path), ...(open === undefined ? {} : { partial: true, reason: open }) };
}

/** Images that are there to build with, by their repository and, where one has both kinds, their tag. */
const toolchains: readonly (readonly [repository: RegExp, tag?: RegExp])[] = [
  [/^docker\.io\/library\/(golang|rust|gcc|maven|gradle|buildpack-deps|haskell|sbt)$/], [/^mcr\.microsoft\.com\/dotnet\/(core\/)?sdk$/], [/(^|\/)dotnet\/sdk$/],
  [/^docker\.io\/library\/(eclipse-temurin|amazoncorretto|openjdk|ibm-semeru-runtimes|sapmachine)$/, /(^|-)(jdk|open-\d+-jdk)(-|$)|^\d+(\.\d+)*$/],
];

/** Only of the image itself: what a stage is built with does not stay. */
function toolchain({ base, from, isScratch, replaced }: Stage, pathOf: PathOf): Field<readonly string[]> {
  const path = pathOf(from);
  if (isScratch || replaced) return known([], path);
  if ("reason" in base) return unknown(path, base.reason);
  const image = parseImage(base.text);
  if (image.kind !== "name") return known([], path);
  const { domain, path: repository, tag = "latest" } = image.reference;
  const name = `${domain}/${repository}`;
  return known(toolchains.some(([names, tags]) => names.test(name) && tags?.test(tag) !== false) ? [name] : [], path);
}
