import type { Field } from "../field";
import { mapField, unsupported } from "../field";
import type { ImageRepository } from "../model/around";
import type { Model, Resource } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, node, put, stringField } from "../node";
import type { Address } from "./common";
import { quoted } from "./common";

type Settings = Pick<ImageRepository, "scansOnPush" | "immutableTags" | "anonymousPull">;

const no = (place: Node, reason: string): Field<boolean> => unsupported(place.path, reason);
const isImmutable = (place: Node, value = "IMMUTABLE"): Field<boolean> => mapField(stringField(place), (text) => text.toUpperCase() === value, (wanted) => (wanted === true ? put(place.path)(value) : undefined));

/** Amazon ECR: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html */
function ecr(root: Node): Settings {
  return { scansOnPush: booleanField(at(root, "imageScanningConfiguration", "scanOnPush")), immutableTags: isImmutable(at(root, "imageTagMutability")), anonymousPull: no(root, "a private repository of ECR has no anonymous pull") };
}

/**
 * Google Artifact Registry: scanning is the project's (`INHERITED`), unless a repository turns it off.
 * https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories
 */
function artifactRegistry(root: Node): Settings {
  const scanning = stringField(at(root, "vulnerabilityScanningConfig", "enablementConfig"));
  const isOff = scanning.state === "value" && scanning.value.toUpperCase() === "DISABLED";
  return {
    scansOnPush: isOff ? mapField(scanning, () => false) : scanning.state === "unknown" ? mapField(scanning, () => false) : no(at(root, "vulnerabilityScanningConfig"), "whether images are scanned is the project's setting (the Container Scanning API)"),
    immutableTags: booleanField(at(root, "dockerConfig", "immutableTags")),
    anonymousPull: no(root, "who may pull is said by IAM bindings"),
  };
}

/** Azure Container Registry: https://learn.microsoft.com/rest/api/containerregistry/registries */
function azureRegistry(root: Node): Settings {
  return { scansOnPush: no(root, "Microsoft Defender scans, by the subscription's setting"), immutableTags: no(root, "Azure locks images one by one, not a registry's tags"), anonymousPull: booleanField(at(root, "anonymousPullEnabled")) };
}

const repositories: readonly { readonly type: RegExp; readonly read: (root: Node) => Settings; readonly concerns?: (root: Node) => boolean }[] = [
  { type: /^aws:ecr\/repository:Repository$/, read: ecr },
  { type: /^aws-native:ecr:Repository$/, read: ecr },
  // Other formats hold packages, not images.
  { type: /^gcp:artifactregistry\/repository:Repository$/, read: artifactRegistry, concerns: (root) => typeof at(root, "format").value !== "string" || String(at(root, "format").value).toUpperCase() === "DOCKER" },
  { type: /^azure-native:containerregistry(\/v\w+)?:Registry$/, read: azureRegistry },
  { type: /^azure:containerservice\/registry:Registry$/, read: azureRegistry },
];

export function isRepositoryType(type: string): boolean {
  return repositories.some((repository) => repository.type.test(type));
}

/** Repositories of images, of the registries of the clouds. */
export function readRepository(inputs: unknown, address: Address & { readonly type: string }): readonly Model[] {
  const root = node(inputs);
  const kind = address.type.split(":").at(-1) ?? address.type;
  const resource: Resource = { platform: "docker", kind, name: address.name ?? "(unnamed)", ...(address.urn === undefined ? {} : { urn: address.urn }) };
  const found = repositories.find(({ type }) => type.test(address.type));
  if (found === undefined || found.concerns?.(root) === false) return [];
  const subject: ImageRepository = { about: "imageRepository", resource, label: quoted(resource), path: root.path, ...found.read(root) };
  return [{ resource, subjects: [subject], holes: [], notExamined: [], holdsContainers: false }];
}
