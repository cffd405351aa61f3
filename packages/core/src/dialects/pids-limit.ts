import type { Model, Resource } from "../model/subject";
import { at, node, numberField, stringField } from "../node";
import type { Address } from "./common";
import { quoted } from "./common";

/** The resource of @bulkhead/components that limits the processes of a Docker container: in a Node program, and in one of another language. */
const types: ReadonlySet<string> = new Set(["pulumi-nodejs:dynamic/bulkhead:PidsLimit", "bulkhead:index:PidsLimit"]);

export function isPidsLimitType(type: string): boolean {
  return types.has(type);
}

export function readPidsLimit(inputs: unknown, address: Address): readonly Model[] {
  const root = node(inputs);
  const resource: Resource = { platform: "docker", kind: "PidsLimit", name: address.name ?? "(unnamed)", ...(address.urn === undefined ? {} : { urn: address.urn }) };
  const members = [{
    about: "pidsLimit" as const, resource, label: quoted(resource), path: root.path,
    container: stringField(at(root, "container")), containerName: stringField(at(root, "containerName")), limit: numberField(at(root, "limit")),
  }];
  return [{ resource, subjects: [], holes: [], notExamined: [], members, holdsContainers: false }];
}
