import type { Field } from "../field";
import { isObject, known, UNKNOWN, unknown, unset, unsupported } from "../field";
import type { VolumeSettings } from "../model/settings";
import type { Node } from "../node";
import { at, booleanField, isUnset, members, numberField, stringField } from "../node";
import { noVolumeSettings } from "./absent";
import { collected } from "./collected";

/** Every mount of every container of a pod; `open` is a list of them that is not known. */
export interface Mounts {
  /** By the name of the volume; those of which it is not known under UNKNOWN. */
  readonly named: ReadonlyMap<unknown, readonly Node[]>;
  readonly open: Node | undefined;
}

export function mountsOf(containers: readonly Node[], unknownLists: readonly Node[]): Mounts {
  const named = new Map<unknown, Node[]>();
  let open = unknownLists[0];
  for (const container of containers) {
    const list = at(container, "volumeMounts");
    const mounts = members(list);
    if (mounts.unknown) open ??= list;
    for (const mount of mounts.items) {
      const name = at(mount, "name").value;
      const known = named.get(name);
      if (known === undefined) named.set(name, [mount]);
      else known.push(mount);
    }
  }
  return { named, open };
}

export function volumeSettings(volume: Node, mounts: Mounts): VolumeSettings {
  return { ...noVolumeSettings(volume.path), mountedAs: stringField(at(volume, "name")), writable: writable(volume, mounts), ...tokens(volume) };
}

/** A mount is writable unless it says that it is read-only. */
function writable(volume: Node, { named, open }: Mounts): Field<boolean> {
  const name = at(volume, "name").value;
  const own = name === UNKNOWN ? [] : [...(named.get(name) ?? []), ...(named.get(UNKNOWN) ?? [])];
  const states = own.map((mount) => ({ mount, readOnly: booleanField(at(mount, "readOnly")) }));
  const found = states.filter(({ mount, readOnly }) => typeof at(mount, "name").value === "string" && readOnly.state !== "unknown" && !(readOnly.state === "value" && readOnly.value));
  const to: Field<boolean>["to"] = (wanted) => (wanted === false ? found.map(({ mount }) => ({ op: "set", path: at(mount, "readOnly").path, value: true })) : undefined);
  if (found[0] !== undefined) return known(true, at(found[0].mount, "readOnly").path, to);
  const unclear = states.find(({ mount, readOnly }) => mount.value === UNKNOWN || at(mount, "name").value === UNKNOWN || readOnly.state === "unknown");
  if (unclear !== undefined) return unknown(unclear.mount.value === UNKNOWN ? unclear.mount.path : unclear.readOnly.path);
  if (open !== undefined) return unknown(open.path);
  if (name === UNKNOWN && named.size > 0) return unknown(at(volume, "name").path);
  if (states[0] !== undefined) return known(false, states[0].readOnly.path);
  return volume.partial === undefined ? unset(volume.path) : unsupported(volume.path, volume.partial);
}

/** The kubelet mounts these read-only whatever the mount says. */
const readOnlyTypes = ["configMap", "secret", "projected", "downwardAPI", "image"];

/** Volumes that a container mounts by a sub-path and may write to. */
export function writableSubPaths(container: Node, spec: Node): Field<readonly string[]> {
  const place = at(container, "volumeMounts");
  const { items, unknown: all } = members(place);
  const volumes = members(at(spec, "volumes"));
  const isSubPath = (mount: Node): boolean => [at(mount, "subPath"), at(mount, "subPathExpr")].some((path) => path.value === UNKNOWN || (typeof path.value === "string" && path.value !== ""));
  const names: string[] = [];
  let open: Node | undefined = all ? place : undefined;
  for (const mount of items) {
    if (mount.value === UNKNOWN) open ??= mount;
    if (mount.value === UNKNOWN || !isSubPath(mount) || at(mount, "readOnly").value === true) continue;
    const name = at(mount, "name").value;
    const volume = volumes.items.find((item) => at(item, "name").value === name);
    if (volume !== undefined && readOnlyTypes.some((type) => isObject(at(volume, type).value))) continue;
    const unclear = [at(mount, "subPath"), at(mount, "subPathExpr"), at(mount, "readOnly"), at(mount, "name")].find(({ value }) => value === UNKNOWN) ?? (volumes.unknown ? at(spec, "volumes") : undefined);
    if (unclear === undefined) names.push(typeof name === "string" ? name : "(unnamed)");
    else open ??= unclear;
  }
  return collected(names, place, open);
}

function tokens(volume: Node): Pick<VolumeSettings, "tokenWithoutAudience" | "tokenSeconds"> {
  const sources = members(at(volume, "projected", "sources"));
  const { path } = at(volume, "projected", "sources");
  if (sources.unknown || sources.items.some(({ value }) => value === UNKNOWN)) return { tokenWithoutAudience: unknown(path), tokenSeconds: unknown(path) };
  const found = sources.items.map((source) => at(source, "serviceAccountToken")).filter((token) => !isUnset(token));
  const [first] = found;
  if (first === undefined) return { tokenWithoutAudience: unset(path), tokenSeconds: unset(path) };
  const audiences = found.map((token) => ({ place: at(token, "audience"), audience: stringField(at(token, "audience")) }));
  const bare = audiences.find(({ audience }) => audience.state === "unset" || (audience.state === "value" && audience.value === ""));
  const unclear = audiences.find(({ audience }) => audience.state === "unknown");
  // The API server's default is an hour.
  const lives = found.map((token) => numberField(at(token, "expirationSeconds"))).map((life) => (life.state === "unset" ? known(3600, life.path) : life));
  const openLife = lives.find(({ state }) => state === "unknown");
  const longest = lives.flatMap((life) => (life.state === "value" ? [life] : [])).sort((a, b) => b.value - a.value)[0];
  return {
    tokenWithoutAudience: bare !== undefined ? known(true, bare.place.path) : unclear === undefined ? known(false, at(first, "audience").path) : unknown(unclear.place.path),
    tokenSeconds: longest === undefined || openLife !== undefined ? unknown(openLife?.path ?? path) : longest,
  };
}
