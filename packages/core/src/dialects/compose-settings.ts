import type { Field } from "../field";
import { isObject, known, mapField, UNKNOWN, unknown, unset } from "../field";
import type { ContainerSettings, PodSettings, Ulimit } from "../model/settings";
import type { Container } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, field, isUnset, listField, members, numberField, stringField, stringsField } from "../node";
import { noContainerSettings, noPodSettings } from "./absent";
import { collected } from "./collected";
import { isShell, pipesDownload, runsSudo, secretArguments, startsSshServer } from "./commands";
import { mapNames } from "./compose-environment";
import { commandWords } from "./compose-options";
import { publishedPorts } from "./compose-ports";
import { isHost } from "./docker-options";
import { groupOf } from "./docker-settings";

type Commands = Pick<Container, "startsSshServer" | "runsSudo" | "pipesDownload" | "secretArguments">;

export function containerSettings(service: Node, user: Field<string>): ContainerSettings & Commands {
  return {
    ...noContainerSettings(service.path),
    ...commands(service),
    group: groupOf(user),
    windowsUser: user,
    deviceRequests: deviceRequests(service),
    deviceRules: stringsField(at(service, "device_cgroup_rules")),
    ulimits: ulimits(at(service, "ulimits")),
    ...restarts(service),
    publishedPorts: publishedPorts(at(service, "ports")),
    logDriver: stringField(at(service, "logging", "driver")),
    logSizeLimited: field(at(service, "logging", "options", "max-size"), "an amount of bytes", (size) => (typeof size === "string" || typeof size === "number" ? size !== "" : undefined)),
    healthcheck: healthcheck(at(service, "healthcheck")),
    shellProbes: shellChecks(at(service, "healthcheck", "test")),
  };
}

export function podSettings(service: Node): PodSettings {
  return {
    ...noPodSettings(service.path),
    supplementaryGroups: listField(at(service, "group_add"), (group) => (typeof group === "string" || typeof group === "number" ? String(group) : undefined)),
    runtime: stringField(at(service, "runtime")),
    cgroupParent: stringField(at(service, "cgroup_parent")),
    hostUtsNamespace: isHost(stringField(at(service, "uts"))),
    labels: labels(service),
    annotations: mapNames(at(service, "annotations")),
  };
}

/** A `label_file` that is still there was not read. */
function labels(service: Node): Field<readonly string[]> {
  const [own, file] = [mapNames(at(service, "labels")), at(service, "label_file")];
  if (isUnset(file)) return own;
  return own.state === "value" ? { ...own, partial: true } : unknown(file.path, "names labels that are not known here");
}

function commands(service: Node): Commands {
  const hooks = ["pre_start", "post_start", "pre_stop"].flatMap((name) => (at(service, name).value === UNKNOWN ? [commandWords(at(service, name))] : members(at(service, name)).items.map((hook) => commandWords(at(hook, "command")))));
  const main = [commandWords(at(service, "command")), commandWords(at(service, "entrypoint"))];
  const test = at(service, "healthcheck", "test");
  const all = [...main, ...hooks, ...(isUnset(test) ? [] : [commandWords(test)])];
  return { startsSshServer: startsSshServer(main), runsSudo: runsSudo(all), pipesDownload: pipesDownload(all), secretArguments: secretArguments(all, at(service, "command")) };
}

function deviceRequests(service: Node): Field<readonly string[]> {
  const places = [at(service, "gpus"), at(service, "deploy", "resources", "reservations", "devices")] as const;
  const names: string[] = [];
  let open: Node | undefined;
  for (const [index, place] of places.entries()) {
    if (isUnset(place)) continue;
    const { items, unknown: all } = typeof place.value === "string" ? { items: [place], unknown: false } : members(place);
    const unsaid = all ? place : items.find(({ value }) => value === UNKNOWN);
    open ??= unsaid;
    for (const item of items) if (item.value !== UNKNOWN) names.push(index === 0 ? "gpus" : deviceName(item));
  }
  return collected(names, places[0], open);
}

function deviceName(request: Node): string {
  const driver = at(request, "driver").value;
  return typeof driver === "string" && driver !== "" ? driver : "a device";
}

/** A number is both limits at once. */
function ulimits(map: Node): Field<readonly Ulimit[]> {
  if (isUnset(map)) return unset(map.path);
  if (!isObject(map.value)) return unknown(map.path);
  const limits = Object.keys(map.value).map((name) => ({ name, hard: numberField(isObject(at(map, name).value) ? at(map, name, "hard") : at(map, name)) }));
  const found = limits.flatMap(({ name, hard }) => (hard.state === "value" ? [{ name, hard: hard.value }] : []));
  return collected(found, map, limits.find(({ hard }) => hard.state === "unknown")?.hard);
}

/** The policy under deploy, which says `any` for always and `none` for no; without one `on-failure:5` (docker/compose create.go, getRestartPolicy). */
function restarts(service: Node): Pick<ContainerSettings, "restart" | "restartAttempts"> {
  const own = stringField(at(service, "restart"));
  const policy = at(service, "deploy", "restart_policy");
  if (!isUnset(policy)) {
    const condition = mapField(stringField(at(policy, "condition")), (word) => (word === "none" ? "no" : word === "any" ? "always" : word));
    return { restart: condition.state === "unset" && policy.value !== UNKNOWN ? known("always", policy.path) : condition, restartAttempts: numberField(at(policy, "max_attempts")) };
  }
  const attempts = own.state === "value" ? /^on-failure:(\d+)$/.exec(own.value)?.[1] : undefined;
  const restart = mapField(own, (text) => text.split(":", 1)[0] ?? text, own.to);
  if (own.state !== "value") return { restart, restartAttempts: own.state === "unset" ? unset(own.path) : unknown(own.path) };
  return { restart, restartAttempts: attempts === undefined ? unset(own.path) : known(Number(attempts), own.path) };
}

/** Turned off by `disable` or by a test that is NONE; without a test the image's own runs. */
function healthcheck(check: Node): Field<boolean> {
  const disabled = booleanField(at(check, "disable"));
  const test = at(check, "test");
  const first = typeof test.value === "string" ? test : at(test, 0);
  if (disabled.state === "value" && disabled.value) return known(false, disabled.path);
  if (disabled.state === "unknown") return unknown(disabled.path);
  if (test.value === UNKNOWN || first.value === UNKNOWN) return unknown(test.path);
  return typeof first.value === "string" ? known(first.value !== "NONE", test.path) : field<boolean>(test, "a test", () => undefined);
}

/** A text is run by a shell, as CMD-SHELL is. */
function shellChecks(test: Node): Field<readonly string[]> {
  if (typeof test.value === "string") return known(test.value === "NONE" ? [] : ["healthcheck"], test.path);
  const words = [at(test, 0), at(test, 1)];
  const shell = words[0]?.value === "CMD-SHELL" || (words[0]?.value === "CMD" && isShell(words[1]?.value));
  return collected(shell ? ["healthcheck"] : [], test, [test, ...words].find(({ value }) => value === UNKNOWN));
}
