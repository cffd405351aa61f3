import type { Field } from "../field";
import { isObject, known, mapField, UNKNOWN, unknown, unset, unsupported } from "../field";
import type { Connection, Peer } from "../model/around";
import type { Resource } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, isUnset, members, stringField } from "../node";
import { anyTrue, quoted } from "./common";

/** A provider's inputs hold everything but text as JSON (the SDKs encode it so); text that is no JSON is not known. */
export function decoded(place: Node): Node {
  if (typeof place.value !== "string") return place;
  try {
    return { ...place, value: JSON.parse(place.value) as unknown };
  } catch {
    return { ...place, value: UNKNOWN };
  }
}

export function connection(resource: Resource, peer: Peer, place: Node, state: Pick<Connection, "unencrypted" | "unverified">): Connection {
  return { about: "connection", peer, resource, label: quoted(resource), path: place.path, ...state };
}

/** Whether an address says that it is reached without encryption; a bare name is not: the client then asks for TLS. */
export function isPlainHttp(address: Node): Field<boolean> {
  return mapField(stringField(address), (text) => /^http:\/\//i.test(text.trim()));
}

/** True where any member is; a list that is not known may hold one. */
function anyMember(list: Node, read: (item: Node) => Field<boolean>): Field<boolean> {
  const { items, unknown: open } = members(list);
  const fields = items.map(read);
  return anyTrue([unset(list.path), ...fields, ...(open ? [unknown<boolean>(list.path)] : [])]);
}

/** docker.Provider, and docker-build's, which has no TLS material of its own. */
export function providerConnections(root: Node, resource: Resource): readonly Connection[] {
  const host = at(root, "host");
  const auth = [decoded(at(root, "registryAuth")), decoded(at(root, "registries"))].find((list) => !isUnset(list));
  const daemon = connection(resource, "daemon", host, { unencrypted: plainDaemon(root, host), unverified: unverifiedSsh(decoded(at(root, "sshOpts"))) });
  return auth === undefined ? [daemon] : [daemon, connection(resource, "registry", auth, { unencrypted: anyMember(auth, (entry) => isPlainHttp(at(entry, "address"))), unverified: unset(auth.path) })];
}

/** `tcp:` is encrypted where the provider has a certificate's files or text (kreuzwerker/docker, config.go). */
function plainDaemon(root: Node, host: Node): Field<boolean> {
  const address = stringField(host);
  if (address.state !== "value") return mapField(address, () => false);
  if (/^http:\/\//i.test(address.value)) return known(true, host.path);
  if (!/^tcp:\/\//i.test(address.value)) return known(false, host.path);
  const material = ["certPath", "caMaterial", "certMaterial", "keyMaterial"].map((key) => stringField(at(root, key)));
  if (material.some((text) => text.state === "value" && text.value !== "")) return known(false, host.path);
  const open = material.find((text) => text.state === "unknown");
  return open === undefined ? known(true, host.path) : unknown(open.path);
}

function unverifiedSsh(options: Node): Field<boolean> {
  return anyMember(options, (option) => mapField(stringField(option), (text) => /StrictHostKeyChecking[\s=]+"?(no|off)\b|UserKnownHostsFile[\s=]+"?\/dev\/null\b/i.test(text)));
}

/** Where an image is pushed to, or looked up: the address that it logs in at, and what is given up there. */
export function registryConnection(root: Node, resource: Resource, addresses: readonly Node[], insecure: readonly Node[]): Connection {
  const plain = addresses.filter((place) => !isUnset(place)).map(isPlainHttp);
  const skipped = insecure.filter((place) => !isUnset(place)).map(insecureField);
  return connection(resource, "registry", root, { unencrypted: anyTrue([unset(root.path), ...plain]), unverified: anyTrue([unset(root.path), ...skipped]) });
}

/** An exporter's own words are `type=image,push=true,registry.insecure=true`. */
function insecureField(place: Node): Field<boolean> {
  const isRaw = place.path.at(-1) === "raw";
  return isRaw ? mapField(stringField(place), (text) => /(^|,)\s*"?registry\.insecure=(true|1|t)\b/i.test(text)) : booleanField(place);
}

/** A kubeconfig is an object, its text in YAML or JSON, or the path of a file. */
export function kubeconfigFlaws(place: Node): Pick<Connection, "unencrypted" | "unverified"> {
  const config = decoded(place);
  if (isObject(config.value)) {
    const inClusters = (read: (cluster: Node) => Field<boolean>): Field<boolean> => ({ ...anyTrue([known(false, place.path), anyMember(at(config, "clusters"), (entry) => read(at(entry, "cluster")))]), path: place.path });
    return { unencrypted: inClusters((cluster) => isPlainHttp(at(cluster, "server"))), unverified: inClusters((cluster) => booleanField(at(cluster, "insecure-skip-tls-verify"))) };
  }
  const text = mapField(stringField(place), onLines);
  if (text.state === "value" && !text.value.includes("\n")) {
    const file: Field<never> = unsupported(place.path, "the kubeconfig is a file outside the program");
    return { unencrypted: file, unverified: file };
  }
  const has = (entry: RegExp): Field<boolean> => mapField(text, (content) => entry.test(content));
  return { unencrypted: has(/^[^#\n]*\bserver["']?\s*:\s*["']?http:\/\//im), unverified: has(/^[^#\n]*\binsecure-skip-tls-verify["']?\s*:\s*["']?(true|yes|on|y)\b/im) };
}

/** One line of YAML, which has a key or is in braces, with a line for each key. */
function onLines(text: string): string {
  const isYaml = /^\s*(---\s*)?\{|["'\w-]:\s/.test(text);
  return isYaml && !text.includes("\n") ? `${text.replace(/[{},[\]]/g, "\n")}\n` : text;
}
