import { didYouMean } from "@bulkhead/core";
import { fail } from "./load";
import type { Tree } from "./tree";
import { childAt, entriesOf, isNull, isUnknown, itemsOf, textOf } from "./tree";

const sections = ["services", "jobs", "volumes", "networks", "secrets", "configs", "models"] as const;
const topLevel = [...sections, "include", "name", "version"];
const lists = ["cap_add", "cap_drop", "configs", "device_cgroup_rules", "devices", "expose", "external_links", "group_add", "links", "ports", "post_start", "pre_start", "pre_stop", "profiles", "secrets", "security_opt", "volumes", "volumes_from"];

/** What Compose refuses in a project that is merged (compose-go, checkConsistency and the schema), as far as a verdict could depend on it. @throws ProjectError */
export function checkConsistency(model: Tree): void {
  for (const [key, value] of entriesOf(model)) {
    if (key.startsWith("x-")) continue;
    if (!topLevel.includes(key)) throw fail(value.origin, [key], `one of ${topLevel.join(", ")}, or a key that begins with x-`, `an unknown key${suggestion(key)}`);
    if (sections.some((section) => section === key) && value.kind !== "map" && !isNull(value)) throw fail(value.origin, [key], "a mapping", value.kind === "list" ? "a list" : "a single value");
  }
  for (const section of ["services", "jobs"]) for (const [name, service] of entriesOf(childAt(model, section))) checkService(model, section, name, service);
  for (const [name, job] of entriesOf(childAt(model, "jobs"))) if (childAt(model, "services", name) !== undefined) throw fail(job.origin, ["jobs", name], "a name that no service has", "a service's name");
  for (const [name, secret] of entriesOf(childAt(model, "secrets"))) {
    const given = ["external", "file", "environment", "driver", "content"].some((key) => childAt(secret, key) !== undefined);
    if (!given) throw fail(secret.origin, ["secrets", name], "a file, an environment variable, or external", "none");
  }
  checkCycle(model);
}

function suggestion(key: string): string {
  const near = didYouMean(key, topLevel);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function checkService(model: Tree, section: string, name: string, service: Tree): void {
  const path = [section, name];
  if (service.kind !== "map") throw fail(service.origin, path, "a mapping", isNull(service) ? "nothing" : service.kind === "list" ? "a list" : "a single value");
  for (const key of lists) {
    const value = childAt(service, key);
    if (value !== undefined && value.kind !== "list" && !isNull(value) && !isUnknown(value)) throw fail(value.origin, [...path, key], "a list", value.kind === "map" ? "a mapping" : "a single value");
  }
  const networks = childAt(service, "networks");
  const mode = childAt(service, "network_mode");
  const attached = namesOf(networks);
  if (!isNull(mode) && attached.length > 0) throw fail(service.origin, [...path, "network_mode"], "either network_mode or networks", "both");
  const target = /^service:(.*)$/.exec(textOf(mode) ?? "")?.[1];
  if (target !== undefined && childAt(model, "services", target) === undefined) throw fail((mode as Tree).origin, [...path, "network_mode"], "a service that is there", "none of this name");
  defined(model, "networks", attached.filter(([network]) => network !== "default"), [...path, "networks"]);
  defined(model, "services", namesOf(childAt(service, "depends_on")), [...path, "depends_on"], section === "jobs");
  for (const kind of ["secrets", "configs"]) defined(model, kind, itemsOf(childAt(service, kind)).flatMap((item) => named(item, textOf(item) ?? textOf(childAt(item, "source")))), [...path, kind]);
  defined(model, "volumes", itemsOf(childAt(service, "volumes")).flatMap((item) => named(item, volumeName(item))), [...path, "volumes"]);
}

type Named = readonly [string, Tree];

function named(item: Tree, name: string | undefined): readonly Named[] {
  return name === undefined || name === "" ? [] : [[name, item]];
}

function namesOf(tree: Tree | undefined): readonly Named[] {
  return tree?.kind === "map" ? entriesOf(tree) : itemsOf(tree).flatMap((item) => named(item, textOf(item)));
}

function volumeName(item: Tree): string | undefined {
  const text = textOf(item);
  if (text === undefined) return textOf(childAt(item, "type")) === "volume" ? textOf(childAt(item, "source")) : undefined;
  const source = text.includes(":") ? text.split(":", 1)[0] : undefined;
  return source === undefined || /^[./~\\]/.test(source) || /^[a-zA-Z]$/.test(source) ? undefined : source;
}

function defined(model: Tree, section: string, names: readonly Named[], path: readonly string[], jobsToo = false): void {
  for (const [name, place] of names) {
    if (childAt(model, section, name) !== undefined || (jobsToo && childAt(model, "jobs", name) !== undefined)) continue;
    const optional = childAt(place, "required");
    if (optional?.kind === "scalar" && optional.value === false) continue;
    throw fail(place.origin, path, `one of the ${section} of this project`, "a name that is none of them");
  }
}

/** Services that wait for each other never start. */
function checkCycle(model: Tree): void {
  const services = childAt(model, "services");
  const done = new Set<string>();
  for (const [start] of entriesOf(services)) {
    const waiting = new Set<string>();
    const open = [{ name: start, next: [...waitsFor(services, start)] }];
    waiting.add(start);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.next.pop();
      if (next === undefined) {
        done.add(top.name);
        waiting.delete(top.name);
        open.pop();
      } else if (waiting.has(next)) {
        const service = childAt(services, top.name) as Tree;
        throw fail((childAt(service, "depends_on") ?? service).origin, ["services", top.name, "depends_on"], "services that do not wait for each other in a circle", "a circle");
      } else if (!done.has(next)) {
        waiting.add(next);
        open.push({ name: next, next: [...waitsFor(services, next)] });
      }
    }
  }
}

function waitsFor(services: Tree | undefined, name: string): readonly string[] {
  return namesOf(childAt(services, name, "depends_on")).map(([next]) => next);
}

/** The first service that nothing runs: a part of a project that is merged over another has such ones. */
export function unfinished(model: Tree): { readonly name: string; readonly service: Tree } | undefined {
  for (const section of ["services", "jobs"]) {
    for (const [name, service] of entriesOf(childAt(model, section))) {
      if (service.kind === "map" && !["image", "build", "provider", "extends"].some((key) => !isNull(childAt(service, key)))) return { name, service };
    }
  }
  return undefined;
}
