import type { Field, Path } from "../field";
import { isObject, known, knownValue, mapField, unset } from "../field";
import type { SeLinuxOptions } from "../model/subject";
import type { Node } from "../node";
import { at, field, put, removing, stringsField } from "../node";

/** `CAP_NET_RAW`, `net_raw` and `NET_RAW` are one capability to the Docker daemon (caps.NormalizeLegacyCapabilities). */
export function capabilityName(name: string): string {
  const upper = name.trim().toUpperCase();
  return upper.startsWith("CAP_") ? upper.slice("CAP_".length) : upper;
}

/** Capability names in one spelling; writing keeps the original spelling of those that stay. */
export function capabilities(place: Node): Field<readonly string[]> {
  const raw = stringsField(place);
  return mapField(raw, (names) => names.map(capabilityName), (wanted) => {
    if (wanted === undefined) return put(place.path)(undefined);
    if (raw.state === "value" && raw.partial === true) return undefined;
    const written = raw.state === "value" ? raw.value : [];
    return put(place.path)(wanted.map((name) => written.find((spelling) => capabilityName(spelling) === name) ?? name));
  });
}

export interface SecurityOptions {
  readonly noNewPrivileges: Field<boolean>;
  readonly seccompProfile: Field<string>;
  readonly appArmorProfile: Field<string>;
  readonly seLinux: Field<SeLinuxOptions>;
  readonly procMount: Field<string>;
}

interface Option {
  readonly key: string;
  readonly value: string;
}

/** As the daemon splits it: at the first `=`, or, in the deprecated form, at the first `:`; alone, `no-new-privileges` is true. */
export function parseSecurityOption(text: string): Option {
  if (text === "no-new-privileges") return { key: text, value: "true" };
  const split = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
  return split < 0 ? { key: text, value: "" } : { key: text.slice(0, split), value: text.slice(split + 1) };
}

/** strconv.ParseBool's spellings. */
function isTrue(value: string): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(value);
}

function seccompType(value: string): string {
  if (value === "unconfined") return "Unconfined";
  return value === "builtin" ? "RuntimeDefault" : "Localhost";
}

/** Docker's `securityOpts` list; of an option that is given twice the last one counts. */
export function securityOptions(place: Node): SecurityOptions {
  const raw = stringsField(place);
  const option = (key: string) => (texts: readonly string[]) => texts.map(parseSecurityOption).findLast((entry) => entry.key === key);
  const write = (key: string, entry: string | undefined) => {
    if (raw.state === "unknown" || (raw.state === "value" && raw.partial === true)) return undefined;
    const rest = (raw.state === "value" ? raw.value : []).filter((text) => parseSecurityOption(text).key !== key);
    const next = entry === undefined ? rest : [...rest, entry];
    return put(place.path)(next.length === 0 ? undefined : next);
  };
  const writePrivileges = (value: boolean | undefined) => write("no-new-privileges", value === true ? "no-new-privileges:true" : undefined);
  const writeSeccomp = (value: string | undefined) => (value === "Localhost" ? undefined : write("seccomp", value === "Unconfined" ? "seccomp=unconfined" : undefined));
  const writeOff = (key: string) => () => write(key, undefined);
  const labels = (texts: readonly string[]): SeLinuxOptions => labelOptions(texts.map(parseSecurityOption).filter((entry) => entry.key === "label").map((entry) => entry.value));
  const privileges = mapField(raw, option("no-new-privileges"));
  const seccomp = mapField(raw, option("seccomp"));
  return {
    noNewPrivileges: settle(privileges, (found) => isTrue(found.value), unset(place.path), writePrivileges),
    // The daemon applies its own default profile where none is named (docs.docker.com, "Seccomp security profiles").
    seccompProfile: settle(seccomp, (found) => seccompType(found.value), known("RuntimeDefault", place.path), writeSeccomp),
    appArmorProfile: settle(mapField(raw, option("apparmor")), (found) => (found.value === "unconfined" ? "Unconfined" : "Localhost"), unset(place.path), writeOff("apparmor")),
    seLinux: raw.state === "value" && raw.partial === true ? { state: "unknown", path: place.path, to: writeOff("label") } : mapField(raw, labels, writeOff("label")),
    // The provider clears the masked and read-only paths of /proc and /sys itself for this option.
    procMount: settle(mapField(raw, option("systempaths")), (found) => (found.value === "unconfined" ? "Unmasked" : "Default"), unset(place.path), writeOff("systempaths")),
  };
}

/** `disable`, `type:svirt_t`, `user:...`, `role:...`, `level:...` */
function labelOptions(labels: readonly string[]): SeLinuxOptions {
  const part = (name: string): string | undefined => labels.findLast((label) => label.startsWith(`${name}:`))?.slice(name.length + 1);
  const entries = (["type", "user", "role"] as const).flatMap((name) => (part(name) === undefined ? [] : [[name, part(name)]]));
  return { ...(Object.fromEntries(entries) as SeLinuxOptions), ...(labels.includes("disable") ? { disabled: true } : {}) };
}

function settle<T>(found: Field<Option | undefined>, read: (option: Option) => T, absent: Field<T>, to: Field<T>["to"]): Field<T> {
  if (found.state === "unset") return { ...absent, to };
  if (found.state !== "value") return { ...found, to };
  const partial = found.partial === true;
  if (found.value !== undefined && !partial) return known(read(found.value), found.path, to);
  // An unknown member may name the option again, and then it would count.
  return partial ? { state: "unknown", path: found.path, to } : { ...absent, to };
}

/** The container that a namespace mode such as `container:db` joins. */
export function joinedContainer(mode: Field<string>): Field<string> {
  if (mode.state !== "value") return mode;
  const target = /^container:(.*)$/.exec(mode.value)?.[1];
  return target === undefined ? unset(mode.path, mode.to) : { ...mode, value: target };
}

export function isHost(mode: Field<string>): Field<boolean> {
  return mapField(mode, (value) => value === "host", (value) => (value === true ? mode.to("host") : mode.to(undefined)));
}

/** The names of a map of kernel parameters. */
export function sysctlNames(map: Node): Field<readonly string[]> {
  const names = field(map, "an object", (value) => (isObject(value) ? Object.keys(value) : undefined));
  return removing(names, (wanted) => (knownValue(names) ?? []).filter((name) => !wanted.includes(name)).map((name) => at(map, name)));
}

/** A number that counts only when positive, in units of `unit`. */
export function amount(place: Node, unit: number, path: Path = place.path): Field<number> {
  return { ...field(place, "a number", (value) => (typeof value === "number" ? value * unit : undefined), (value) => value / unit), path };
}
