/** Something in the input that could not be read: where, what was expected and what was found. Never quotes a value. */
export interface InputError {
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  readonly column?: number;
  /** Where in the document, such as `deployment.resources[7].type`. */
  readonly path?: string;
  readonly expected: string;
  readonly found: string;
}

/** `file:line:column: path: expected X, found Y`. */
export function formatInputError({ file, line, column, path, expected, found }: InputError): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${place}: ${path === undefined ? "" : `${path}: `}expected ${expected}, found ${found}`;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Offsets into a text as lines and columns, both 1-based. */
export function positions(text: string): (offset: number) => Position {
  const starts = [0];
  for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) starts.push(index + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
