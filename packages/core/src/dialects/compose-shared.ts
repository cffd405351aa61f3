import type { Field } from "../field";
import { knownValue } from "../field";
import type { StorageUse } from "../inventory/members";
import type { Node } from "../node";
import { at, booleanField, isUnreadable, members, stringField } from "../node";
import { collected } from "./collected";
import type { FolderOf } from "./common";
import { isExternal, nameOf } from "./compose-inventory";
import { isPath, parseVolume } from "./compose-mounts";
import { isSocket, storagePath } from "./docker-shared";

/** Volumes by name and paths of the host that a service mounts and may write to. */
export function serviceStorage(service: Node, root: Node, scope: string, folderOf: FolderOf): Field<readonly StorageUse[]> {
  const list = at(service, "volumes");
  const { items, unknown: all } = members(list);
  const found: StorageUse[] = [];
  let open: Node | undefined = all ? list : undefined;
  const add = (item: Node, source: string, bind: boolean, certain: boolean): void => {
    if (source === "" || (bind && isSocket(source))) return;
    const volume = at(root, "volumes", source);
    const key = bind ? storagePath(source, folderOf(item.path) ?? scope) : nameOf(volume, source, scope);
    if (key === undefined) open ??= item;
    else found.push({ name: source, key, path: item.path, certain, ...(!bind && isExternal(volume) ? { elsewhere: true } : {}) });
  };
  for (const item of items) {
    if (typeof item.value === "string") {
      const { source, options } = parseVolume(item.value);
      if (!options.includes("ro")) add(item, source, isPath(source), true);
      continue;
    }
    const [type, source, readOnly] = [stringField(at(item, "type")), stringField(at(item, "source")), booleanField(at(item, "read_only"))];
    if ((readOnly.state === "value" && readOnly.value) || ["tmpfs", "image", "npipe", "cluster"].includes(knownValue(type) ?? "")) continue;
    if (isUnreadable(item) || type.state === "unknown" || source.state === "unknown") open ??= item;
    else add(item, knownValue(source) ?? "", knownValue(type) === "bind", readOnly.state !== "unknown");
  }
  return collected(found, list, open);
}
