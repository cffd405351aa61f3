import type { Field, Path } from "../field";
import { isObject, known, UNKNOWN, unknown, unset, unsupported } from "../field";
import type { Container, Pod, Resource } from "../model/subject";
import type { ContainerSettings, PodSettings } from "../model/settings";
import type { Node } from "../node";
import { at, isUnreadable, isUnset, listField, members, put, stringField, stringsField } from "../node";
import { noContainerSettings, noPodSettings } from "./absent";
import { collected, inherit, keys } from "./collected";
import { pipesDownload, runsSudo, secretArguments, startsSshServer } from "./commands";
import { probeSettings, probes } from "./kubernetes-probes";
import { idField, quantityField } from "./quantity";

type Said = ContainerSettings & Pick<Container, "startsSshServer">;

/** `spec` holds what the pod says of resources for all of its containers. */
export function containerSettings(place: Node, spec: Node, hostPorts: Field<readonly number[]>, writableSubPaths: Field<readonly string[]>): Said {
  const security = at(place, "securityContext");
  const main = [stringsField(at(place, "command")), stringsField(at(place, "args"))];
  const handlers = [...probes.map((name) => at(place, name)), at(place, "lifecycle", "postStart"), at(place, "lifecycle", "preStop")];
  const commands = [...main, ...handlers.filter((handler) => !isUnset(handler)).map((handler) => stringsField(at(handler, "exec", "command")))];
  const amount = (kind: "limits" | "requests", name: string): Field<number> => inherit(quantityField(at(place, "resources", kind, name)), quantityField(at(spec, "resources", kind, name)));
  return {
    ...noContainerSettings(place.path),
    group: idField(at(security, "runAsGroup"), "a group id"),
    windowsUser: stringField(at(security, "windowsOptions", "runAsUserName")),
    startsSshServer: startsSshServer(main),
    runsSudo: runsSudo(commands),
    pipesDownload: pipesDownload(commands),
    secretArguments: secretArguments(commands, at(place, "args")),
    // The API server sets a request that is left out to the limit.
    cpuRequest: inherit(amount("requests", "cpu"), amount("limits", "cpu")),
    memoryRequest: inherit(amount("requests", "memory"), amount("limits", "memory")),
    storageLimit: quantityField(at(place, "resources", "limits", "ephemeral-storage")),
    deviceRequests: deviceRequests(at(place, "resources")),
    publishedPorts: hostPorts,
    writableSubPaths,
    ...probeSettings(place),
  };
}

/** `own` gives what the pod says under a name. */
export function podSettings(own: (key: string) => Node, owner: Node, resource: Resource, path: Path): PodSettings & Pick<Pod, "serviceAccount"> {
  const security = own("securityContext");
  return {
    ...noPodSettings(path),
    group: idField(at(security, "runAsGroup"), "a group id"),
    supplementaryGroups: groups(at(security, "supplementalGroups")),
    volumeGroup: idField(at(security, "fsGroup"), "a group id"),
    windowsUser: stringField(at(security, "windowsOptions", "runAsUserName")),
    runtime: stringField(own("runtimeClassName")),
    labels: keys(at(owner, "labels")),
    annotations: keys(at(owner, "annotations")),
    naked: resource.kind === "Pod" ? naked(owner) : unset(path),
    serviceAccount: inherit(stringField(own("serviceAccountName")), stringField(own("serviceAccount"))),
    deprecatedServiceAccount: deprecatedServiceAccount(own("serviceAccount"), own("serviceAccountName")),
    ephemeralContainers: listField(own("ephemeralContainers"), (entry) => (isObject(entry) ? nameOf(entry["name"]) : undefined)),
  };
}

function nameOf(value: unknown): string {
  return typeof value === "string" ? value : "(unnamed)";
}

function groups(place: Node): Field<readonly string[]> {
  const ids = listField(place, (value) => (typeof value === "number" || typeof value === "string" ? String(value) : undefined));
  if (ids.state === "value" && ids.partial === true) return { ...ids, to: () => undefined };
  return { ...ids, to: (wanted) => put(place.path)(wanted?.length === 0 ? undefined : wanted?.map(Number)) };
}

/** Extended resources, whose names have a domain that is not Kubernetes' own, and claims of dynamic resource allocation. */
function deviceRequests(resources: Node): Field<readonly string[]> {
  const maps = [at(resources, "limits"), at(resources, "requests")];
  const claims = members(at(resources, "claims"));
  const devices = maps.flatMap((map) => (isObject(map.value) ? Object.keys(map.value) : []).filter((name) => /^(?!(?:[\w-]+\.)*kubernetes\.io\/)[^/]+\//.test(name)).map((name) => ({ name, count: at(map, name) })));
  const named = devices.filter(({ count: { value } }) => value !== UNKNOWN && value !== 0 && value !== "0");
  const claimed = claims.items.filter(({ value }) => value !== UNKNOWN).map((claim) => `the claim ${nameOf(at(claim, "name").value)}`);
  const open = maps.find(isUnreadable) ?? devices.map(({ count }) => count).find(({ value }) => value === UNKNOWN) ?? (claims.unknown ? at(resources, "claims") : claims.items.find(({ value }) => value === UNKNOWN));
  return collected([...new Set([...named.map(({ name }) => name), ...claimed])], maps[0] ?? resources, open);
}

/** A pod that a controller owns is started again elsewhere; the hooks of a Helm chart are meant to run once. */
function naked(owner: Node): Field<boolean> {
  const owners = members(at(owner, "ownerReferences"));
  const { path } = at(owner, "ownerReferences");
  const annotations = at(owner, "annotations");
  if (owners.unknown || isUnreadable(annotations)) return unknown(owners.unknown ? path : annotations.path);
  if (owners.items.length > 0 || !isUnset(at(annotations, "helm.sh/hook"))) return known(false, path);
  return owner.partial === undefined ? known(true, path) : unsupported(path, owner.partial);
}

/** `serviceAccount` alone; the API server gives every object both names. */
function deprecatedServiceAccount(old: Node, current: Node): Field<string> {
  const name = stringField(old);
  if (!isUnset(current)) return current.value === UNKNOWN && !isUnset(old) ? unknown(current.path) : unset([]);
  if (name.state !== "value") return name;
  return { ...name, to: (wanted) => (wanted === undefined ? [{ op: "set", path: current.path, value: name.value }, { op: "remove", path: old.path }] : undefined) };
}

