import { composeType, formatPath, isObject, knownValue, readDocument, UNKNOWN } from "@bulkhead/core";
import type { Cluster, DockerContainer, DockerNetwork, Monitor } from "../model/cluster";
import { readCompose } from "./compose";
import { isInspected, readContainerInputs, readInspected, readNetworkInputs, uniquePorts } from "./docker";
import type { ContainerDraft, Draft, InventoryDocument } from "./draft";
import { emptyDraft } from "./draft";
import { readObject } from "./kubernetes";
import { joinPods, ownerKey } from "./owners";
import { below, list, text } from "./place";

/**
 * Everything that is known to run, from plain documents in any order: manifests and lists of `kubectl get -o json`,
 * compose files, `docker inspect` and `docker network inspect`, and inputs of Pulumi resources (with `type`). What cannot
 * be read is a gap with its reason; a document that has nothing to do with containers is none.
 */
export function readInventory(documents: Iterable<InventoryDocument>): Cluster {
  const draft = emptyDraft();
  for (const document of documents) readOne(document, draft);
  const { workloads, gaps } = joinPods(draft.workloads, draft.pods, draft.owners);
  return {
    namespaces: sorted(unique(draft.namespaces, ({ name }) => name), ({ name }) => name),
    workloads: sorted(unique(workloads, ownerKey), ({ namespace, name, kind }) => `${namespace} ${name} ${kind}`),
    services: sorted(unique(draft.services, ({ namespace, name }) => `${namespace} ${name}`), ({ namespace, name }) => `${namespace} ${name}`),
    entries: sorted(draft.entries, ({ namespace, name, kind }) => `${namespace} ${name} ${kind}`),
    monitors: sorted(unique(draft.monitors, monitorName), monitorName),
    policies: sorted(unique(draft.policies, ({ metadata: { namespace, name } }) => `${namespace} ${name}`), ({ metadata: { namespace, name } }) => `${namespace} ${name}`),
    clusterPolicies: sorted(unique(draft.clusterPolicies, ({ kind, metadata: { name } }) => `${kind} ${name}`), ({ kind, metadata: { name } }) => `${kind} ${name}`),
    containers: containersOf(draft),
    networks: sorted(unique(draft.networks, ({ name }) => name), ({ name }: DockerNetwork) => name),
    gaps: [...draft.gaps, ...gaps],
  };
}

const containerType = "docker:index/container:Container";
const networkType = "docker:index/network:Network";

function readOne(document: InventoryDocument, draft: Draft): void {
  const { value, from, type, name = "(unnamed)" } = document;
  if (type === composeType) readCompose(value, from, draft);
  else if (type === containerType) readContainerInputs(value, name, from, draft);
  else if (type === networkType) readNetworkInputs(value, name, from, draft);
  else if (type?.startsWith("kubernetes:") === true) readKubernetes(document, draft);
  else if (type !== undefined) others(document, draft);
  else if (Array.isArray(value)) for (const member of list(value)) readOne({ ...document, value: member }, draft);
  else if (isInspected(value)) readInspected(value, from, draft);
  else if (isObject(value) && isObject(value["services"]) && value["kind"] === undefined) readCompose(value, from, draft);
  else readKubernetes(document, draft);
}

function readKubernetes(document: InventoryDocument, draft: Draft): void {
  const { value, from, type } = document;
  const [, version = "", typeKind = ""] = /^kubernetes:([^:]*):([^:]+)$/.exec(type ?? "") ?? [];
  const apiVersion = text(below(value, "apiVersion")) ?? version.replace(/^core\//, "");
  const kind = text(below(value, "kind")) ?? typeKind;
  const items = below(value, "items");
  if (kind.endsWith("List") && Array.isArray(items)) {
    const member = kind === "List" ? {} : { apiVersion, kind: kind.slice(0, -"List".length) };
    for (const item of list(items)) readOne({ from, value: isObject(item) ? { ...member, ...item } : item }, draft);
    return;
  }
  if (typeKind.endsWith("Patch")) draft.gaps.push({ from, reason: `${typeKind}: a patch changes an object that stands elsewhere` });
  else if (value === UNKNOWN || !readObject(value, apiVersion, kind, from, draft)) others(document, draft);
}

/** What core's dialects say of a document that nobody here reads: a chart, an operator's resource, a policy of another kind. */
function others({ value, from, type, name }: InventoryDocument, draft: Draft): void {
  const models = readDocument(value, { ...(type === undefined ? {} : { type }), ...(name === undefined ? {} : { name }) });
  for (const { resource, gaps = [], notExamined, holdsContainers } of models) {
    const own = `${resource.kind} ${resource.name}`;
    for (const { namespace, reason } of gaps) draft.gaps.push({ from, reason: `${own}: ${reason}${knownValue(namespace) === undefined ? "" : ` (in ${String(knownValue(namespace))})`}` });
    if (gaps.length === 0 && holdsContainers === true) draft.gaps.push({ from, reason: `${own}: ${notExamined.map(({ path, reason }) => (path.length === 0 ? reason : `${formatPath(path)}: ${reason}`)).join("; ") || "it runs containers that are not read here"}` });
  }
}

/** One container for each name, whatever it was read from; one that shares another's network is where that is. */
function containersOf({ containers }: Draft): readonly DockerContainer[] {
  const byName = new Map<string, ContainerDraft>();
  for (const container of containers) {
    const known = byName.get(container.name);
    byName.set(container.name, known === undefined ? container : merge(known, container));
  }
  const networksOf = ({ networks, sharesWith }: ContainerDraft, depth = 0): DockerContainer["networks"] => {
    const other = sharesWith === undefined || depth > 8 ? undefined : byName.get(sharesWith);
    return other === undefined ? networks : networksOf(other, depth + 1);
  };
  return sorted([...byName.values()], ({ name }) => name).map((draft) => {
    const { sharesWith: _, ...container } = draft;
    return { ...container, networks: networksOf(draft) };
  });
}

function merge(a: ContainerDraft, b: ContainerDraft): ContainerDraft {
  const networks = new Map(a.networks.map((entry) => [entry.network, entry]));
  for (const entry of b.networks) {
    const known = networks.get(entry.network);
    networks.set(entry.network, known === undefined ? entry : { ...known, ...entry, aliases: [...new Set([...known.aliases, ...entry.aliases])] });
  }
  return { ...a, ...(b.sharesWith === undefined ? {} : { sharesWith: b.sharesWith }), networks: [...networks.values()], ports: uniquePorts([...a.ports, ...b.ports]), published: a.published.length > 0 ? a.published : b.published };
}

/** The last of each name: what is read later is newer. */
function unique<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function sorted<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
}

function monitorName({ kind, namespace, name }: Monitor): string {
  return `${namespace} ${name} ${kind}`;
}
