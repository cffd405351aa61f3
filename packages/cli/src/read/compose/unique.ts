import type { List, Tree } from "./tree";
import { childAt, textOf } from "./tree";

type Index = (item: Tree) => string | undefined;

/** What makes two members of a list the same one: the later takes the earlier one's place (compose-go, override/uncity.go). */
const ofService: { readonly [key: string]: Index } = {
  annotations: nameOf, "build.args": nameOf, "build.additional_contexts": nameOf, "build.tags": nameOf, "build.labels": nameOf, cap_add: nameOf, cap_drop: nameOf,
  configs: mountOf(""), "deploy.labels": nameOf, devices: deviceTarget, dns: nameOf, dns_opt: nameOf, dns_search: nameOf, environment: nameOf, env_file: fileOf, expose: scalarText,
  labels: nameOf, links: nameOf, ports: portOf, profiles: nameOf, secrets: mountOf("/run/secrets"), sysctls: nameOf, tmpfs: nameOf, volumes: volumeTarget,
};

export function uniqueItems(list: List, path: readonly string[]): List {
  const [section, , ...keys] = path;
  const name = keys.join(".");
  const index = section === "services" || section === "jobs" ? (Object.hasOwn(ofService, name) ? ofService[name] : undefined) : name === "labels" ? nameOf : undefined;
  if (index === undefined) return list;
  const items: Tree[] = [];
  const places = new Map<string, number>();
  for (const item of list.items) {
    const key = index(item);
    const place = key === undefined ? undefined : places.get(key);
    if (place !== undefined) items[place] = item;
    else {
      if (key !== undefined) places.set(key, items.length);
      items.push(item);
    }
  }
  return { ...list, items };
}

function scalarText(item: Tree): string | undefined {
  return item.kind === "scalar" && (typeof item.value === "string" || typeof item.value === "number") ? String(item.value) : undefined;
}

function nameOf(item: Tree): string | undefined {
  return scalarText(item)?.split("=", 1)[0];
}

function fileOf(item: Tree): string | undefined {
  return textOf(item) ?? textOf(childAt(item, "path"));
}

function mountOf(folder: string): Index {
  return (item) => {
    const target = textOf(childAt(item, "target"));
    const source = textOf(item) ?? textOf(childAt(item, "source"));
    return target ?? (source === undefined ? undefined : `${folder}/${source}`);
  };
}

function volumeTarget(item: Tree): string | undefined {
  const text = textOf(item);
  if (text === undefined) return textOf(childAt(item, "target"));
  // The colon of a Windows drive separates nothing.
  const parts = text.replace(/(^|:)[a-zA-Z]:(?=[\\/])/g, "$1").split(":");
  return parts.length === 1 ? parts[0] : parts[1];
}

function deviceTarget(item: Tree): string | undefined {
  const text = textOf(item);
  return text === undefined ? textOf(childAt(item, "target")) : (text.split(":")[1] ?? text.split(":")[0]);
}

/** interface, published port, target and protocol. */
function portOf(item: Tree): string | undefined {
  const text = scalarText(item);
  const part = (key: string, absent: string): string => scalarText(childAt(item, key) ?? item) ?? absent;
  if (text === undefined) return item.kind === "map" ? [part("host_ip", "0.0.0.0"), part("published", ""), part("target", "?"), part("protocol", "tcp")].join(" ") : undefined;
  const [address = "", protocol = "tcp"] = text.split("/");
  const parts = address.split(":");
  const ip = parts.slice(0, -2).join(":").replace(/^\[|\]$/g, "");
  return [ip === "" ? "0.0.0.0" : ip, parts.length > 1 ? parts.at(-2) : "", parts.at(-1), protocol].join(" ");
}
