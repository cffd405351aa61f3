import type { Field, Patch } from "../field";
import { known, knownValue, UNKNOWN, unknown } from "../field";
import type { Build } from "../model/around";
import type { Hole, Resource } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, isUnset, members, put, stringField } from "../node";
import { anyTrue, quoted } from "./common";
import { secretArguments } from "./compose-environment";
import { isHost } from "./docker-options";

/** How a service's image is built; a build that is only a folder has all the defaults. */
export function buildOf(service: Node, resource: Resource): { readonly subjects: readonly Build[]; readonly holes: readonly Hole[] } {
  const given = at(service, "build");
  const build = typeof given.value === "string" ? { ...given, value: {} } : given;
  const label = `the build of ${quoted(resource)}`;
  if (isUnset(build)) return { subjects: [], holes: [] };
  if (build.value === UNKNOWN) return { subjects: [], holes: [{ about: ["build"], resource, label, path: build.path }] };
  const entitlements = members(at(build, "entitlements"));
  const named = entitlements.items.map(({ value }) => value);
  const { path } = at(build, "entitlements");
  const others = named.filter((value) => value !== "network.host");
  const without = (): readonly Patch[] => put(path)(others.length === 0 ? undefined : others);
  const hostNetwork = others.length < named.length ? [known(true, path, without)] : entitlements.unknown || named.includes(UNKNOWN) ? [unknown<boolean>(path)] : [];
  const subject: Build = {
    about: "build", resource, label, path: build.path,
    secretArguments: secretArguments(at(build, "args")),
    hostNetwork: anyTrue([isHost(stringField(at(build, "network"))), ...hostNetwork]),
    privileges: privileges(build, others, entitlements.unknown),
  };
  return { subjects: [subject], holes: [] };
}

function privileges(build: Node, entitlements: readonly unknown[], open: boolean): Field<readonly string[]> {
  const list = at(build, "entitlements");
  const privileged = booleanField(at(build, "privileged"));
  const names = [...entitlements.filter((name) => typeof name === "string"), ...(knownValue(privileged) === true ? ["privileged"] : [])];
  const partial = open || entitlements.some((name) => typeof name !== "string") || privileged.state === "unknown";
  if (names.length === 0 && partial) return unknown(privileged.state === "unknown" ? privileged.path : list.path);
  return { ...known(names, privileged.state === "value" ? privileged.path : list.path), ...(partial ? { partial } : {}) };
}
