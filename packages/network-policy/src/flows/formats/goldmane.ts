import type { Flow } from "../../model/flow";
import { isPlainObject, labelsOf, type PlainObject, portNumber, protocolOf, textOf, timeOf } from "../ends";
import { type EndDraft, type Format, makeFlow, type Outcome, type ReaderContext } from "../format";

/** Flows between pods that only their source has reported so far: more than this are given at once. */
const mostHeld = 50_000;

/**
 * Goldmane of Calico 3.30 and later: FlowResult as its API writes it in JSON (`flow.Key`), and the flat form of Whisker. Names are those that a controller's
 * pods have in common, labels are an intersection over them, and what is outside has no address at all (`pub`, `pvt`).
 */
export const goldmane: Format = {
  name: "Calico Goldmane",
  json: true,
  looksLike: (_, value) => value !== undefined && keyOf(value) !== undefined,
  create: (context) => {
    const held = new Map<string, { readonly at: string; readonly flow: Flow }>();
    return {
      read: (_, value, at) => {
        const read = readFlow(value, at, context);
        if (!("flow" in read)) return read;
        if (!read.betweenPods) return read.flow;
        const earlier = held.get(read.key);
        if (read.reporter === "Dst") {
          if (earlier !== undefined) {
            held.delete(read.key);
            context.tally.ignore("reported by the destination too");
          }
          return read.flow;
        }
        // What the source let through, the destination may have denied: its own report counts, if there is one.
        if (read.flow.verdict === "dropped" || held.size >= mostHeld || earlier !== undefined) return read.flow;
        held.set(read.key, { at, flow: read.flow });
        return "held";
      },
      end: () => [...held.values()].map(({ at, flow }) => ({ at, outcome: flow })),
    };
  },
};

function keyOf(value: PlainObject): PlainObject | undefined {
  const flow = isPlainObject(value["flow"]) ? value["flow"] : value;
  const key = flow["Key"] ?? flow["key"] ?? flow;
  return isPlainObject(key) && field(key, "source_name") !== undefined && field(key, "dest_name") !== undefined && field(key, "reporter") !== undefined ? key : undefined;
}

/** By the name of the protocol buffers, or by the one that their JSON gives it. */
function field(object: PlainObject, name: string): unknown {
  return object[name] ?? object[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
}

interface Read {
  readonly flow: Flow;
  readonly key: string;
  readonly reporter: string;
  readonly betweenPods: boolean;
}

function readFlow(value: PlainObject, at: string, context: ReaderContext): Read | Exclude<Outcome, Flow | readonly Flow[] | "held"> {
  const key = keyOf(value);
  if (key === undefined) return { expected: "a flow of Goldmane, with the key's source and destination", found: "an object without one" };
  const flow = isPlainObject(value["flow"]) ? value["flow"] : value;
  const protocol = protocolOf(field(key, "proto") ?? field(key, "protocol"));
  if (protocol === undefined) return { ignored: "no protocol that a policy can name" };
  const port = portNumber(field(key, "dest_port"));
  if (protocol !== "ICMP" && port === undefined) return { expected: "a destination port from 1 to 65535", found: field(key, "dest_port") === undefined ? "none" : "another value" };
  const action = String(field(key, "action"));
  if (!/^(allow|deny|pass)$/i.test(action)) return { ignored: "no verdict" };
  const first = timeOf(field(flow, "start_time"));
  const last = timeOf(field(flow, "end_time"));
  if (first === undefined) return { expected: "the start time of a flow", found: field(flow, "start_time") === undefined ? "none" : "another value" };
  const source = readEnd(key, flow, "source", context);
  const destination = readEnd(key, flow, "dest", context);
  if (source === undefined || destination === undefined) return { expected: "names of both ends", found: "none" };
  const service = [textOf(field(key, "dest_service_namespace")), textOf(field(key, "dest_service_name"))];
  if (service[0] !== undefined && service[1] !== undefined) destination.service = { namespace: service[0], name: service[1] };
  const verdict = /^deny$/i.test(action) ? "dropped" : stagedDeny(field(key, "policies")) ? "audited" : "forwarded";
  const started = Number(field(flow, "num_connections_started") ?? 0);
  const count = Number.isFinite(started) && started > 0 ? Math.trunc(started) : 1;
  const made = makeFlow({ source, destination, protocol, port, sourcePort: undefined, direction: "request", verdict, first, last: Math.max(first, last ?? first), count, at });
  if ("ignored" in made) return made;
  const reporter = /^dst$/i.test(String(field(key, "reporter"))) ? "Dst" : "Src";
  const name = [first, protocol, port ?? 0, source.namespace, source.pod, destination.namespace, destination.pod].join(" ");
  return { flow: made, key: name, reporter, betweenPods: source.pod !== undefined && destination.pod !== undefined };
}

/** Staged policies are evaluated and not enforced: the last that decides says what would happen. */
function stagedDeny(policies: unknown): boolean {
  if (!isPlainObject(policies)) return false;
  const pending = field(policies, "pending_policies") ?? policies["pending"];
  const last: unknown = Array.isArray(pending) ? pending.at(-1) : undefined;
  return isPlainObject(last) && /^deny$/i.test(String(last["action"]));
}

function readEnd(key: PlainObject, flow: PlainObject, side: "source" | "dest", { tally }: ReaderContext): EndDraft | undefined {
  const name = textOf(field(key, `${side}_name`));
  if (name === undefined) return undefined;
  const namespace = textOf(field(key, `${side}_namespace`));
  const type = textOf(field(key, `${side}_type`));
  if (type === "Network" || type === "NetworkSet" || (type === undefined && (name === "pub" || name === "pvt"))) {
    tally.count("ends outside, of which the source gives no address");
    return { entity: "world" };
  }
  if (type === "HostEndpoint" || (type === undefined && namespace === undefined)) return { entity: "host" };
  const end: EndDraft = { pod: name };
  if (namespace === undefined) tally.count("ends that are a pod without its namespace");
  else end.namespace = namespace;
  const labels = field(flow, `${side}_labels`) ?? field(key, `${side}_labels`);
  const list = Array.isArray(labels) ? labels.filter((label) => typeof label === "string") : typeof labels === "string" ? labels.split(" | ") : [];
  if (list.length > 0) end.labels = labelsOf(list);
  return end;
}
