/** One challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1); scheme and names of parameters in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: { readonly [name: string]: string };
}

const maxHeader = 8192;

/**
 * The challenges of a header, in order, or nothing where it is not one. A value in quotes may hold commas and escaped
 * quotes; of a parameter that stands twice the header is refused, because two readers could take different ones.
 */
export function parseChallenges(header: string): readonly Challenge[] | undefined {
  if (header.length > maxHeader) return undefined;
  const found: { scheme: string; parameters: { [name: string]: string } }[] = [];
  const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
  const quoted = /"((?:[^"\\]|\\.)*)"/y;
  const space = /[ \t]*/y;
  let at = 0;
  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at;
    const match = form.exec(header);
    if (match === null) return undefined;
    at = form.lastIndex;
    return match[1] === undefined ? match[0] : match[1].replace(/\\(.)/g, "$1");
  };
  while (at < header.length) {
    take(/[ \t,]*/y);
    if (at >= header.length) break;
    const name = take(token);
    if (name === undefined) return undefined;
    const gap = take(space) ?? "";
    if (header[at] !== "=") {
      // Only what follows a scheme is separated by a space alone.
      if (gap === "" && at < header.length && header[at] !== ",") return undefined;
      found.push({ scheme: name.toLowerCase(), parameters: Object.create(null) as { [name: string]: string } });
      continue;
    }
    at++;
    take(space);
    const value = header[at] === '"' ? take(quoted) : take(token);
    const current = found.at(-1);
    const key = name.toLowerCase();
    if (value === undefined || current === undefined || current.parameters[key] !== undefined) return undefined;
    current.parameters[key] = value;
    take(space);
    if (at < header.length && header[at] !== ",") return undefined;
  }
  return found;
}
