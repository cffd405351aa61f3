import type { Field } from "../field";
import { known, knownValue, UNKNOWN, unknown, unset } from "../field";
import type { Resource, Volume } from "../model/subject";
import type { Node } from "../node";
import { at, isUnset, members, stringField, unreadable } from "../node";
import { noVolumeSettings } from "./absent";
import type { FolderOf } from "./common";
import { quoted } from "./common";

type HostPath = Pick<Volume, "hostPath" | "hostFolder">;

/** What is no path of its own: neither from the root nor from a drive, a home or a pipe. */
function isRelative(path: string): boolean {
  return path !== "" && !/^([/~]|\\\\|[a-zA-Z]:)/.test(path);
}

/** Whether a relative path leaves the folder that it starts from. */
function climbs(path: string): boolean {
  let depth = 0;
  for (const part of path.split(/[\\/]/)) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** A path of the host; Compose takes a relative one from the folder of the file that says it. One that leaves a folder nobody knows may lead anywhere. */
export function hostPathOf(path: Field<string>, folderOf: FolderOf): HostPath {
  if (path.state !== "value" || !isRelative(path.value)) return { hostPath: path, hostFolder: unset(path.path) };
  const hostPath = path.value.startsWith(".") ? path : { ...path, value: `./${path.value}` };
  const folder = folderOf(path.path);
  if (folder !== undefined) return { hostPath, hostFolder: known(folder, path.path) };
  return { hostPath, hostFolder: climbs(path.value) ? unknown(path.path, "leaves a folder that is not known here") : unset(path.path) };
}

const folders = { secrets: "/run/secrets", configs: "" } as const;

/**
 * The files of secrets and configs, which Compose mounts read-only (docker/compose, create.go, buildContainerConfigMounts).
 * A file of the project itself is a part of it, like the compose file; one from elsewhere is the host's.
 */
export function mountedFiles(section: "secrets" | "configs", service: Node, resource: Resource, root: Node, folderOf: FolderOf): readonly Volume[] {
  const list = at(service, section);
  const { items, unknown: open } = members(list);
  const kind = section === "secrets" ? "secret" : "config";
  const one = (name: string, target: string, { hostPath, hostFolder }: HostPath): Volume => {
    const { path } = hostPath;
    return {
      about: "volume", name: target, resource, label: `the ${kind} ${JSON.stringify(name)} of ${quoted(resource)}`, path, type: unset(path), ...noVolumeSettings(path),
      hostPath, hostFolder, mountedAs: known(target, path), writable: known(false, path), sizeLimit: unset(path), scratch: false, credentials: unset(path),
    };
  };
  const unread = ({ path }: Node): Volume => one(`#${String(path.at(-1))}`, `#${String(path.at(-1))}`, { hostPath: unknown(path), hostFolder: unset(path) });
  if (open) return [unread(list)];
  return items.map((item) => {
    const source = typeof item.value === "string" ? stringField(item) : stringField(at(item, "source"));
    if (source.state !== "value") return unread(source.state === "unknown" ? { ...item, path: source.path } : item);
    const target = knownValue(stringField(at(item, "target"))) ?? source.value;
    return one(source.value, target.startsWith("/") ? target : `${folders[section]}/${target}`, fileOf(at(root, section, source.value), folderOf));
  });
}

/** Outside of the project's own folder, or not known. */
function fileOf(definition: Node, folderOf: FolderOf): HostPath {
  const unread = unreadable<string>(definition);
  if (unread !== undefined) return { hostPath: unread, hostFolder: unset(unread.path) };
  const file = stringField(at(definition, "file"));
  const external = at(definition, "external");
  const isElsewhere = external.value !== UNKNOWN && !isUnset(external) && external.value !== false;
  const isOwn = file.state === "value" && isRelative(file.value) && !climbs(file.value);
  return isElsewhere || isOwn ? { hostPath: unset(file.path), hostFolder: unset(file.path) } : hostPathOf(file, folderOf);
}
