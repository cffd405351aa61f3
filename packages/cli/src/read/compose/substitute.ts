/** What becomes of a text: its variables put in, `unknown` where one has no value, or an error's words. */
export type Substituted = { readonly text: string } | { readonly unknown: true } | { readonly error: string };
export type Lookup = (name: string) => string | undefined;

/** How a variable without a value and without a default is shown; undefined makes the whole text unknown. */
type Reference = (name: string) => string | undefined;

const name = /^[A-Za-z_][A-Za-z0-9_]*/;
const maxDepth = 50;

/**
 * Compose's interpolation: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?why}`, `${NAME?why}`,
 * `${NAME:+other}`, `${NAME+other}`, `$$`; a default may hold variables itself (compose-go, template.go). A variable
 * that is not set is unknown, not empty: whoever runs Compose may have set it.
 */
export function substitute(text: string, lookup: Lookup, reference: Reference = () => undefined, depth = 0): Substituted {
  if (!text.includes("$")) return { text };
  if (depth > maxDepth) return { error: `variables nested more than ${maxDepth} deep` };
  let result = "";
  let unknown = false;
  let at = 0;
  for (;;) {
    const dollar = text.indexOf("$", at);
    result += text.slice(at, dollar < 0 ? undefined : dollar);
    if (dollar < 0) return unknown ? { unknown: true } : { text: result };
    const rest = text.slice(dollar + 1);
    const plain = name.exec(rest)?.[0];
    if (rest.startsWith("$")) {
      result += "$";
      at = dollar + 2;
      continue;
    }
    const close = rest.startsWith("{") ? closing(rest) : -1;
    if (plain === undefined && close < 0) return { error: "a $ that begins no variable; $$ stands for one" };
    const value = plain === undefined ? braced(rest.slice(1, close), lookup, reference, depth) : show(plain, lookup, reference);
    if ("error" in value) return value;
    if ("unknown" in value) unknown = true;
    else result += value.text;
    at = dollar + 1 + (plain === undefined ? close + 1 : plain.length);
  }
}

/** The index of the brace that closes the one at 0. */
function closing(text: string): number {
  let open = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "{") open += 1;
    if (text[index] === "}") open -= 1;
    if (open === 0) return index;
  }
  return -1;
}

function show(variable: string, lookup: Lookup, reference: Reference): Substituted {
  const text = lookup(variable) ?? reference(variable);
  return text === undefined ? { unknown: true } : { text };
}

function braced(inner: string, lookup: Lookup, reference: Reference, depth: number): Substituted {
  const variable = name.exec(inner)?.[0];
  const operator = /^(:?[-?+])/.exec(inner.slice(variable?.length ?? 0))?.[1] ?? "";
  if (variable === undefined || (operator === "" && inner.length > variable.length)) return { error: "a $ that begins no variable; $$ stands for one" };
  const value = lookup(variable);
  const isSet = value !== undefined && (!operator.startsWith(":") || value !== "");
  const word = inner.slice(variable.length + operator.length);
  if (operator.endsWith("-")) return isSet ? { text: value } : substitute(word, lookup, reference, depth + 1);
  if (operator.endsWith("+") && isSet) return substitute(word, lookup, reference, depth + 1);
  if (operator.endsWith("+") && value !== undefined) return { text: value };
  return operator.startsWith(":") && value === "" ? { unknown: true } : show(variable, lookup, reference);
}
