import type { Field } from "../field";
import { isObject, known, mapField, UNKNOWN, unknown, unset } from "../field";
import type { Build } from "../model/around";
import type { Hole, ImageUse, Resource, Subject } from "../model/subject";
import type { Node } from "../node";
import { at, isUnreadable, isUnset, members, stringField, stringsField, unreadable } from "../node";
import { imageSubject, quoted } from "./common";
import { isHost } from "./docker-options";
import { registryConnection } from "./connection";
import { looksSecret } from "./secrets";

interface Read {
  readonly subjects: readonly Subject[];
  readonly holes?: readonly Hole[];
}

/** Names of the arguments that look like credentials: by their name alone where the value is not known yet. */
export function secretArguments(map: Node): Field<readonly string[]> {
  const open = unreadable<readonly string[]>(map);
  if (open !== undefined) return open;
  const entries = isObject(map.value) ? Object.entries(map.value) : [];
  const isSecret = ([name, value]: readonly [string, unknown]): boolean => looksSecret(name, value === UNKNOWN ? "?" : typeof value === "string" ? value : "");
  const names = entries.filter(isSecret).map(([name]) => name);
  const partial = entries.some(([, value]) => value === UNKNOWN);
  if (names.length === 0 && partial) return unknown(map.path);
  return { ...known(names, map.path), ...(partial ? { partial } : {}) };
}

function build(place: Node, resource: Resource, networkMode: Node, args: Node, privileges: Field<readonly string[]>): Build {
  return { about: "build", resource, label: `the build of ${quoted(resource)}`, path: place.path, secretArguments: secretArguments(args), hostNetwork: isHost(stringField(networkMode)), privileges };
}

/** Image subjects of a place or of the members of a list; what is not known leaves a hole. */
function images(resource: Resource, use: ImageUse, list: Node, pick: (text: string) => string | undefined = (text) => text): Required<Read> {
  const places = Array.isArray(list.value) || list.value === UNKNOWN ? members(list) : { items: isUnset(list) ? [] : [list], unknown: false };
  const subjects = places.items.flatMap((place): readonly Subject[] => {
    const text = place.value;
    if (typeof text !== "string") return isUnset(place) ? [] : [imageSubject(resource, quoted(resource), use, place)];
    const picked = pick(text);
    return picked === undefined ? [] : [imageSubject(resource, quoted(resource), use, { ...place, value: picked })];
  });
  return { subjects, holes: places.unknown ? [{ about: ["image"], resource, label: quoted(resource), path: list.path }] : [] };
}

/** The image of a context such as `docker-image://registry.example.com/base:1`; every other context is none. */
function contextImage(text: string): string | undefined {
  return /^docker-image:\/\/(.*)$/.exec(text)?.[1];
}

function joined(...parts: readonly Read[]): Read {
  return { subjects: parts.flatMap(({ subjects }) => subjects), holes: parts.flatMap(({ holes = [] }) => holes) };
}

/** The `build` of a RemoteImage or a RegistryImage (kreuzwerker/docker). */
function providerBuild(place: Node, resource: Resource): Read {
  if (isUnset(place)) return { subjects: [] };
  if (place.value === UNKNOWN) return { subjects: [], holes: [{ about: ["build", "image"], resource, label: quoted(resource), path: place.path }] };
  const options = mapField(stringsField(at(place, "securityOpts")), (texts) => texts.filter((text) => /^(seccomp|apparmor)[=:]unconfined$|^label[=:]disable$|^systempaths[=:]unconfined$/.test(text)));
  return joined(
    { subjects: [build(place, resource, at(place, "networkMode"), at(place, "buildArgs"), options)] },
    images(resource, "build", at(place, "tags")),
    images(resource, "cache", at(place, "cacheFroms"), cacheImage),
    images(resource, "pull", at(place, "additionalContexts"), (text) => contextImage(text.slice(text.indexOf("=") + 1))),
  );
}

/** `cacheFroms` are images, or options such as `type=registry,ref=registry.example.com/cache`. */
function cacheImage(text: string): string | undefined {
  if (!text.includes("type=")) return text;
  return text.includes("type=registry") ? /(?:^|,)ref=([^,]+)/.exec(text)?.[1] : undefined;
}

/** What is built here is named here, not pulled. */
export function remoteImage(root: Node, resource: Resource): Read {
  const place = at(root, "build");
  const logins = isUnset(at(place, "authConfigs")) ? [] : [registryConnection(root, resource, entries(at(place, "authConfigs")).flatMap((login) => [at(login, "hostName"), at(login, "serverAddress")]), [])];
  return joined({ subjects: logins }, images(resource, isUnset(place) ? "pull" : "build", at(root, "name")), providerBuild(place, resource));
}

export function registryImage(root: Node, resource: Resource): Read {
  const registry = registryConnection(root, resource, [at(root, "authConfig", "address")], [at(root, "insecureSkipVerify")]);
  return joined({ subjects: [registry] }, images(resource, "push", at(root, "name")), providerBuild(at(root, "build"), resource));
}

/** Before version 4 `build` could be the context's path, and `cacheFrom` a boolean. */
export function dockerImage(root: Node, resource: Resource): Read {
  const place = optional(at(root, "build"));
  return joined(
    { subjects: [registryConnection(root, resource, [at(root, "registry", "server")], []), build(place, resource, at(place, "network"), at(place, "args"), unset(place.path))] },
    images(resource, "build", at(root, "imageName")),
    images(resource, "cache", at(optional(at(place, "cacheFrom")), "images")),
  );
}

/** A text or a boolean that stands for an object with nothing in it. */
function optional(place: Node): Node {
  return typeof place.value === "string" || typeof place.value === "boolean" ? { ...place, value: {} } : place;
}

/** The members of a list; of one that is not known, itself, below which everything is unknown. */
function entries(list: Node): readonly Node[] {
  const { items, unknown: open } = members(list);
  return open ? [{ ...list, value: UNKNOWN }] : items;
}

/** docker-build:index:Image */
export function buildImage(root: Node, resource: Resource): Read {
  const registries = entries(at(root, "registries")).map((entry) => at(entry, "address"));
  const exports = entries(at(root, "exports")).flatMap((exporter) => [at(exporter, "registry", "insecure"), at(exporter, "image", "insecure"), at(exporter, "raw")]);
  // Of a cache only its own words can say it.
  const insecure = [...exports, ...["cacheFrom", "cacheTo"].flatMap((key) => entries(at(root, key)).map((entry) => at(entry, "raw")))];
  const named = at(root, "context", "named");
  const contexts = isObject(named.value) ? Object.keys(named.value).map((name) => at(named, name, "location")) : [];
  return joined(
    { subjects: [build(root, resource, at(root, "network"), at(root, "buildArgs"), unset(root.path)), registryConnection(root, resource, registries, insecure)] },
    images(resource, "build", at(root, "tags")),
    ...contexts.map((place) => images(resource, "pull", place, contextImage)),
    ...entries(at(root, "cacheFrom")).map((entry) => images(resource, "cache", at(entry, "registry", "ref"))),
    { subjects: [], holes: isUnreadable(named) ? [{ about: ["image"], resource, label: quoted(resource), path: named.path }] : [] },
  );
}

/** docker-build:index:Index */
export function buildIndex(root: Node, resource: Resource): Read {
  return joined(
    { subjects: [registryConnection(root, resource, [at(root, "registry", "address")], [])] },
    images(resource, "push", at(root, "tag")),
    images(resource, "part", at(root, "sources")),
  );
}

/** A builder runs images of BuildKit, and may loosen every build in it. */
export function builder(root: Node, resource: Resource): Read {
  const flags = stringField(at(root, "buildkitFlags"));
  const privileges = mapField(flags, (text) => [...text.matchAll(/--allow-insecure-entitlement[=\s]+"?(security\.insecure|network\.host|device)/g)].map((match) => match[1] ?? ""));
  const container = at(root, "dockerContainer");
  const subject: Build = { about: "build", resource, label: quoted(resource), path: root.path, secretArguments: unset(root.path), hostNetwork: isHost(stringField(at(container, "network"))), privileges };
  const ran = [at(container, "image"), at(root, "kubernetes", "image"), at(root, "kubernetes", "qemu", "image")];
  return joined({ subjects: [subject] }, ...ran.map((place) => images(resource, "run", place)));
}
