/** White space as Go's unicode.IsSpace has it: JavaScript's \s knows U+FEFF, and not U+0085. */
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const leading = new RegExp(`^${space.source}+`);

export function isSpace(character: string): boolean {
  return space.test(character);
}

export function trimStart(text: string): string {
  return text.replace(leading, "");
}

export function trim(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charAt(end - 1))) end--;
  return trimStart(text.slice(0, end));
}

/** The bytes of a text in UTF-8, each as a character: BuildKit reads flags byte by byte. */
export function toBytes(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  let bytes = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes += character;
    else if (code < 0x800) bytes += String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes += String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes += String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}

/** The number of bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code < 0xdc00 ? 4 : code >= 0xdc00 && code < 0xe000 ? 0 : 3;
  }
  return length;
}

/** The part of a text that begins at a byte of it. */
export function fromByte(text: string, byte: number): string {
  let seen = 0;
  for (let index = 0; index < text.length; ) {
    if (seen >= byte) return text.slice(index);
    const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
    seen += byteLength(character);
    index += character.length;
  }
  return "";
}
