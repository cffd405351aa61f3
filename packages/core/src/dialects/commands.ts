import type { Field } from "../field";
import { known, mapField, unknown } from "../field";
import { collected } from "./collected";
import type { Node } from "../node";
import { looksSecret } from "./secrets";

type Words = Field<readonly string[]>;

/** Names that start a server for the SSH protocol, as the last part of a word of a command line. */
const sshServers = /(^|[\s/;&|"'(])(sshd|dropbear|ssh\.service)($|[\s;&|"')])|(^|\s)service\s+ssh\s+(re)?start/;
const sudo = /(^|[\s/;&|"'(`])(sudo|doas)($|\s)/;
const interpreter = /(?:sudo\s+(?:-(?:[ugU]\s+[^\s|-]|[^\s|])[^\s|]*\s+)*)?(?:[^\s|]*\/)?(?:(?:ba|da|z|k|c|a)?sh|python[\d.]*|perl|ruby|node|php)\b/.source;
/** What ends a statement, a download, and what runs its text; then PowerShell's two spellings of the same. */
const pipedDownloads = [
  new RegExp(`&&|;|[\\n\\r]|\\b(curl|wget)\\b|(\\|\\s*${interpreter})`, "g"),
  /;|\b(iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b|(\|\s*(?:iex|invoke-expression)\b)/gi,
  /[\n\r]|\b(iex|invoke-expression)\b|\b(iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b/gi,
];
/** A download whose text is run through a substitution. */
const substitutedDownload = /(?:(?:^|[\s/;&|"'(])(?:ba|da|z|k|a)?sh\s+(?:-\w+\s+)*|\beval\s+|\bsource\s+)["']?(?:\$\(|`|<\()\s*(?:curl|wget)\b/;

/** Whether the second group of a pattern matches somewhere behind the first, and nothing without a group between them; in one pass, whatever the text. */
function follows(line: string, pattern: RegExp): boolean {
  let begun = false;
  for (const [, first, second] of line.matchAll(pattern)) {
    if (begun && second !== undefined) return true;
    begun = first !== undefined;
  }
  return false;
}

/** Whether any of the command lines names an SSH server; unset where there is none. The words stay here. */
export function startsSshServer(commands: readonly Words[]): Field<boolean> {
  return matches(commands, (line) => sshServers.test(line));
}

export function runsSudo(commands: readonly Words[]): Field<boolean> {
  return matches(commands, (line) => sudo.test(line));
}

export function pipesDownload(commands: readonly Words[]): Field<boolean> {
  return matches(commands, (line) => substitutedDownload.test(line) || pipedDownloads.some((pattern) => follows(line, pattern)));
}

function matches(commands: readonly Words[], test: (line: string) => boolean): Field<boolean> {
  const first = commands[0] as Words;
  const hit = commands.find((field) => field.state === "value" && field.value.length > 0 && test(field.value.join(" ")));
  if (hit !== undefined) return known(true, hit.path);
  const open = commands.find(isOpen);
  if (open !== undefined) return unknown(open.path);
  if (commands.every((field) => field.state === "unsupported")) return mapField(first, () => false);
  return known(false, first.path);
}

function isOpen(field: Words): boolean {
  return field.state === "unknown" || (field.state === "value" && field.partial === true);
}

/** Names that end in a word for a credential: `--db-password`, not `--password-stdin` or `--secret-namespace`. */
const secretFlag = /(?<!^(?:no|skip|without))(^|[_.-])(pass(wd|phrase)?|[a-z0-9]*password|requirepass|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key)$/i;
/** Values that say where the credential is. */
const elsewhere = /^(\$|@|-|\.{0,2}\/|file:|env:)/;

/** The flags, or variables, of the command lines that have a credential written down; the first of them is where it stands. */
export function secretArguments(commands: readonly Words[], place: Node): Field<readonly string[]> {
  const lines = commands.map((field) => ({ field, names: field.state === "value" ? secretsOf(field.value) : [] }));
  const first = lines.find(({ names }) => names.length > 0);
  return collected(lines.flatMap(({ names }) => names), first === undefined ? place : { ...place, path: first.field.path }, commands.find(isOpen));
}

/** Programs that take a password right behind `-p`. */
const attachedPassword = /(?:^|\/)(?:mysql(?:dump|admin)?|mariadb(?:-dump|-admin)?)$/;

/** The places of `-pPASSWORD` behind such a program, in the same statement. */
function attachedPasswords(tokens: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  let takes = false;
  for (const [index, token] of tokens.entries()) {
    if (takes && /^-p["']?[^$`"']/.test(token)) found.add(index);
    if (attachedPassword.test(token.replace(/^.*[(;&|`"']/, ""))) takes = true;
    if (/[;&|]$/.test(token)) takes = false;
  }
  return found;
}

function secretsOf(words: readonly string[]): readonly string[] {
  const tokens = words.flatMap((word) => word.split(/\s+/)).map((token) => token.replace(/^["']|["']$/g, ""));
  const attached = attachedPasswords(tokens);
  return tokens.flatMap((token, index) => {
    if (attached.has(index)) return ["-p"];
    const [, name = "", value = ""] = /^-{0,2}([A-Za-z][\w.-]*)=(.*)$/.exec(token) ?? [];
    if (name !== "") return secretFlag.test(name) && !elsewhere.test(value) && looksSecret(name, value) ? [name] : looksSecret("", value) ? [name] : [];
    const flag = /^--([A-Za-z][\w.-]*)$/.exec(token)?.[1];
    const next = tokens[index + 1] ?? "";
    if (flag !== undefined) return secretFlag.test(flag) && !elsewhere.test(next) && looksSecret(flag, next) ? [flag] : [];
    return looksSecret("", token) ? ["an argument"] : [];
  });
}

const shells = /(?:^|[\\/])(?:(?:ba|da|z|k|c|a)?sh|cmd(?:\.exe)?|powershell(?:\.exe)?|pwsh)$/i;

export function isShell(word: unknown): boolean {
  return typeof word === "string" && shells.test(word);
}
