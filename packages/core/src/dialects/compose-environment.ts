import type { Field } from "../field";
import { isObject, UNKNOWN, unknown, unset } from "../field";
import type { Node } from "../node";
import { at, isUnset, members } from "../node";
import { collected } from "./collected";
import { bothNames } from "./docker-resources";
import { fileIsSecret, looksSecret, namesSecret } from "./secrets";

/** One variable of an environment: a map's entry or a list's `NAME=value`; without a value it comes from whoever starts it. */
interface Variable {
  readonly name: string;
  readonly value: unknown;
}

function variables(place: Node): { readonly found: readonly Variable[]; readonly open: boolean } {
  if (isObject(place.value)) return { found: Object.entries(place.value).map(([name, value]) => ({ name, value })), open: false };
  const { items, unknown: all } = members(place);
  const texts = items.map(({ value }) => value).filter((value) => typeof value === "string");
  const found = texts.map((text): Variable => {
    const split = text.search(/[=]/);
    return split < 0 ? { name: text, value: null } : { name: text.slice(0, split), value: text.slice(split + 1) };
  });
  return { found, open: all || texts.length < items.length };
}

/** `${NAME}` in a document that was interpolated stands for a variable that is set elsewhere. */
const references = /\$\{[^}]*\}/g;

/** Whether a value has a credential written down; what stands around a reference counts only by its form. */
function isLiteral({ name, value: given }: Variable): boolean {
  // A password of digits is a number to YAML.
  const value = typeof given === "number" ? String(given) : given;
  if (typeof value !== "string") return false;
  const rest = value.replace(references, "");
  return looksSecret(rest === value ? name : "", rest);
}

function comesFromElsewhere({ value }: Variable): boolean {
  return value === UNKNOWN || value === null || value === undefined || (typeof value === "string" && value.includes("${"));
}

/** Names of the variables, and of the configs, that have a credential written down. */
export function literalSecrets(service: Node, root: Node): Field<readonly string[]> {
  const place = at(service, "environment");
  const { found, open } = variables(place);
  const own = collected(found.filter(isLiteral).map(({ name }) => name), place, open || found.some(({ value }) => value === UNKNOWN) ? place : undefined);
  return bothNames(own, writtenConfigs(at(service, "configs"), root));
}

/** Configs whose content stands in the compose file. */
function writtenConfigs(list: Node, root: Node): Field<readonly string[]> {
  const names = members(list).items.map((item) => (typeof item.value === "string" ? item.value : at(item, "source").value)).filter((name) => typeof name === "string");
  const contents = names.map((name) => [name, at(root, "configs", name, "content")] as const);
  const found = contents.filter(([name, { value }]) => typeof value === "string" && fileIsSecret(name, value.replace(references, "")));
  return collected(found.map(([name]) => name), found[0]?.[1] ?? list, contents.find(([, { value }]) => value === UNKNOWN)?.[1]);
}

/** Names of the build's arguments that hold a credential, wherever it comes from: the image's history keeps it. */
export function secretArguments(place: Node): Field<readonly string[]> {
  const { found, open } = variables(place);
  const names = found.filter((variable) => isLiteral(variable) || (comesFromElsewhere(variable) && namesSecret(variable.name))).map(({ name }) => name);
  return collected(names, place, open || found.some(({ name, value }) => value === UNKNOWN && !namesSecret(name)) ? place : undefined);
}

/** Names of the variables that hold a credential which comes from elsewhere. An `env_file` that is still there was not read. */
export function secretVariables(service: Node): Field<readonly string[]> {
  const [environment, file] = [at(service, "environment"), at(service, "env_file")] as const;
  const { found, open } = variables(environment);
  const names = found.filter((variable) => comesFromElsewhere(variable) && namesSecret(variable.name)).map(({ name }) => name);
  if (names.length === 0 && !open && !isUnset(file)) return unknown(file.path, "names variables that are not known here");
  return collected(names, environment, open ? environment : isUnset(file) ? undefined : file);
}

/** The names of a map, or of a list of `name=value`. */
export function mapNames(place: Node): Field<readonly string[]> {
  if (isUnset(place)) return unset(place.path);
  const { found, open } = variables(place);
  return collected(found.map(({ name }) => name), place, open ? place : undefined);
}
