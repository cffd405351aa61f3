import type { Field } from "../field";
import { isObject, known, unknown } from "../field";
import type { StorageUse, UserUse } from "../inventory/members";
import type { Node } from "../node";
import { at, booleanField, isUnset, members } from "../node";
import { collected, inherit } from "./collected";
import { mountsOf, volumeSettings } from "./kubernetes-mounts";
import type { FoundPod } from "./pod-finder";
import { idField } from "./quantity";

/** The claims that a pod mounts and may write to: other pods may mount them too, whatever their access mode says of nodes. */
export function claimsOf({ spec, defaults, containers, open: unread }: FoundPod): Field<readonly StorageUse[]> {
  const mounts = mountsOf(containers.map(([container]) => container), unread);
  const found: StorageUse[] = [];
  const list = at(spec, "volumes");
  let open: Node | undefined;
  for (const place of [list, ...(defaults === undefined ? [] : [at(defaults, "volumes")])]) {
    const { items, unknown: all } = members(place);
    if (all) open ??= place;
    for (const volume of items) {
      const claim = at(volume, "persistentVolumeClaim");
      if (isUnset(claim)) continue;
      const readOnly = booleanField(at(claim, "readOnly"));
      const { writable } = volumeSettings(volume, mounts);
      if ((readOnly.state === "value" && readOnly.value) || writable.state === "unset" || (writable.state === "value" && !writable.value)) continue;
      const name = at(claim, "claimName");
      if (typeof name.value === "string") found.push({ name: name.value, key: name.value, path: name.path, certain: writable.state === "value" && readOnly.state !== "unknown" });
      else open ??= name;
    }
  }
  return collected(found, list, open);
}

/** The user ids that the containers of a pod are given, root left out; with a user namespace of its own a pod shares them with nobody. */
export function usersOf({ spec, defaults, containers, open: unread }: FoundPod): Field<readonly UserUse[]> {
  const own = (key: string): Node => (defaults !== undefined && isUnset(at(spec, key)) ? at(defaults, key) : at(spec, key));
  const host = booleanField(own("hostUsers"));
  const pod = idField(at(own("securityContext"), "runAsUser"), "a user id");
  if ((host.state === "value" && !host.value) || at(spec, "os", "name").value === "windows") return known([], pod.path);
  const fields = containers.length + unread.length === 0 ? [pod] : containers.map(([container]) => inherit(idField(at(container, "securityContext", "runAsUser"), "a user id"), pod));
  const ids = new Map(fields.flatMap((field) => (field.state === "value" && field.value !== "0" ? [[field.value, field.path] as const] : [])));
  if (ids.size > 0 && host.state === "unknown") return unknown(host.path, host.reason);
  const open = fields.find(({ state }) => state === "unknown") ?? unread[0];
  return collected([...ids].map(([id, path]) => ({ name: id, key: id, path, certain: true })), isObject(spec.value) ? at(own("securityContext"), "runAsUser") : spec, open);
}
