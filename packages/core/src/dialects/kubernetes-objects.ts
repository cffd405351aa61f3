import type { Field } from "../field";
import { isObject, mapField, UNKNOWN } from "../field";
import type { ConfigMap, CronJob, Job, Secret } from "../model/objects";
import type { Resource, Subject } from "../model/subject";
import type { Node } from "../node";
import { at, field, numberField, stringField, unreadable } from "../node";
import { collected } from "./collected";
import { quoted } from "./common";
import { looksSecret } from "./secrets";

/** What Jobs and CronJobs say beside their pods. */
export function jobSubjects(root: Node, resource: Resource): readonly Subject[] {
  if (resource.kind === "Job") return [job(at(root, "spec"), resource, quoted(resource), false)];
  if (resource.kind !== "CronJob") return [];
  const spec = at(root, "spec");
  const cron: CronJob = {
    about: "cronJob", resource, label: quoted(resource), path: root.path,
    startingDeadline: numberField(at(spec, "startingDeadlineSeconds")),
    concurrency: stringField(at(spec, "concurrencyPolicy")),
  };
  return [cron, job(at(spec, "jobTemplate", "spec"), resource, `the jobs of ${quoted(resource)}`, true)];
}

function job(spec: Node, resource: Resource, label: string, scheduled: boolean): Job {
  return {
    about: "job", resource, label, path: spec.path, scheduled,
    deadline: numberField(at(spec, "activeDeadlineSeconds")),
    retries: numberField(at(spec, "backoffLimit")),
    timeToLive: numberField(at(spec, "ttlSecondsAfterFinished")),
  };
}

/** By its type, and by whether it holds anything: neither keys nor values are looked at. */
export function secretSubject(root: Node, resource: Resource): Secret {
  const holds = (name: string): Field<boolean> => field(at(root, name), "an object", (value) => (isObject(value) ? Object.keys(value).length > 0 : undefined));
  const [data, text] = [holds("data"), holds("stringData")];
  const filled = [data, text].find((part) => part.state === "value" && part.value);
  return {
    about: "secret", resource, label: quoted(resource), path: root.path,
    type: stringField(at(root, "type")),
    holdsData: filled ?? [data, text].find(({ state }) => state === "unknown") ?? mapField(data, () => false),
  };
}

/** Files of settings, whose lines are read as `name=value`. */
const settingsFile = /(^|\.)(properties|env|ini)$/;

export function configMapSubject(root: Node, resource: Resource): ConfigMap {
  const place = at(root, "data");
  const allows = stringField(at(place, "allow-snippet-annotations"));
  const base = { about: "configMap", resource, label: quoted(resource), path: root.path, allowsSnippets: mapField(allows, (value) => value.trim().toLowerCase() === "true") } as const;
  const unread = unreadable<readonly string[]>(place);
  if (unread !== undefined) return { ...base, literalSecrets: unread };
  const entries = isObject(place.value) ? Object.entries(place.value) : [];
  const names = entries.flatMap(([key, value]) => (typeof value === "string" ? secretsIn(key, value) : []));
  const open = entries.find(([, value]) => value === UNKNOWN)?.[0];
  return { ...base, literalSecrets: collected(names, place, open === undefined ? undefined : at(place, open)) };
}

function secretsIn(key: string, value: string): readonly string[] {
  if (!settingsFile.test(key)) return looksSecret(key, value) ? [key] : [];
  const lines = value.split("\n").map((line) => /^\s*([\w.-]+)\s*=\s*(\S.*?)\s*$/.exec(line));
  return lines.flatMap((line) => (line !== null && looksSecret(line[1] ?? "", line[2] ?? "") ? [`${line[1]} in ${key}`] : []));
}

