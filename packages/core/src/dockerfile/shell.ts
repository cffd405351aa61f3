/** One command of a script: its words without quotes, a redirection's sign a word of its own. */
export type Command = readonly string[];

const separators = new Set([";", "&", "|", "\n", "\r", ")", "(", "`"]);

/**
 * The commands of a shell script, in their order, those within a substitution too. It knows quotes, escapes, comments and
 * substitutions, not the whole language: enough to see which programs are run with which words.
 */
export function commandsOf(script: string): readonly Command[] {
  const commands: string[][] = [];
  let words: string[] = [];
  let word = "";
  let began = false;
  let quote = "";
  // What stands around the substitutions that are open.
  const outer: string[] = [];
  const endWord = (): void => {
    if (began) words.push(word);
    word = "";
    began = false;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let index = 0; index < script.length; index++) {
    const character = script.charAt(index);
    if (quote === "'") {
      if (character === "'") quote = "";
      else word += character;
      continue;
    }
    if (character === "\\") {
      const next = script.charAt(++index);
      if (next === "\n") continue;
      word += quote === '"' && !'"$`\\'.includes(next) ? `\\${next}` : next;
      began = true;
    } else if (character === "$" && script.charAt(index + 1) === "(") {
      index += 1;
      outer.push(quote);
      quote = "";
      endCommand();
    } else if (quote === "" && character === ")" && outer.length > 0) {
      endCommand();
      quote = outer.pop() ?? "";
    } else if (character === '"') {
      quote = quote === '"' ? "" : '"';
      began = true;
    } else if (quote === '"') word += character;
    else if (character === "'") {
      quote = "'";
      began = true;
    } else if (separators.has(character)) endCommand();
    else if (character === " " || character === "\t") endWord();
    else if (character === "#" && !began) {
      const end = script.indexOf("\n", index);
      index = end < 0 ? script.length : end - 1;
    } else if (character === ">" || character === "<") {
      if (/^\d$/.test(word)) word = "";
      endWord();
      if (words.at(-1) !== character) words.push(character);
    } else {
      word += character;
      began = true;
    }
  }
  endCommand();
  return commands;
}

/** Words that stand before the program: keywords, assignments, and programs that run another. */
const before = /^(?:[A-Za-z_]\w*=.*|if|then|elif|else|while|until|do|!|\{|time|exec|command|env|nohup|sudo|doas|eval)$/s;

export interface Call {
  /** Without its folder. */
  readonly program: string;
  readonly words: readonly string[];
  /** Assignments before the program, or behind `export`. */
  readonly assignments: readonly string[];
}

/** Of a longer word only the beginning is looked at. */
const maxWord = 256;

export function callOf(long: Command): Call {
  const command = long.map((word) => (word.length > maxWord ? word.slice(0, maxWord) : word));
  let start = 0;
  let prefixed = false;
  while (start < command.length) {
    const word = command[start] ?? "";
    // Options of what stands before the program: `sudo -E apt-get`, `env -u X`.
    if (!before.test(word) && !(prefixed && word.startsWith("-"))) break;
    prefixed = prefixed || /^(?:sudo|doas|env|exec|command|time)$/.test(word);
    start += 1;
  }
  const [program = "", ...words] = command.slice(start);
  const exported = program === "export" ? words : [];
  return { program: program.slice(program.lastIndexOf("/") + 1), words, assignments: [...command.slice(0, start), ...exported].filter((word) => /^[A-Za-z_]\w*=/.test(word)) };
}
