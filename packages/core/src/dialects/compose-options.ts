import type { Field } from "../field";
import { isObject, known, knownValue, mapField, UNKNOWN, unknown, unset } from "../field";
import type { Node } from "../node";
import { at, booleanField, field, isUnreadable, isUnset, members, node, put, removing, stringField, stringsField } from "../node";
import { collected } from "./collected";
import { anyTrue } from "./common";
import { mapNames } from "./compose-environment";
import { externalName } from "./compose-inventory";
import { isHost } from "./docker-options";

/** A text that a number may stand for: a user's id. */
export function textField(place: Node): Field<string> {
  return field(place, "a string", (value) => (typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined));
}

/** An empty user, also with a group, is the image's own, which is root unless the image says otherwise. */
export function withoutEmpty(text: Field<string>): Field<string> {
  return text.state === "value" && /^(:|$)/.test(text.value) ? unset(text.path, text.to) : text;
}

/** A command line in one text, or in words. */
export function commandWords(place: Node): Field<readonly string[]> {
  return typeof place.value === "string" ? known([place.value], place.path) : stringsField(place);
}

/** The service or container that a namespace mode such as `service:db` or `container:db` joins. */
export function joined(mode: Field<string>): Field<string> {
  if (mode.state !== "value") return mode;
  const target = /^(?:container|service):(.*)$/.exec(mode.value)?.[1];
  return target === undefined ? unset(mode.path, mode.to) : { ...mode, value: target };
}

/** Without a mode a service is on the project's own networks; `bridge` is the one that every container shares. */
export function defaultBridge(mode: Field<string>): Field<boolean> {
  const to = (): ReturnType<Field<string>["to"]> => mode.to(undefined);
  return mode.state === "unset" ? known(false, mode.path, to) : mapField(mode, (value) => value === "bridge" || value === "default", to);
}

/** The mode `host`, or an external network of that name: Docker's own one is the host's. */
export function hostNetwork(mode: Field<string>, attached: Node, networks: Node): Field<boolean> {
  if (attached.value === UNKNOWN || (isUnreadable(attached) && !Array.isArray(attached.value))) return anyTrue([isHost(mode), unknown(attached.path)]);
  const names = isObject(attached.value) ? Object.keys(attached.value) : (members(attached).items.map(({ value }) => value).filter((value) => typeof value === "string"));
  const host = names.find((name) => nameElsewhere(at(networks, name)) === "host");
  const open = members(attached).items.find(({ value }) => value === UNKNOWN) ?? names.map((name) => at(networks, name)).flatMap((network) => [network, at(network, "external"), externalName(network) ?? network, at(network, "name")]).find(({ value, path }) => value === UNKNOWN && nameElsewhere(at(networks, String(path[1]))) !== undefined);
  return anyTrue([isHost(mode), ...(host === undefined ? [] : [known(true, attached.path)]), ...(open === undefined ? [] : [unknown<boolean>(open.path)])]);
}

/** `external: true` with a `name`, or the older `external: { name }`. */
function nameElsewhere(network: Node): string | undefined {
  const external = at(network, "external");
  if (isUnset(external) || external.value === false) return undefined;
  return knownValue(stringField(externalName(network) ?? node(undefined))) ?? knownValue(stringField(at(network, "name"))) ?? String(network.path.at(-1));
}

/** Entries of /etc/hosts: a map, or a list of `name=ip` or `name:ip`. */
export function aliases(place: Node): Field<readonly string[]> {
  const to = put(place.path);
  if (isObject(place.value)) return known(Object.keys(place.value), place.path, () => to(undefined));
  const entries = stringsField(place);
  return mapField(entries, (texts) => texts.map((text) => text.split(/[=:]/, 1)[0] ?? text), () => to(undefined));
}

/** Names of kernel parameters: of a map, or of a list of `name=value`. */
export function sysctls(place: Node): Field<readonly string[]> {
  const named = isObject(place.value)
    ? Object.keys(place.value).map((name) => [name, at(place, name)] as const)
    : members(place).items.flatMap((item) => (typeof item.value === "string" ? [[item.value.split("=", 1)[0] ?? "", item] as const] : []));
  const { items } = members(place);
  return removing(mapNames(place), (wanted) => {
    const unwanted = named.filter(([name]) => !wanted.includes(name)).map(([, item]) => item);
    // Nothing would be left.
    return unwanted.length === Math.max(named.length, items.length) ? [place] : unwanted;
  });
}

/** Hooks that run privileged, whatever the service is. */
export function privilegedHooks(service: Node): Field<readonly string[]> {
  const names: string[] = [];
  let open: Node | undefined;
  for (const name of ["pre_start", "post_start", "pre_stop"]) {
    const { items, unknown: all } = members(at(service, name));
    if (all) open ??= at(service, name);
    for (const item of items) {
      const privileged = booleanField(at(item, "privileged"));
      if (knownValue(privileged) === true) names.push(name);
      else if (privileged.state === "unknown") open ??= at(item, "privileged");
    }
  }
  return collected([...new Set(names)], at(service, "post_start"), open);
}
