import { substitute } from "./substitute";

export type Environment = ReadonlyMap<string, string>;
export type EnvironmentResult = { readonly variables: Environment } | { readonly line: number; readonly expected: string; readonly found: string };

const escapes: { readonly [letter: string]: string } = { n: "\n", r: "\r", t: "\t", v: "\v", f: "\f", b: "\b", a: "\u0007", "\\": "\\", '"': '"' };

/**
 * A file of `NAME=value` lines as Compose reads it (compose-go, dotenv): comments, `export`, quotes that may span
 * lines, and variables in what is not in single quotes. A value with a variable that is not set is left out.
 */
export function parseDotenv(text: string, outer: Environment = new Map()): EnvironmentResult {
  const variables = new Map<string, string>();
  const lookup = (name: string): string | undefined => outer.get(name) ?? variables.get(name);
  const source = text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  const statement = /[ \t\v\f\r]*(?:(#[^\n]*|)(?:\n|$)|(?:export[ \t]+)?([A-Za-z0-9_.[\]-]+)[ \t]*(?:[=:][ \t]*|(?=\n|$)))/y;
  let at = 0;
  while (at < source.length) {
    statement.lastIndex = at;
    const match = statement.exec(source);
    const start = at;
    if (match === null) return { line: lineAt(source, start), expected: "NAME=value", found: "something else" };
    at = statement.lastIndex;
    const [, , name] = match;
    if (name === undefined) continue;
    if (!/[=:][ \t]*$/.test(match[0])) {
      const inherited = outer.get(name);
      if (inherited !== undefined) variables.set(name, inherited);
      continue;
    }
    const value = valueAt(source, at);
    if (value === undefined) return { line: lineAt(source, start), expected: "a closing quote", found: "the end of the file" };
    at = value.end;
    const result = value.literal ? { text: value.text } : substitute(value.text, lookup);
    if ("error" in result) return { line: lineAt(source, start), expected: "a variable", found: result.error };
    if ("text" in result) variables.set(name, result.text);
    else variables.delete(name);
  }
  return { variables };
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

function valueAt(source: string, start: number): { readonly text: string; readonly literal: boolean; readonly end: number } | undefined {
  const quote = source[start];
  if (quote !== '"' && quote !== "'") {
    const newline = source.indexOf("\n", start);
    const end = newline < 0 ? source.length : newline;
    return { text: source.slice(start, end).replace(/ #.*$/s, "").trimEnd(), literal: false, end };
  }
  const quoted = quote === '"' ? /"((?:[^"\\]|\\.)*)"/sy : /'((?:[^'\\]|\\.)*)'/sy;
  quoted.lastIndex = start;
  const body = quoted.exec(source)?.[1];
  if (body === undefined) return undefined;
  const text = quote === "'" ? body.replaceAll("\\'", "'") : body.replace(/\\([nrtvfba\\"$])/g, (_, letter: string) => (letter === "$" ? "$$" : (escapes[letter] ?? letter)));
  return { text, literal: quote === "'", end: quoted.lastIndex };
}
