import { known, unknown, unset } from "../field";
import type { PluginGrant } from "../model/around";
import type { Hole, Resource, Subject, Volume } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, members } from "../node";
import { noVolumeSettings } from "./absent";
import { collected } from "./collected";
import { imageSubject, quoted } from "./common";

/** A plugin is an image that the engine runs as root, with what it is granted (moby, plugin/backend_linux.go, computePrivileges). */
export function plugin(root: Node, resource: Resource): { readonly subjects: readonly Subject[]; readonly holes: readonly Hole[] } {
  const label = quoted(resource);
  const list = at(root, "grantPermissions");
  const { items, unknown: all } = members(list);
  const grants: PluginGrant[] = [];
  const mounts: Volume[] = [];
  const holes: Hole[] = all ? [{ about: ["volume"], resource, label, path: list.path }] : [];
  let open = all ? list : undefined;
  for (const item of items) {
    const name = at(item, "name").value;
    const values = members(at(item, "values"));
    const unread = typeof name !== "string" || values.unknown || values.items.some(({ value }) => typeof value !== "string");
    if (name !== "mount" && unread) open ??= item;
    if (typeof name !== "string") holes.push({ about: ["volume"], resource, label, path: item.path });
    else if (name !== "mount") grants.push(...values.items.flatMap(({ value }) => (typeof value === "string" ? [{ name, value }] : [])));
    else if (values.unknown) mounts.push(mount(at(item, "values"), resource));
    // A mount without a source takes nothing of the host.
    else mounts.push(...values.items.filter(({ value }) => value !== "").map((value) => mount(value, resource)));
  }
  const subject: Subject = { about: "plugin", resource, label, path: root.path, grantsAll: booleanField(at(root, "grantAllPermissions")), grants: collected(grants, list, open) };
  return { subjects: [subject, imageSubject(resource, label, "run", at(root, "name")), ...mounts], holes };
}

function mount({ value, path }: Node, resource: Resource): Volume {
  const hostPath = typeof value === "string" ? known(value, path) : unknown<string>(path);
  return { about: "volume", name: `#${path.slice(-3).join(".")}`, resource, label: `the mount granted to ${quoted(resource)}`, path, type: unset(path), ...noVolumeSettings(path), hostPath, sizeLimit: unset(path), scratch: false, credentials: unset(path) };
}
