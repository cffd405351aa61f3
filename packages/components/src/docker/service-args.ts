import type * as pulumi from "@pulumi/pulumi";
import type { Read } from "../arguments/shape";
import { input, integer, listOf, matching, object, oneOf, optional, text } from "../arguments/shape";
import { absolutePath, port, size } from "../arguments/values";
import type { Weakening } from "../arguments/weakening";
import { weakeningShape } from "../arguments/weakening";
import type { CapabilitiesArgs, HealthcheckArgs, VolumeMountArgs } from "./container-args";
import { commonShape, demandConsistent } from "./container-args";

/** Scratch space of a service: a tmpfs, which Docker mounts so that nothing can be run from it. */
export interface ServiceScratchArgs {
  /** Where it is mounted, such as `/tmp`. */
  path: string;
  /** Its most, as an amount of bytes with a unit. Default: `64Mi`. Satisfies require-scratch-size-limit. */
  size?: string;
}

/** A port that the routing mesh of the swarm answers on: on every interface of every node, which is why it needs a reason. */
export interface ServicePublishArgs {
  /** The port inside the containers. */
  port: number;
  /** The port of the nodes, 1024 or above. Default: one that is free. */
  publishedPort?: number;
  /** `tcp` or `udp`. Default: `tcp`. */
  protocol?: string;
  /** Who is meant to call it, and from where. */
  reason: string;
  /** Who answers for it. Default: the component's `owner`, else the project. */
  owner?: string;
  /** The last day that it holds, in UTC: `2027-03-31`. Default: `never`. */
  expires?: string;
}

/** A secret of the swarm, as a file that only the container's user can read. */
export interface ServiceSecretArgs {
  /** The secret's id. */
  secret: pulumi.Input<string>;
  /** The secret's name. */
  name: pulumi.Input<string>;
  /** Its file's name under `/run/secrets`. */
  file: string;
}

/** What a `HardenedService` is made of. A service of a swarm cannot be given a pids limit, a seccomp profile or no-new-privileges by `@pulumi/docker`. */
export interface HardenedServiceArgs {
  /** Best with its digest. */
  image: pulumi.Input<string>;
  /** The memory limit of each container, with its unit: `128Mi`. At least 6Mi. Satisfies require-memory-limit. */
  memory: pulumi.Input<string>;
  /** The CPU limit of each container. Default: `500m`, half a core. Satisfies require-cpu-limit. */
  cpu?: pulumi.Input<string>;
  /** How many containers. Default: 1. */
  replicas?: pulumi.Input<number>;
  /** Arguments of the image's entrypoint. */
  command?: pulumi.Input<string>[];
  /** Stands in place of the image's entrypoint. */
  entrypoint?: pulumi.Input<string>[];
  /** Environment variables. They are not kept secret: `docker inspect` shows them. */
  environment?: { [key: string]: pulumi.Input<string> };
  /** The directory that its program starts in. Default: the image's. */
  workingDirectory?: string;
  /** The user id that it runs as. Default: 10001. Satisfies run-as-non-root. */
  user?: number;
  /** The group id. Default: the user id. */
  group?: number;
  /** Scratch space, the only places that can be written but for volumes. */
  scratch?: ServiceScratchArgs[];
  /** Named volumes, for what is to be kept. */
  volumes?: VolumeMountArgs[];
  /** Secrets of the swarm, as files. */
  secrets?: ServiceSecretArgs[];
  /** Ports that every node answers on. */
  publish?: ServicePublishArgs[];
  /** Ids of overlay networks to be on, such as the `id` of a `docker.Network`. A name is taken as well, but the provider then replaces the service after every refresh. */
  networks?: pulumi.Input<string>[];
  /** How the daemon asks it whether it is well. Satisfies require-healthcheck. */
  healthcheck?: HealthcheckArgs;
  /** Seconds that a container has to stop in. Default: 10. */
  stopTimeout?: number;
  /** Labels of the service. */
  labels?: { [key: string]: pulumi.Input<string> };
  /** Who answers for weakenings that name nobody. Default: the project. */
  owner?: string;
  /** Gives back capabilities. */
  capabilities?: CapabilitiesArgs;
  /** Lets the root file system be written. */
  writableRootFilesystem?: Weakening;
  /** Runs as user 0. */
  runAsRoot?: Weakening;
}

const unprivileged = integer(1024, 65_535);
const fileName = matching(/^[^/\s]+$/, "a file's name");
const shape = object({
  ...commonShape, replicas: optional(input(integer(0, 10_000))), scratch: optional(listOf(object({ path: absolutePath, size: optional(size) }))),
  secrets: optional(listOf(object({ secret: input(text), name: input(text), file: fileName }))),
  publish: optional(listOf(object({ port, publishedPort: optional(unprivileged), protocol: optional(oneOf("tcp", "udp")), ...weakeningShape }))),
});

export type ServiceSettings = Read<typeof shape>;

/** @throws ArgumentError for the first argument that cannot be used. */
export function readServiceArgs(args: unknown, path: string): ServiceSettings {
  const settings = shape(args, path);
  demandConsistent({ ...settings, scratch: settings.scratch ?? [], volumes: settings.volumes ?? [] }, path);
  return settings;
}
