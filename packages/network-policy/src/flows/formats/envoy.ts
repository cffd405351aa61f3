import type { Flow } from "../../model/flow";
import { addressAndPort, type PlainObject, textOf, timeOf } from "../ends";
import { type EndDraft, type Format, makeFlow, type Outcome, type ReaderContext, timeOrCount } from "../format";

/** Istio's default text: the fields in their order, and how many there are. */
const textFields = ["start_time", "request", "response_code", "response_flags", "response_code_details", "connection_termination_details", "upstream_transport_failure_reason", "bytes_received", "bytes_sent", "duration", "upstream_service_time", "x_forwarded_for", "user_agent", "request_id", "authority", "upstream_host", "upstream_cluster", "upstream_local_address", "downstream_local_address", "downstream_remote_address", "requested_server_name", "route_name"];
const lineStart = /^\[\d{4}-\d\d-\d\dT[\d:.]+Z?\] "/;
/** No connection to the upstream was made. */
const unconnected = /\b(UF|UH|NR|NC|URX|DF|UC)\b/;

/**
 * Access logs of Istio and Envoy: JSON with the operators' usual names, and Istio's default text. Envoy's own default text names no client, so nothing can be
 * learned of it. A gateway's record gives two flows: from its client, and to its upstream.
 */
export const envoyJson: Format = {
  name: "Envoy access log (JSON)",
  json: true,
  looksLike: (_, value) => value !== undefined && "downstream_remote_address" in value && ("upstream_host" in value || "downstream_local_address" in value),
  create: (context) => ({ read: (_, value, at) => readFields(value, at, context) }),
};

export const envoyText: Format = {
  name: "Envoy access log (text)",
  json: false,
  looksLike: (text) => lineStart.test(text),
  create: (context) => ({
    read: (text, _, at) => {
      if (!lineStart.test(text)) return { expected: "a line of an access log, which begins with its time in brackets", found: "another line" };
      const fields = [...text.matchAll(/\[([^\]]*)\]|"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
      // Envoy's default ends with the upstream's address; Istio's goes on with both addresses of the client's connection.
      if (fields.length < textFields.length - 2) return { ignored: "a line that names no client, in Envoy's own default format" };
      return readFields(Object.fromEntries(textFields.map((name, index) => [name, fields[index] ?? ""])), at, context);
    },
  }),
};

function readFields(record: PlainObject, at: string, context: ReaderContext): Outcome {
  const client = addressOf(record["downstream_remote_address"]);
  const local = addressOf(record["downstream_local_address"]);
  const upstream = addressOf(record["upstream_host"]);
  const from = addressOf(record["upstream_local_address"]);
  if (client === undefined) return { expected: "the address of the client, `downstream_remote_address`", found: textOf(record["downstream_remote_address"]) === undefined ? "none" : "other text" };
  const time = timeOrCount(timeOf(record["start_time"]), context);
  const cluster = textOf(record["upstream_cluster"]) ?? "";
  const base = { protocol: textOf(record["protocol"]) === "HTTP/3" ? ("UDP" as const) : ("TCP" as const), direction: "request" as const, first: time, at };
  const clientEnd: EndDraft = { ip: client.ip };
  const namespace = namespaceOf(record["downstream_peer_uri_san"]);
  if (namespace !== undefined) clientEnd.namespace = namespace;
  const refused = /rbac_access_denied/.test(textOf(record["response_code_details"]) ?? "");
  const served = { ...base, source: clientEnd, sourcePort: client.port, verdict: refused ? ("dropped" as const) : ("forwarded" as const) };
  if (cluster.startsWith("inbound|") || cluster.startsWith("InboundPassthrough")) {
    if (local === undefined) return { expected: "the address that the client asked for, `downstream_local_address`", found: "none" };
    return makeFlow({ ...served, destination: { ip: local.ip }, port: local.port });
  }
  // A request that was answered without an upstream, by a redirect or a filter: the connection to the proxy is all there was.
  const target = upstream ?? local;
  if (target === undefined) return { ignored: "no address of a server" };
  const verdict = upstream === undefined || unconnected.test(textOf(record["response_flags"]) ?? "") ? ("dropped" as const) : ("forwarded" as const);
  const source: EndDraft = { ip: from?.ip ?? client.ip };
  if (from === undefined && namespace !== undefined) source.namespace = namespace;
  const destination = describe({ ip: target.ip }, cluster, record);
  const made = makeFlow({ ...base, source, destination, port: target.port, sourcePort: (from ?? client).port, verdict });
  const gateway = from !== undefined && from.ip !== client.ip && local !== undefined;
  if (!gateway) return made;
  const entered = makeFlow({ ...served, destination: { ip: local.ip }, port: local.port });
  const flows = [entered, made].filter((flow): flow is Flow => !("ignored" in flow));
  return flows.length === 0 ? made : flows;
}

function addressOf(value: unknown): { readonly ip: string; readonly port: number } | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : addressAndPort(text);
}

/** `outbound|9080|v1|reviews.shop.svc.cluster.local`, and the name that a client asked for outside of the cluster. */
function describe(end: EndDraft, cluster: string, record: PlainObject): EndDraft {
  const host = cluster.startsWith("outbound") ? (cluster.split("|")[3] ?? "") : "";
  const service = /^([^.]+)\.([^.]+)\.svc(\.|$)/.exec(host);
  if (service?.[1] !== undefined && service[2] !== undefined) return { ...end, service: { name: service[1], namespace: service[2] }, ...withNamespace(namespaceOf(record["upstream_peer_uri_san"])) };
  const name = /^[\w-]+(\.[\w-]+)+$/.test(host) ? host : textOf(record["requested_server_name"]);
  return { ...end, ...(name === undefined ? {} : { names: [name] }) };
}

function withNamespace(namespace: string | undefined): EndDraft {
  return namespace === undefined ? {} : { namespace };
}

/** `spiffe://cluster.local/ns/shop/sa/web`. */
function namespaceOf(uri: unknown): string | undefined {
  return /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\//.exec(textOf(uri) ?? "")?.[1];
}
