import type { Flow, FlowReading } from "../model/flow";
import { isPlainObject, type PlainObject } from "./ends";
import type { Format, FormatReader, Outcome } from "./format";
import { aws } from "./formats/aws";
import { conntrack } from "./formats/conntrack";
import { csv } from "./formats/csv";
import { envoyJson, envoyText } from "./formats/envoy";
import { gadget } from "./formats/gadget";
import { goldmane } from "./formats/goldmane";
import { hubble } from "./formats/hubble";
import { recording } from "./formats/recording";
import { sockets } from "./formats/sockets";
import { type Input, splitRecords, type TextRecord } from "./records";
import { Tally } from "./tally";

const formats: readonly Format[] = [recording, hubble, goldmane, gadget, envoyJson, aws, envoyText, conntrack, sockets, csv];
/** Names of the formats that are read. */
export const flowFormats: readonly string[] = formats.map(({ name }) => name);

/** Records that decide of which format the input is. */
const sample = 20;

/** The input is of no format that is known. */
export class FlowFormatError extends Error {
  override readonly name = "FlowFormatError";
}

/**
 * Reads flows in the order of the input, in bounded memory. The format is found from the first records, never from the name, which is for places only.
 * `time` (milliseconds since 1970) is that of sources without their own: a snapshot of conntrack or ss.
 *
 * @throws FlowFormatError while the flows are taken, when none of the first records is of a known format.
 */
export function readFlows(name: string, input: Input, options: { readonly time?: number } = {}): FlowReading {
  const tally = new Tally();
  const batches = readBatches(name, input, tally, options.time);
  return { flows: flatten(batches), batches, summary: () => tally.summary() };
}

async function* flatten(batches: AsyncIterable<readonly Flow[]>): AsyncGenerator<Flow> {
  for await (const batch of batches) yield* batch;
}

async function* readBatches(name: string, input: Input, tally: Tally, time: number | undefined): AsyncGenerator<readonly Flow[]> {
  let session: Session | undefined;
  let first: TextRecord[] = [];
  for await (const records of splitRecords(input, name, tally)) {
    if (session !== undefined) {
      yield session.read(records);
      continue;
    }
    first = [...first, ...records];
    if (first.length < sample) continue;
    session = new Session(detect(first, name), name, tally, time);
    yield session.read(first);
    first = [];
  }
  if (session === undefined) {
    if (first.length === 0) {
      tally.incomplete("the input has no record");
      return;
    }
    session = new Session(detect(first, name), name, tally, time);
    yield session.read(first);
  }
  yield session.end();
}

/** The format that most of the first records look like. */
function detect(records: readonly TextRecord[], name: string): Format {
  const votes = new Map<Format, number>();
  for (const { text } of records.slice(0, sample)) {
    const format = formatOf(text);
    if (format !== undefined) votes.set(format, (votes.get(format) ?? 0) + 1);
  }
  const [best] = [...votes].sort(([a, votesOfA], [b, votesOfB]) => votesOfB - votesOfA || formats.indexOf(a) - formats.indexOf(b));
  // A CSV is known by its heading alone.
  if (votes.has(csv) && formatOf(records[0]?.text ?? "") === csv) return csv;
  if (best !== undefined) return best[0];
  throw new FlowFormatError(`${name}: expected flows of ${flowFormats.slice(0, -1).join(", ")} or ${flowFormats.at(-1)}; none of the first ${Math.min(sample, records.length)} records looks like one`);
}

function formatOf(text: string): Format | undefined {
  const value = parse(text);
  const object = isPlainObject(value) ? value : undefined;
  return formats.find((format) => format.looksLike(text, object));
}

/** Undefined for text that is no JSON. */
function parse(text: string): unknown {
  const start = text.charCodeAt(0);
  if (start !== 123 && text.trimStart()[0] !== "{") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const none: PlainObject = {};

class Session {
  readonly #format: Format;
  readonly #reader: FormatReader;
  readonly #name: string;
  readonly #tally: Tally;

  constructor(format: Format, name: string, tally: Tally, time: number | undefined) {
    this.#format = format;
    this.#name = name;
    this.#tally = tally;
    tally.format = format.name;
    this.#reader = format.create({ tally, time });
  }

  read(records: readonly TextRecord[]): readonly Flow[] {
    const flows: Flow[] = [];
    for (const { text, line, last } of records) {
      const at = `${this.#name}:${line}`;
      const outcome = this.#outcome(text, at);
      if (last && outcome !== "held" && "expected" in outcome) this.#tally.incomplete("the input ends within a record");
      this.#take(this.#orOther(text, outcome), at, flows);
    }
    return flows;
  }

  end(): readonly Flow[] {
    const flows: Flow[] = [];
    for (const { at, outcome } of this.#reader.end?.() ?? []) this.#take(outcome, at, flows);
    return flows;
  }

  #outcome(text: string, at: string): Outcome {
    if (!this.#format.json) return this.#reader.read(text, none, at);
    const value = parse(text);
    if (value === undefined) return { expected: "a JSON object", found: "text that is none" };
    return this.#reader.read(text, value as PlainObject, at);
  }

  /** A record that cannot be read may be one of another format: files that were put together. */
  #orOther(text: string, outcome: Outcome): Outcome {
    if (outcome === "held" || !("expected" in outcome)) return outcome;
    const other = formatOf(text);
    if (other === undefined || other === this.#format) return outcome;
    this.#tally.count(`records of another format, ${other.name}`);
    return { ignored: `a record of another format, ${other.name}` };
  }

  #take(outcome: Outcome, at: string, flows: Flow[]): void {
    if (outcome === "held") return;
    if ("ignored" in outcome) this.#tally.ignore(outcome.ignored);
    else if ("expected" in outcome) this.#tally.refuse(at, outcome);
    else {
      this.#tally.use();
      if ("source" in outcome) flows.push(outcome);
      else flows.push(...outcome);
    }
  }
}
