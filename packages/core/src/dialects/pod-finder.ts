import { isObject, UNKNOWN } from "../field";
import type { Node } from "../node";
import { at } from "../node";

const maxDepth = 16;
const maxVisited = 20_000;

/**
 * The pod specs inside a custom resource of any kind (Argo Rollouts, Knative, KEDA, operators): objects with a list of
 * containers, or of init containers, whose members look like containers. Found specs are not searched again.
 */
export function findPodSpecs(root: Node): readonly Node[] {
  const found: Node[] = [];
  let visited = 0;
  const visit = (place: Node, depth: number): void => {
    if (depth > maxDepth || ++visited > maxVisited) return;
    if (Array.isArray(place.value)) {
      for (const index of place.value.keys()) visit(at(place, index), depth + 1);
      return;
    }
    if (!isObject(place.value)) return;
    if (looksLikePodSpec(place.value)) {
      found.push(place);
      return;
    }
    for (const key of Object.keys(place.value)) visit(at(place, key), depth + 1);
  };
  for (const key of Object.keys(isObject(root.value) ? root.value : {})) {
    if (key !== "metadata" && key !== "status") visit(at(root, key), 0);
  }
  return found;
}

const containerKeys = ["command", "args", "resources", "securityContext", "ports", "env"];

/** Knative containers may lack a name, patched ones an image. */
function looksLikePodSpec(value: { readonly [key: string]: unknown }): boolean {
  return [value["containers"], value["initContainers"]].some((list) => {
    if (list === UNKNOWN) return true;
    return Array.isArray(list) && list.some((member) => isObject(member) && looksLikeContainer(member));
  });
}

function looksLikeContainer(member: { readonly [key: string]: unknown }): boolean {
  return isText(member["image"]) || (isText(member["name"]) && containerKeys.some((key) => key in member));
}

function isText(value: unknown): boolean {
  return typeof value === "string" || value === UNKNOWN;
}
