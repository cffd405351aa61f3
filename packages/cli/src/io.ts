/** Everything that a command says, and what it knows of the terminal. */
export interface Io {
  /** Writes to standard output; resolves once it may take more. */
  readonly out: (text: string) => Promise<void>;
  readonly err: (text: string) => void;
  /** Whether standard output is a terminal that wants colour. */
  readonly color: boolean;
  /** Columns of standard output, where it is a terminal. */
  readonly width?: number;
}

/** Whether a stream gets colour where nobody asked for it or refused it. */
export function wantsColor(isTerminal: boolean, env: { readonly [name: string]: string | undefined }): boolean {
  return isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

const chunkLength = 1 << 16;

/** Many small pieces as few large ones. */
export function* chunked(pieces: Iterable<string>): Generator<string> {
  let chunk: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    chunk.push(piece);
    length += piece.length;
    if (length < chunkLength) continue;
    yield chunk.join("");
    [chunk, length] = [[], 0];
  }
  if (length > 0) yield chunk.join("");
}

export async function writeAll(io: Io, pieces: Iterable<string>): Promise<void> {
  for (const chunk of chunked(pieces)) await io.out(chunk);
}

/** An error without its text, which may quote a value: its name and where it was thrown. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const frame = /([^\s/\\()]+:\d+:\d+)\)?$/m.exec(error.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "")?.[1];
  return frame === undefined ? error.name : `${error.name} at ${frame}`;
}

/** `1 image`, `2 images`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
