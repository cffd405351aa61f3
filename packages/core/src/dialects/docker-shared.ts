import type { Field, Path } from "../field";
import { known, knownValue, unknown } from "../field";
import type { StorageUse, UserUse } from "../inventory/members";
import type { Node } from "../node";
import { at, booleanField, isUnreadable, isUnset, members, stringField } from "../node";
import { collected } from "./collected";

/** A numeric user: what a name stands for is known to the image alone. Root has rules of its own. */
export function userOf(user: Field<string>): Field<readonly UserUse[]> {
  if (user.state !== "value") return user.state === "unknown" ? unknown(user.path, user.reason) : known([], user.path);
  const digits = /^\+?(\d+)(?::|$)/.exec(user.value)?.[1];
  const id = digits === undefined ? "" : String(Number(digits));
  return known(id === "" || id === "0" ? [] : [{ name: id, key: id, path: user.path, certain: true }], user.path);
}

/** A path of the host as storage: `/srv/a/` and `/srv/b/../a` are one place. A relative one starts from a folder, or from something that stands for it. */
export function storagePath(path: string, folder: string): string {
  const parts: string[] = [];
  for (const part of `${/^([/~]|\\\\|[a-zA-Z]:)/.test(path) ? "" : `${folder}/`}${path}`.split(/[\\/]/)) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** A socket is no storage. */
export function isSocket(path: string): boolean {
  return /\.sock$/.test(path);
}

/** Volumes by name and paths of the host that a container mounts and may write to. */
export function mountedStorage(volumes: Node, mounts: Node): Field<readonly StorageUse[]> {
  const found: StorageUse[] = [];
  let open: { readonly path: Path } | undefined;
  const add = (item: Node, source: Field<string>, isPath: boolean): void => {
    const readOnly = booleanField(at(item, "readOnly"));
    if ((readOnly.state === "value" && readOnly.value) || source.state === "unset") return;
    const name = knownValue(source);
    if (name === undefined) open ??= source;
    else if (name !== "" && !isSocket(name)) found.push({ name, key: isPath || name.startsWith("/") ? storagePath(name, "") : name, path: source.path, certain: readOnly.state !== "unknown" });
  };
  for (const list of [volumes, mounts]) {
    const { items, unknown: all } = members(list);
    if (all) open ??= list;
    for (const item of items) {
      const type = stringField(at(item, "type"));
      if (isUnreadable(item)) open ??= item;
      else if (list === volumes) {
        const name = stringField(at(item, "volumeName"));
        if (isUnset(at(item, "fromContainer"))) add(item, name.state === "unset" ? stringField(at(item, "hostPath")) : name, name.state === "unset");
      } else if (type.state === "unknown") open ??= type;
      else if (!["tmpfs", "npipe", "image"].includes(knownValue(type) ?? "")) add(item, stringField(at(item, "source")), knownValue(type) === "bind");
    }
  }
  return collected(found, isUnset(volumes) ? mounts : volumes, open);
}
