import type { Field, Patch, Path } from "../field";
import { isObject, known, knownValue, mapField, UNKNOWN, unknown, unset } from "../field";
import type { Hole, Resource, Subject, Volume } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, field, isUnset, listField, members, node, put, stringField } from "../node";
import { noVolumeSettings } from "./absent";
import { collected } from "./collected";
import type { FolderOf } from "./common";
import { imageSubject, quoted } from "./common";
import { hostPathOf } from "./compose-files";
import { parseBytes } from "./compose-limits";
import { allowsPrograms } from "./docker-settings";

export interface Mounts {
  readonly subjects: readonly Subject[];
  readonly holes: readonly Hole[];
}

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
}

/** `[source:]target[:options]`; the colon of a Windows drive separates nothing (compose-go, format.ParseVolume). */
export function parseVolume(text: string): Mount {
  const [first = "", second, third = ""] = text.replace(/(^|:)([a-zA-Z]):(?=[\\/])/g, "$1$2\u0000").split(":").map((part) => part.replaceAll("\u0000", ":"));
  return second === undefined ? { source: "", target: first, options: [] } : { source: first, target: second, options: third === "" ? [] : third.split(",") };
}

/** Whether the source of a short volume is a path of the host, not the name of a volume. */
export function isPath(source: string): boolean {
  return /^([./~]|\\\\|[a-zA-Z]:)/.test(source);
}

export function mountsOf(service: Node, resource: Resource, folderOf: FolderOf): Mounts {
  const label = quoted(resource);
  const subjects: Subject[] = [];
  const holes: Hole[] = [];
  const open = ({ path }: Node, reason?: string): void => void holes.push({ about: ["volume"], resource, label, path, ...(reason === undefined ? {} : { reason }) });
  const volumes = at(service, "volumes");
  const tmpfs = at(service, "tmpfs");
  const lists = [members(volumes), typeof tmpfs.value === "string" ? { items: [tmpfs], unknown: false } : members(tmpfs)] as const;
  if (lists[0].unknown) open(volumes);
  if (lists[1].unknown) open(tmpfs);
  for (const item of lists[0].items) {
    if (item.value === UNKNOWN) open(item);
    else subjects.push(...readMount(item, resource, folderOf));
  }
  for (const item of lists[1].items) {
    if (typeof item.value === "string") subjects.push({ ...scratch(item, resource, item.value.split(":", 1)[0] ?? "", tmpfsSize(item)), executable: tmpfsExecutable(item, item.value) });
    else open(item);
  }
  const others = members(at(service, "volumes_from"));
  if (others.unknown) open(at(service, "volumes_from"));
  for (const item of others.items) {
    if (item.value === UNKNOWN) open(item);
    else subjects.push({ ...volume(item, resource, `#${String(item.path.at(-1))}`, unset(item.path)), label: `the mounts taken over by ${label}`, fromContainer: mapField(stringField(item), (text) => text.replace(/^container:/, "").replace(/:r[ow]$/, "")) });
  }
  const socket = booleanField(at(service, "use_api_socket"));
  if (socket.state === "unknown") open(at(service, "use_api_socket"));
  if (knownValue(socket) === true) subjects.push(volume(at(service, "use_api_socket"), resource, "/var/run/docker.sock", known("/var/run/docker.sock", socket.path)));
  return { subjects, holes };
}

function readMount(item: Node, resource: Resource, folderOf: FolderOf): readonly Subject[] {
  if (typeof item.value === "string") {
    const { source, target } = parseVolume(item.value);
    return [{ ...volume(item, resource, target, unset(item.path)), ...hostPathOf(isPath(source) ? known(source, item.path) : unset(item.path), folderOf), writable: shortWritable(item, item.value) }];
  }
  const type = stringField(at(item, "type"));
  const source = at(item, "source");
  const target = knownValue(stringField(at(item, "target"))) ?? `#${String(item.path.at(-1))}`;
  if (type.state !== "value" && type.state !== "unset") return [{ ...volume(item, resource, target, unknown(type.path)), sizeLimit: unknown(type.path), scratch: true }];
  const kind = knownValue(type);
  if (kind === "tmpfs") return [scratch(item, resource, target, field(at(item, "tmpfs", "size"), "an amount of bytes", parseBytes))];
  if (kind === "image") return [volume(item, resource, target, unset(item.path)), imageSubject(resource, `the image mounted at "${target}" of ${quoted(resource)}`, "volume", source)];
  return [{ ...volume(item, resource, target, unset(item.path)), ...hostPathOf(kind === "bind" || kind === "npipe" ? bound(source) : unset(item.path), folderOf), writable: longWritable(item) }];
}

function longWritable(item: Node): Field<boolean> {
  const readOnly = booleanField(at(item, "read_only"));
  const to = (wanted: boolean | undefined): ReturnType<Field<boolean>["to"]> => readOnly.to(wanted === undefined ? undefined : !wanted);
  return readOnly.state === "unset" ? known(true, readOnly.path, to) : mapField(readOnly, (value) => !value, to);
}

/** `source:target:ro`; a target alone is a volume of the container's own. */
function shortWritable({ path }: Node, text: string): Field<boolean> {
  const { source, options } = parseVolume(text);
  const stem = text.slice(0, text.length - options.join(",").length).replace(/:$/, "");
  const to = (wanted: boolean | undefined): ReturnType<Field<boolean>["to"]> => (source === "" ? undefined : put(path)([stem, [...options.filter((option) => !/^r[ow]$/.test(option)), ...(wanted === false ? ["ro"] : [])].join(",")].filter((part) => part !== "").join(":")));
  return known(!options.includes("ro"), path, to);
}

function bound(source: Node): Field<string> {
  return isUnset(source) ? known("", source.path) : stringField(source);
}

function volume({ path }: { readonly path: Path }, resource: Resource, target: string, hostPath: Field<string>): Volume {
  return { about: "volume", name: target, resource, label: `mount "${target}" of ${quoted(resource)}`, path, hostPath, type: unset(path), ...noVolumeSettings(path), mountedAs: known(target, path), sizeLimit: unset(path), scratch: false, credentials: unset(path) };
}

function scratch(item: Node, resource: Resource, target: string, sizeLimit: Field<number>): Volume {
  return { ...volume(item, resource, target, unset(item.path)), sizeLimit, scratch: true };
}

/** `/run:size=64m,mode=1777` */
function tmpfsSize(item: Node): Field<number> {
  const options = typeof item.value === "string" ? (item.value.split(":")[1] ?? "") : "";
  const size = /(?:^|,)size=([^,]*)/.exec(options)?.[1];
  return size === undefined ? unset(item.path) : { ...field(node(size, item.path), "an amount of bytes", (value) => (/%$/.test(String(value)) ? 1 : parseBytes(value))), to: () => undefined };
}

/** Docker mounts it noexec, nosuid and nodev unless told otherwise. */
function tmpfsExecutable({ path }: Node, text: string): Field<boolean> {
  const [target, options = ""] = text.split(":");
  const to = (): readonly Patch[] => put(path)(`${target}:${options.split(",").filter((option) => !["exec", "suid", "dev"].includes(option)).join(",")}`);
  return known(allowsPrograms(options.split(",")), path, to);
}

/** How each mount propagates, in the words of Kubernetes; undefined where it is not known. */
export function propagation(item: unknown): string | undefined {
  const modes: readonly unknown[] | undefined = typeof item === "string" ? parseVolume(item).options : isObject(item) ? [at(node(item), "bind", "propagation").value as unknown] : undefined;
  if (modes === undefined || modes.some((mode) => mode === UNKNOWN)) return undefined;
  const mode = modes.find(isPropagation);
  return mode === undefined ? "None" : String(mode).endsWith("shared") ? "Bidirectional" : String(mode).endsWith("slave") ? "HostToContainer" : "None";
}

/** How the mounts propagate; written by taking the words for it away. */
export function propagations(volumes: Node): Field<readonly string[]> {
  const to = (wanted: readonly string[] = []): readonly Patch[] => members(volumes).items.flatMap((item) => {
    const mode = propagation(item.value);
    return mode === undefined || wanted.includes(mode) ? [] : withoutPropagation(item);
  });
  return { ...listField(volumes, propagation), to };
}

function withoutPropagation(item: Node): readonly Patch[] {
  if (typeof item.value !== "string") {
    const bind = at(item, "bind");
    return put((isObject(bind.value) && Object.keys(bind.value).length === 1 ? bind : at(bind, "propagation")).path)(undefined);
  }
  const { options } = parseVolume(item.value);
  const stem = item.value.slice(0, item.value.length - options.join(",").length - 1);
  const kept = options.filter((option) => !isPropagation(option));
  return put(item.path)(kept.length === 0 ? stem : `${stem}:${kept.join(",")}`);
}

function isPropagation(option: unknown): option is string {
  return typeof option === "string" && /^r?(shared|slave|private)$/.test(option);
}

/** Devices by the host's name for them. They are written all or none: which one a service needs nobody here knows. */
export function devicesOf(place: Node): Field<readonly string[]> {
  const { items, unknown: open } = members(place);
  const names = items.map((item) => (typeof item.value === "string" ? item.value.split(":", 1)[0] : item.value === UNKNOWN ? undefined : knownValue(stringField(at(item, "source")))));
  const some = open || names.includes(undefined);
  return { ...collected(names.filter((name) => name !== undefined), place, some ? place : undefined), to: (wanted) => (some || wanted !== undefined ? undefined : put(place.path)(undefined)) };
}
