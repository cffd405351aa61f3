import { beside, readEnvironment } from "./load";
import type { Mapping, Tree } from "./tree";
import { childAt, isNull, textOf } from "./tree";

/**
 * The variables of `env_file`, in the service's environment as `${NAME}`: their names are known, their values are no
 * concern here. Where a file is not there, `env_file` stays, and says that more may come from it. So do labels from a file.
 */
export function withServiceFiles(model: Tree): Tree {
  const services = childAt(model, "services");
  if (model.kind !== "map" || services?.kind !== "map") return model;
  const entries = new Map([...services.entries].map(([name, service]) => [name, service.kind === "map" ? withLabels(withFiles(service)) : service] as const));
  return { ...model, entries: new Map([...model.entries, ["services", { ...services, entries }]]) };
}

function withFiles(service: Mapping): Mapping {
  const given = childAt(service, "env_file");
  if (given === undefined || isNull(given)) return service;
  const found = new Map<string, Tree>();
  for (const item of given.kind === "list" ? given.items : [given]) {
    const path = item.kind === "map" ? childAt(item, "path") : item;
    const name = textOf(path);
    const variables = name === undefined || path === undefined ? undefined : readEnvironment(beside(path.origin.part.directory, name), new Map());
    if (variables === undefined && optional(item)) continue;
    if (variables === undefined) return service;
    for (const variable of variables.keys()) found.set(variable, { kind: "scalar", value: `\${${variable}}`, origin: item.origin });
  }
  const entries = new Map([...service.entries].filter(([key]) => key !== "env_file"));
  entries.set("environment", addTo(entries.get("environment"), found, given));
  return { ...service, entries };
}

/** The labels of `label_file`, below the service's own; where a file is not there, `label_file` stays. */
function withLabels(service: Mapping): Mapping {
  const given = childAt(service, "label_file");
  if (given === undefined || isNull(given)) return service;
  const found = new Map<string, Tree>();
  for (const item of given.kind === "list" ? given.items : [given]) {
    const name = textOf(item);
    const labels = name === undefined ? undefined : readEnvironment(beside(item.origin.part.directory, name), new Map());
    if (labels === undefined) return service;
    for (const [label, value] of labels) found.set(label, { kind: "scalar", value, origin: item.origin });
  }
  const entries = new Map([...service.entries].filter(([key]) => key !== "label_file"));
  entries.set("labels", addTo(entries.get("labels"), found, given));
  return { ...service, entries };
}

function optional(item: Tree): boolean {
  const required = childAt(item, "required");
  return required?.kind === "scalar" && (required.value === false || required.value === "false");
}

/** What the environment says itself wins. */
function addTo(environment: Tree | undefined, found: ReadonlyMap<string, Tree>, given: Tree): Tree {
  if (environment?.kind === "map") return { ...environment, entries: new Map([...found, ...environment.entries]) };
  if (environment?.kind !== "list") return isNull(environment) || environment === undefined ? { kind: "map", entries: found, origin: given.origin } : environment;
  const own = new Set(environment.items.map((item) => textOf(item)?.split("=", 1)[0]));
  const added = [...found].filter(([name]) => !own.has(name)).map(([name, value]): Tree => ({ kind: "scalar", value: `${name}=${textOf(value) ?? ""}`, origin: value.origin }));
  return { ...environment, items: [...environment.items, ...added] };
}
