/** A word that cannot be expanded; the reason quotes no value. */
export class Unexpandable extends Error {}

/** One character of a shell pattern: any text, any one character, or itself. */
type Token = { readonly any: "text" | "character" } | { readonly any?: undefined; readonly character: string };

/** Steps beyond which a pattern is not followed; nobody writes such a one. */
const maxSteps = 1_000_000;

function tokensOf(pattern: string): readonly Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    if (character === "*") tokens.push({ any: "text" });
    else if (character === "?") tokens.push({ any: "character" });
    else if (character !== "\\") tokens.push({ character });
    else if (characters[index + 1] !== "}" && characters[index + 1] !== "/") {
      const escaped = characters[++index];
      if (escaped !== "*" && escaped !== "?" && escaped !== "\\") throw new Unexpandable("has an invalid escape in a pattern");
      tokens.push({ character: escaped });
    }
  }
  return tokens;
}

/** The length of the shortest or the longest text at `start` that a pattern matches, or undefined; all of its ways at once. */
function matchAt(tokens: readonly Token[], characters: readonly string[], start: number, greedy: boolean): number | undefined {
  let states = closure(new Set([0]), tokens);
  let found: number | undefined;
  for (let index = start; ; index++) {
    if (states.has(tokens.length)) {
      found = index - start;
      if (!greedy) return found;
    }
    const character = characters[index];
    if (character === undefined || states.size === 0) return found;
    const after = new Set<number>();
    for (const state of states) {
      const token = tokens[state];
      if (token === undefined) continue;
      // As in a regular expression of Go, a line does not end within * or ?.
      if (token.any === "text" && character !== "\n") after.add(state);
      else if (token.any === "character" ? character !== "\n" : token.any === undefined && token.character === character) after.add(state + 1);
    }
    states = closure(after, tokens);
  }
}

function closure(states: Set<number>, tokens: readonly Token[]): Set<number> {
  for (const state of states) if (tokens[state]?.any === "text") states.add(state + 1);
  return states;
}

function bounded(tokens: readonly Token[], characters: readonly string[], starts: number): void {
  if ((tokens.length + 1) * (characters.length + 1) * starts > maxSteps) throw new Unexpandable("has a pattern that is too long to follow");
}

/** `${NAME#pattern}`, and with two signs the longest. */
export function removePrefix(pattern: string, value: string, greedy: boolean): string {
  const tokens = tokensOf(pattern);
  const characters = [...value];
  bounded(tokens, characters, 1);
  return characters.slice(matchAt(tokens, characters, 0, greedy) ?? 0).join("");
}

/** `${NAME%pattern}`, and with two signs the longest. */
export function removeSuffix(pattern: string, value: string, greedy: boolean): string {
  const tokens = [...tokensOf(pattern)].reverse();
  const characters = [...value].reverse();
  bounded(tokens, characters, 1);
  return characters.slice(matchAt(tokens, characters, 0, greedy) ?? 0).reverse().join("");
}

/** `${NAME/pattern/replacement}`, and with two signs everywhere. */
export function replacePattern(pattern: string, value: string, replacement: string, all: boolean): string {
  const tokens = tokensOf(pattern);
  const characters = [...value];
  bounded(tokens, characters, characters.length + 1);
  if (all && replacement.includes("$")) throw new Unexpandable("has a $ in what replaces a pattern");
  let text = "";
  let index = 0;
  let lastEnd = -1;
  while (index <= characters.length) {
    const length = matchAt(tokens, characters, index, true);
    // No empty match right behind another one, as in Go.
    if (length !== undefined && !(length === 0 && index === lastEnd)) {
      text += replacement;
      if (!all) return text + characters.slice(index + length).join("");
      index += length;
      lastEnd = index;
      if (length > 0) continue;
    }
    text += characters[index] ?? "";
    index += 1;
  }
  return text;
}
