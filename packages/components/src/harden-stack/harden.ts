import { annotationsOf, exemptionPrefix, exemptionsOf } from "../arguments/weakening";
import { hardenContainer, hardenNetwork, hardenService } from "./docker";
import type { Mutable, StackChange } from "./draft";
import { Draft, isObject, Place } from "./draft";
import { endOf } from "../arguments/date";
import { codeExemptions, Exemptions } from "./exemptions";
import { copyOf, isKnown, isUnset, revealed } from "./known";
import { hardenPod } from "./kubernetes";
import type { Settings } from "./options";
import { matchesGlob } from "./options";

export interface Hardened {
  /** Undefined where nothing is changed. */
  readonly inputs: Mutable | undefined;
  readonly entries: readonly StackChange[];
}

/** Where each kind keeps its pod. */
const templates: { readonly [kind: string]: readonly string[] } = {
  Pod: [], PodTemplate: ["template"], CronJob: ["spec", "jobTemplate", "spec", "template"],
  ...Object.fromEntries(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"].map((kind) => [kind, ["spec", "template"]])),
};
const native = new RegExp(`^kubernetes:(?:core|apps|batch|extensions)/v\\w+:(${Object.keys(templates).join("|")})$`);
/** The group of a custom resource has a dot. */
const custom = /^kubernetes:[\w-]+(?:\.[\w-]+)+\/v\w+:[A-Z]\w*$/;

/** Puts one resource's inputs right, as a copy. Pure: asks nobody, and changes no argument. */
export function harden(type: string, name: string, given: Mutable, settings: Settings, now: number): Hardened {
  const resource = `${type} ${name}`;
  const apply = how(type, given);
  if (apply === undefined) return { inputs: undefined, entries: [] };
  const inputs = copyOf(given) as Mutable;
  const docker = type.startsWith("docker:");
  const exemptions = exemptionsFor(type, name, inputs, settings, now, apply.template);
  if (exemptions === undefined) return { inputs: undefined, entries: [{ resource, outcome: "unknown", path: docker ? "labels" : "metadata", rules: [], what: "not known, and with it whether the resource is exempted: left alone" }] };
  const draft = new Draft(inputs, exemptions, apply.fills);
  const root = Place.of(draft, inputs, "");
  apply.change(root, settings);
  if (!docker) annotate(root);
  return { inputs: draft.isChanged ? inputs : undefined, entries: draft.entries.map((entry) => ({ resource, ...entry })) };
}

/** Undefined where one of the places in which an exemption may stand is not known. */
export function exemptionsFor(type: string, name: string, inputs: Mutable, settings: Settings, now: number, template: readonly string[] = []): Exemptions | undefined {
  const options = (settings.exempt ?? []).filter((one) => endOf(one.expires ?? "never") > now && (one.name === undefined || matchesGlob(one.name, name)) && (one.type === undefined || matchesGlob(one.type, type)));
  const places = labelsOf(inputs, template, type.startsWith("docker:"));
  return places === undefined ? undefined : new Exemptions(places.flatMap((place) => codeExemptions(place, now)), options);
}

interface Way {
  readonly change: (root: Place, settings: Settings) => void;
  readonly template?: readonly string[];
  readonly fills: boolean;
}

function how(type: string, inputs: Mutable): Way | undefined {
  if (/^docker:index(\/container)?:Container$/.test(type)) return { change: hardenContainer, fills: true };
  if (/^docker:index(\/service)?:Service$/.test(type)) return { change: hardenService, fills: true };
  if (/^docker:index(\/network)?:Network$/.test(type)) return { change: hardenNetwork, fills: true };
  const path = templates[native.exec(type)?.[1] ?? ""];
  const template = path ?? (custom.test(type) && !type.endsWith("Patch") && hasPod(inputs) ? ["spec", "template"] : undefined);
  if (template === undefined) return undefined;
  const change = (root: Place, settings: Settings): void => {
    const place = template.reduce<Place | undefined>((at, key) => at?.section(key), root);
    if (place !== undefined) hardenPod(place, settings);
  };
  return { change, template, fills: path !== undefined };
}

/** A custom resource with a pod where workloads have theirs, such as a Rollout. A Patch changes somebody else's object. */
function hasPod(inputs: Mutable): boolean {
  const spec = ["spec", "template", "spec"].reduce<unknown>((value, key) => (isObject(revealed(value)) ? (revealed(value) as Mutable)[key] : undefined), inputs);
  const containers = isObject(spec) ? spec["containers"] : undefined;
  return Array.isArray(containers) && containers.some((container) => isObject(container) && !isUnset(container["image"]));
}

function labelsOf(inputs: Mutable, template: readonly string[], docker: boolean): readonly unknown[] | undefined {
  if (docker) {
    const labels = inputs["labels"] ?? [];
    return Array.isArray(labels) && labels.every((entry) => isObject(entry) && isKnown(entry["label"])) ? [labels] : undefined;
  }
  const places = [[], template].map((path) => [...path, "metadata", "annotations"].reduce<unknown>((value, key) => (isUnset(value) ? undefined : isObject(revealed(value)) ? (revealed(value) as Mutable)[key] : value), inputs));
  return places.every((place) => isUnset(place) || isObject(revealed(place))) ? places.map(revealed) : undefined;
}

/** What the options exempt is written on the object, so that the pack agrees. A label of Docker would replace the container. */
function annotate(root: Place): void {
  const used = [...root.draft.exemptions.used].filter(([, { rules }]) => !rules.includes("*"));
  if (used.length === 0) return;
  const place = root.section("metadata")?.section("annotations");
  for (const [rule, option] of used) {
    const text = annotationsOf(exemptionsOf(option, [rule], undefined))[`${exemptionPrefix}${rule}`];
    const only = option.container === undefined ? "" : `container=${option.container}; `;
    if (isUnset(place?.get(`${exemptionPrefix}${rule}`))) place?.set(`${exemptionPrefix}${rule}`, `${only}${text ?? ""}`, [], "the exemption is written down");
  }
}
