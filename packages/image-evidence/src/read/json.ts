import { DocumentError } from "./document-error";
import { refuseHostileJson } from "./json-guard";

/** Bounds of one document. */
export interface DocumentLimits {
  /** Bytes; 64 MiB unless told. The largest reports that scanners write of one image are about 30 MB. */
  readonly maxBytes?: number;
  /** Objects and lists within one another; 128 unless told. */
  readonly maxDepth?: number;
  /** Objects, lists and their members, all together; 4 million unless told. A report of 60 MB has about one million. */
  readonly maxValues?: number;
  /** Vulnerabilities of one document; 50,000 unless told. */
  readonly maxFindings?: number;
}

export const defaultLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 128, maxValues: 4_000_000, maxFindings: 50_000 } as const satisfies Required<DocumentLimits>;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The JSON value of a document. Refused are, before anything is built of it: more bytes than `maxBytes`, deeper nesting
 * than `maxDepth`, more values than `maxValues`, an object that has a name twice (readers differ in which of the two counts), text that is not UTF-8.
 *
 * @throws {DocumentError}
 */
export function parseJson(bytes: Uint8Array, file: string, limits: DocumentLimits = {}): unknown {
  const { maxBytes = defaultLimits.maxBytes, maxDepth = defaultLimits.maxDepth, maxValues = defaultLimits.maxValues } = limits;
  const refuse = (expected: string, found: string): DocumentError => new DocumentError({ file, path: "", expected, found });
  if (bytes.length > maxBytes) throw refuse(`at most ${maxBytes} bytes`, `${bytes.length}`);
  refuseHostileJson(bytes, file, { maxDepth, maxValues });
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw refuse("JSON in UTF-8", bytes[0] === 0xff || bytes[0] === 0xfe ? "UTF-16" : "bytes that are not UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse("a JSON document", text.trim() === "" ? "nothing" : jsonProblem(error));
  }
}

/** The engine quotes the text around the mistake, which may be anything: only the place is kept. */
function jsonProblem(error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "text that is not JSON, or that ends too early" : `text that is not JSON at character ${position}`;
}

/**
 * The documents of a file with one JSON object on each line, as `cosign download attestation` writes; the whole for anything else.
 */
export function splitLines(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    const [first, last] = ends(line);
    if (first !== undefined && (first !== 0x7b || last !== 0x7d)) return [bytes];
    if (first !== undefined) lines.push(line);
    start = end < 0 ? bytes.length : end + 1;
  }
  return lines.length === 0 ? [bytes] : lines;
}

/** First and last byte that is not white space. */
function ends(line: Uint8Array): readonly [first?: number, last?: number] {
  const blank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;
  let from = 0;
  let to = line.length - 1;
  while (from <= to && blank(line[from])) from += 1;
  while (to >= from && blank(line[to])) to -= 1;
  return from > to ? [] : [line[from] ?? 0, line[to] ?? 0];
}
