import { randomInt } from "node:crypto";
import { DocumentError } from "./document-error";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** The names of one object so far: where they begin, by the hash of their bytes. */
interface Names {
  readonly hashes: number[];
  readonly starts: number[];
  count: number;
  /** For large objects: places of `hashes` by hash. */
  index: Map<number, number[]> | undefined;
}

const indexed = 24;
const maxNames = 100_000;

export interface Bounds {
  readonly maxDepth: number;
  readonly maxValues: number;
}

/** Differs from run to run, so that nobody can write names that all have one hash. */
const seed = randomInt(2 ** 32 - 1) | 0;

/**
 * One pass over the bytes, without building anything: throws for what goes beyond the bounds, and for an object that has
 * the same name twice, however it is escaped. It does not look for anything else that is wrong: parsing does.
 */
export function refuseHostileJson(bytes: Uint8Array, file: string, { maxDepth, maxValues }: Bounds): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isObject: boolean[] = [];
  const names: Names[] = [];
  let depth = -1;
  let nameNext = false;
  let values = 0;
  for (let i = 0; i < text.length; i += 1) {
    const byte = text[i];
    if (byte === quote) {
      const end = endOfString(text, i);
      if (nameNext && depth >= 0) remember(names[depth] as Names, text, i, end, file);
      nameNext = false;
      i = end;
    } else if (byte === openObject || byte === openList) {
      depth += 1;
      values += 1;
      if (depth >= maxDepth) throw new DocumentError({ file, path: "", expected: `at most ${maxDepth} objects and lists within one another`, found: `more at byte ${i}` });
      isObject[depth] = nameNext = byte === openObject;
      const known = names[depth];
      if (known === undefined) names[depth] = { hashes: [], starts: [], count: 0, index: undefined };
      else {
        known.count = 0;
        known.index = undefined;
      }
    } else if (byte === closeObject || byte === closeList) {
      depth = Math.max(depth - 1, -1);
      nameNext = false;
    } else if (byte === comma) {
      values += 1;
      if (values > maxValues) throw new DocumentError({ file, path: "", expected: `at most ${maxValues} values`, found: `more at byte ${i}` });
      nameNext = depth >= 0 && isObject[depth] === true;
    }
  }
}

/** Index of the closing quote, or the last byte where there is none. */
function endOfString(text: Buffer, start: number): number {
  for (let from = start + 1; ; ) {
    const end = text.indexOf(quote, from);
    if (end < 0) return text.length - 1;
    let slashes = 0;
    while (text[end - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
    from = end + 1;
  }
}

function remember(known: Names, text: Buffer, start: number, end: number, file: string): void {
  if (known.count >= maxNames) throw new DocumentError({ file, path: "", expected: `at most ${maxNames} names in an object`, found: `more at byte ${start}` });
  const hash = hashOf(text, start + 1, end);
  const same = known.index?.get(hash) ?? known.hashes;
  const places = known.index === undefined ? known.count : same === known.hashes ? 0 : same.length;
  for (let i = 0; i < places; i += 1) {
    const place = known.index === undefined ? i : (same[i] as number);
    if (known.hashes[place] !== hash) continue;
    const name = nameAt(text, start);
    if (name === nameAt(text, known.starts[place] as number)) throw new DocumentError({ file, path: "", expected: "each name of an object once", found: `${JSON.stringify(name.slice(0, 60))} again at byte ${start}` });
  }
  known.hashes[known.count] = hash;
  known.starts[known.count] = start;
  known.count += 1;
  if (known.index !== undefined) addTo(known.index, hash, known.count - 1);
  else if (known.count === indexed) {
    known.index = new Map();
    for (let i = 0; i < known.count; i += 1) addTo(known.index, known.hashes[i] as number, i);
  }
}

function addTo(index: Map<number, number[]>, hash: number, place: number): void {
  const places = index.get(hash);
  if (places === undefined) index.set(hash, [place]);
  else places.push(place);
}

/** FNV-1a of the name as it is meant: escapes are undone first. */
function hashOf(text: Buffer, start: number, end: number): number {
  let hash = seed;
  for (let i = start; i < end; i += 1) {
    if (text[i] === backslash) return hashOfBytes(Buffer.from(nameAt(text, start - 1)));
    hash = Math.imul(hash ^ (text[i] as number), 0x01000193);
  }
  return hash;
}

function hashOfBytes(bytes: Buffer): number {
  let hash = seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

function nameAt(text: Buffer, start: number): string {
  const raw = text.toString("utf8", start, endOfString(text, start) + 1);
  try {
    return JSON.parse(raw) as string;
  } catch {
    return raw;
  }
}
