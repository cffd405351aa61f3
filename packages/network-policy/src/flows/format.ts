import type { Flow, FlowDirection, FlowEnd } from "../model/flow";
import type { Protocol } from "../model/cluster";
import { nothingToLearn, type PlainObject } from "./ends";
import type { Ignored, Malformed, Tally } from "./tally";

/** What one record is: a flow, the two flows of a proxy, nothing for now (`held`: the reader gives it at the end), or why it is none. */
export type Outcome = Flow | readonly Flow[] | Ignored | Malformed | "held";

export interface FormatReader {
  /** `value` is the parsed record where the format is one of JSON. */
  readonly read: (text: string, value: PlainObject, at: string) => Outcome;
  /** Outcomes of the records that were held. */
  readonly end?: () => readonly { readonly at: string; readonly outcome: Outcome }[];
}

export interface ReaderContext {
  readonly tally: Tally;
  /** Milliseconds since 1970 for sources that have no time of their own. */
  readonly time: number | undefined;
}

export interface Format {
  readonly name: string;
  readonly json: boolean;
  /** Whether a record looks like one of this format. `value` is undefined for text that is no JSON object. */
  readonly looksLike: (text: string, value: PlainObject | undefined) => boolean;
  readonly create: (context: ReaderContext) => FormatReader;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
/** An end while it is put together. */
export type EndDraft = Mutable<FlowEnd>;

interface FlowDraft {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  readonly protocol: Protocol;
  readonly port: number | undefined;
  readonly sourcePort: number | undefined;
  readonly direction: FlowDirection;
  readonly verdict: Flow["verdict"];
  readonly first: number;
  readonly last?: number;
  readonly count?: number;
  readonly dns?: Flow["dns"];
  readonly at: string;
}

/** The flow, or why there is nothing to learn from it. */
export function makeFlow(draft: FlowDraft): Flow | Ignored {
  const ignored = nothingToLearn(draft.source, draft.destination);
  if (ignored !== undefined) return { ignored };
  const flow: Mutable<Flow> = { source: draft.source, destination: draft.destination, protocol: draft.protocol, direction: draft.direction, verdict: draft.verdict, first: draft.first, last: draft.last ?? draft.first, count: draft.count ?? 1, at: draft.at };
  if (draft.port !== undefined) flow.port = draft.port;
  if (draft.sourcePort !== undefined) flow.sourcePort = draft.sourcePort;
  if (draft.dns !== undefined) flow.dns = draft.dns;
  return flow;
}

/** Whether an end says anything of who it is. */
export function isEmptyEnd(end: FlowEnd): boolean {
  return end.ip === undefined && end.pod === undefined && end.workload === undefined && end.entity === undefined && end.container === undefined && end.labels === undefined && end.service === undefined;
}

/** The time of a record without one of its own, which is counted. */
export function timeOrCount(time: number | undefined, { tally, time: given }: ReaderContext): number {
  if (time !== undefined) return time;
  if (given !== undefined) return given;
  tally.count("records without a time");
  return 0;
}
