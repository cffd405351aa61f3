import type { Instruction } from "../dockerfile/instruction";

/** An ADD as a COPY, as it is written otherwise. */
export function asCopy(original: string): string | undefined {
  return /^\s*ADD\b/i.test(original) ? original.replace(/^(\s*)ADD\b/i, "$1COPY") : undefined;
}

/** A command line as a list, where no shell is needed to read it. */
export function asList({ name, flags, args, heredocs }: Instruction): string | undefined {
  const [line = ""] = args;
  if (flags.length > 0 || heredocs.length > 0 || !/^[\w@%+=:,./ -]+$/.test(line) || /^\s*(\w+=|exec\b|cd\b|\.\s|source\b|export\b|set\b)/.test(line)) return undefined;
  return `${name} [${line.trim().split(/ +/).map((word) => JSON.stringify(word)).join(", ")}]`;
}

/** The form that an instruction has that was given up, and the same in the present one where that is plain. */
export function present({ name, keyword, args }: Instruction): { readonly form: string; readonly text: string | undefined } | undefined {
  const [first = "", value = "", sign] = args;
  const isPlain = (text: string): boolean => !/["'\\`$\n]/.test(text);
  if (keyword === "MAINTAINER") return { form: "MAINTAINER", text: isPlain(first) ? `LABEL org.opencontainers.image.authors="${first}"` : undefined };
  if ((keyword !== "ENV" && keyword !== "LABEL") || sign !== "") return undefined;
  return { form: `${keyword} name value`, text: isPlain(first) && isPlain(value) ? `${name} ${first}=${/\s/.test(value) ? `"${value}"` : value}` : undefined };
}
