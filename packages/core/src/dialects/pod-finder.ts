import type { PlainObject } from "../field";
import { isObject, UNKNOWN } from "../field";
import type { ContainerRole } from "../model/subject";
import type { Node } from "../node";
import { at, members } from "../node";

const maxDepth = 16;
const maxVisited = 20_000;

/** A container's place, and its role. */
export type Place = readonly [Node, ContainerRole];

/** A pod, or what a custom resource says of one. */
export interface FoundPod {
  /** Where the pod's own settings stand. */
  readonly spec: Node;
  /** Where those stand that the spec leaves out: the workflow of a template. */
  readonly defaults: Node | undefined;
  readonly containers: readonly Place[];
  /** Lists of containers that are not known. */
  readonly open: readonly Node[];
  /** Whether it is only a part of a pod that a controller makes. */
  readonly isFragment: boolean;
}

const controllerReason = "the resource's controller builds the pod, and fills in what is left out";
const taskReason = "a task's pod gets its own settings from the run";

/** Lists of containers by their name, here and there: Argo Workflows, Tekton. */
const lists: readonly (readonly [readonly string[], ContainerRole])[] = [
  [["initContainers"], "init"], [["containers"], "main"], [["ephemeralContainers"], "ephemeral"], [["containerSet", "containers"], "main"], [["steps"], "main"], [["sidecars"], "main"],
];
const singles = ["container", "script"];
/** What a found pod holds itself. */
const podOwn = new Set([...lists.map(([[key]]) => key), ...singles, "stepTemplate", "volumes", "securityContext"]);
const containerKeys = ["command", "args", "resources", "securityContext", "ports", "env"];
/** What only a container's security context has. */
const containerOnly = ["privileged", "capabilities", "allowPrivilegeEscalation", "readOnlyRootFilesystem", "procMount"];
const sources = ["hostPath", "emptyDir", "configMap", "secret", "persistentVolumeClaim", "projected", "csi", "nfs", "downwardAPI", "ephemeral"];
/** What is read of a fragment itself. */
const ownKeys = new Set(["securityContext", "volumes"]);
/** Flux, Argo CD, Crossplane and operators of charts. */
const chartKeys = new Set(["values", "valuesObject", "helmValues"]);
const podKeys = ["hostNetwork", "hostPID", "hostIPC", "hostUsers", "automountServiceAccountToken"];

/** The containers of a pod spec of Kubernetes itself. */
export function podContainers(spec: Node): Pick<FoundPod, "containers" | "open"> {
  return read(spec, lists.slice(0, 3));
}

function read(spec: Node, keys: typeof lists): Pick<FoundPod, "containers" | "open"> {
  const containers: Place[] = [];
  const open: Node[] = [];
  for (const [path, role] of keys) {
    const list = at(spec, ...path);
    const { items, unknown } = members(list);
    if (unknown) open.push(list);
    for (const item of items) containers.push([item, role]);
  }
  return { containers, open };
}

export interface Found {
  readonly pods: readonly FoundPod[];
  /** Values that a chart is rendered with elsewhere. */
  readonly values: readonly Node[];
  /** Text that becomes a pod, or a part of one, when it runs (Argo Workflows): nobody here reads it. */
  readonly texts: readonly { readonly place: Node; readonly reason: string }[];
}

/**
 * The pods inside a custom resource of any kind (Argo Rollouts and Workflows, Knative, KEDA, Tekton, operators): objects
 * with containers that look like such, and, with `fragments`, settings apart from them that only pods and containers
 * have. Below a found pod only other pods are looked for.
 */
export function findPods(root: Node, fragments: boolean): Found {
  const found: FoundPod[] = [];
  const values: Node[] = [];
  const texts: { readonly place: Node; readonly reason: string }[] = [];
  let visited = 0;
  let cut: Node | undefined;
  const visit = (place: Node, depth: number, defaults: Node | undefined, inPod = false): void => {
    if (depth > maxDepth || ++visited > maxVisited) {
      if (isObject(place.value) || Array.isArray(place.value)) cut ??= place;
      return;
    }
    if (Array.isArray(place.value)) {
      for (const index of place.value.keys()) visit(at(place, index), depth + 1, defaults, inPod);
      return;
    }
    const { value } = place;
    if (!isObject(value)) return;
    if (isText(value["podSpecPatch"])) texts.push({ place: at(place, "podSpecPatch"), reason: "a podSpecPatch is text that changes the pod when it is made" });
    if (isObject(value["resource"]) && isText(value["resource"]["manifest"])) texts.push({ place: at(place, "resource", "manifest"), reason: "the manifest is text that becomes an object when the template runs" });
    if (looksLikePod(place, value)) {
      found.push(customPod(place, defaults));
      for (const key of Object.keys(value)) if (!podOwn.has(key)) visit(at(place, key), depth + 1, defaults, true);
      return;
    }
    // What a workflow says of its pods is judged with its templates.
    const isWorkflow = hasMember(value["templates"], (template) => looksLikePod(at(place, "templates", 0), template));
    const fragment = fragments && !inPod && !isWorkflow ? fragmentOf(place, value) : undefined;
    if (fragment !== undefined) found.push(fragment);
    const below = fragment !== undefined || isWorkflow ? place : defaults;
    for (const key of Object.keys(value)) {
      const inner = at(place, key);
      if (fragments && chartKeys.has(key) && isObject(inner.value)) values.push(inner);
      else if (!(below === place && ownKeys.has(key))) visit(inner, depth + 1, below, inPod);
    }
  };
  for (const key of Object.keys(isObject(root.value) ? root.value : {})) {
    if (key !== "metadata" && key !== "status") visit(at(root, key), 0, undefined);
  }
  if (cut !== undefined) texts.push({ place: cut, reason: "it is too deep, or the document too large, to be searched for pods" });
  return { pods: found, values, texts };
}

/** A container without an image is laid over one that the controller makes: what it leaves out stands elsewhere. */
function customPod(place: Node, defaults: Node | undefined): FoundPod {
  const { containers, open } = read(place, lists);
  const template = at(place, "stepTemplate");
  const steps = containers.map(([item, role]): Place => [withTemplate(item, template), role]);
  const one = singles.map((key) => at(place, key)).filter(({ value }) => isObject(value) || value === UNKNOWN).map((item): Place => [named(item, at(place, "name").value), "main"]);
  const all = [...steps, ...one];
  const isWhole = all.every(([{ value }]) => !isObject(value) || value["image"] !== undefined);
  const isTask = Array.isArray(at(place, "steps").value);
  const partial = place.partial ?? (isTask ? taskReason : isWhole ? undefined : controllerReason);
  const marked = all.map(([item, role]): Place => [isObject(item.value) && item.value["image"] === undefined ? { ...item, partial: item.partial ?? controllerReason } : item, role]);
  return { spec: { ...place, partial }, defaults: defaults === undefined ? undefined : { ...defaults, partial }, containers: marked, open, isFragment: false };
}

/** A template's one container goes by the template's name. */
function named(item: Node, name: unknown): Node {
  return isObject(item.value) && typeof name === "string" ? { ...item, value: { name, ...item.value } } : item;
}

/** A step of a Tekton task has what the task's stepTemplate says, where it says nothing itself. */
function withTemplate(item: Node, template: Node): Node {
  if (!isObject(template.value) || !isObject(item.value) || item.path.at(-2) !== "steps") return item;
  return { ...item, value: overlaid(template.value, item.value) };
}

function overlaid(below: PlainObject, above: PlainObject): PlainObject {
  const inner = Object.entries(above).map(([key, value]) => [key, isObject(value) && isObject(below[key]) ? overlaid(below[key], value) : value] as const);
  return { ...below, ...Object.fromEntries(inner) };
}

/** Settings of a pod, or of a container, that a controller puts into what it makes. */
function fragmentOf(place: Node, value: PlainObject): FoundPod | undefined {
  const partial = place.partial ?? controllerReason;
  const security = value["securityContext"];
  const hasVolumes = hasMember(value["volumes"], (volume) => sources.some((source) => isObject(volume[source])));
  const isPod = podKeys.some((key) => typeof value[key] === "boolean") || hasVolumes;
  if (!isPod && !isObject(security)) return undefined;
  const spec = { ...place, partial };
  const isContainer = isObject(security) && containerOnly.some((key) => key in security);
  return { spec, defaults: undefined, containers: isContainer ? [[spec, "main"]] : [], open: [], isFragment: true };
}

/** Knative containers may lack a name, patched ones an image. */
function looksLikePod({ path }: Node, value: PlainObject): boolean {
  const isPod = [value["containers"], value["initContainers"]].some((list) => list === UNKNOWN || hasMember(list, looksLikeContainer));
  if (isPod || value["steps"] === UNKNOWN) return true;
  const template = isObject(value["stepTemplate"]);
  if (hasMember(value["steps"], (step) => isText(step["image"]) || (template && isText(step["name"])))) return true;
  const set = value["containerSet"];
  if (isObject(set) && hasMember(set["containers"], looksLikeContainer)) return true;
  const isTemplate = path.at(-2) === "templates";
  return singles.some((key) => (isTemplate && value[key] === UNKNOWN) || (isObject(value[key]) && isText(value[key]["image"])));
}

function hasMember(list: unknown, test: (member: PlainObject) => boolean): boolean {
  return Array.isArray(list) && list.some((member) => isObject(member) && test(member));
}

function looksLikeContainer(member: PlainObject): boolean {
  return isText(member["image"]) || (isText(member["name"]) && containerKeys.some((key) => key in member));
}

function isText(value: unknown): boolean {
  return typeof value === "string" || value === UNKNOWN;
}
