import { inheritExemptions } from "../exemption/inherited";
import type { Model, Resource } from "../model/subject";
import type { Address } from "./common";
import { isClusterType, readCluster } from "./clusters";
import { readCompose } from "./compose";
import { isDockerType, readDocker } from "./docker";
import { composeBuilds, resourceBuilds } from "./dockerfile-build";
import { dockerfileType, readDockerfile } from "./dockerfile";
import { isKubernetesType, isReadKubernetesType, readKubernetes } from "./kubernetes";
import { isNodePoolType, readNodePool } from "./nodes";
import { isRepositoryType, readRepository } from "./repositories";
import { isPidsLimitType, readPidsLimit } from "./pids-limit";

/** Types that run containers and that no dialect reads. */
const otherContainers = /^(aws:ecs\/taskDefinition:|aws-native:ecs:TaskDefinition|awsx:ecs:|aws:apprunner\/|aws:lightsail\/containerService|gcp:cloudrun(v2)?\/(service|job):|azure-native:(app|containerinstance)(\/v\w+)?:(ContainerApp|Job|ContainerGroup)$|azure:containerapp\/|azure:containerservice\/group:)/;

/** Stands in the place of a type token for a compose file. */
export const composeType = "compose";

/** Whether reading the inputs of a type can give a model that says anything: where not, nobody need decode them. */
export function isReadType(type: string): boolean {
  return isKubernetesType(type) ? isReadKubernetesType(type) : isDockerType(type) || isNodePoolType(type) || isClusterType(type) || isPidsLimitType(type) || isRepositoryType(type) || otherContainers.test(type);
}

/**
 * Reads one document: a Kubernetes object (no type token), a compose file, a Dockerfile, or the inputs of a Pulumi resource.
 * A type that has nothing to do with containers has no model.
 */
export function readDocument(document: unknown, address: Address = {}): readonly Model[] {
  const models = readModels(document, address);
  return address.exemptions === undefined ? models : models.map((model) => inheritExemptions(model, address.exemptions));
}

function readModels(document: unknown, address: Address): readonly Model[] {
  const { type } = address;
  if (type === composeType) return [...readCompose(document, address), ...composeBuilds(document, address)];
  if (type === dockerfileType) return readDockerfile(document, address);
  if (type === undefined || isKubernetesType(type)) return readKubernetes(document, address);
  if (isDockerType(type)) return [...readDocker(document, { ...address, type }), ...resourceBuilds(document, address)];
  // The cluster of AKS has node pools of its own.
  if (isNodePoolType(type) || isClusterType(type)) return [...(isNodePoolType(type) ? readNodePool(document, { ...address, type }) : []), ...readCluster(document, { ...address, type })];
  if (isPidsLimitType(type)) return readPidsLimit(document, address);
  if (isRepositoryType(type)) return readRepository(document, { ...address, type });
  if (otherContainers.test(type)) return [unread({ ...address, type })];
  return [];
}

function unread(address: Address & { readonly type: string }): Model {
  const resource: Resource = {
    platform: "docker", kind: address.type.split(":").at(-1) ?? address.type, name: address.name ?? "(unnamed)",
    ...(address.urn === undefined ? {} : { urn: address.urn }),
  };
  return { resource, subjects: [], holes: [], notExamined: [{ resource, path: [], reason: "it runs containers, and no dialect reads this type" }], holdsContainers: true };
}
