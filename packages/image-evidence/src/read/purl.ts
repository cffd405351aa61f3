/** A package URL, as far as it is compared. Texts are decoded. */
export interface Purl {
  readonly type: string;
  /** Namespace and name. */
  readonly path: string;
  readonly version?: string;
  readonly qualifiers: ReadonlyMap<string, string>;
}

export function parsePurl(text: string): Purl | undefined {
  const match = /^pkg:\/*([A-Za-z0-9.+-]+)\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/.exec(text);
  if (match === null || text.length > 4096) return undefined;
  const [, type = "", path = "", version, query = ""] = match;
  try {
    const qualifiers = new Map<string, string>();
    for (const part of query.split("&")) {
      const [key = "", ...value] = part.split("=");
      if (key !== "") qualifiers.set(key.toLowerCase(), decodeURIComponent(value.join("=")));
    }
    const parts = path.split("/").filter((part) => part !== "").map(decodeURIComponent);
    return { type: type.toLowerCase(), path: parts.join("/"), qualifiers, ...(version === undefined || version === "" ? {} : { version: decodeURIComponent(version) }) };
  } catch {
    return undefined;
  }
}

/**
 * Whether a statement about `pattern` is one about `text`: the same package, and what `pattern` says of version and
 * qualifiers must be said by `text` too. What it leaves open it leaves open.
 */
export function purlCovers(pattern: string, text: string): boolean {
  if (pattern === text) return true;
  const general = parsePurl(pattern);
  const special = parsePurl(text);
  if (general === undefined || special === undefined || general.type !== special.type || general.path !== special.path) return false;
  if (general.version !== undefined && general.version !== special.version) return false;
  return [...general.qualifiers].every(([key, value]) => special.qualifiers.get(key) === value);
}
