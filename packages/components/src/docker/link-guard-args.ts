import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, describe } from "../arguments/argument-error";
import type { Read } from "../arguments/shape";
import { input, integer, matching, object, oneOf, optional } from "../arguments/shape";
import { cpu, image, memory, port } from "../arguments/values";
import type { HealthcheckArgs } from "./container-args";
import { commonShape, network } from "./container-args";

/** The forwarder that stands between the two ends of a link. */
export interface GuardArgs {
  /** Best with its digest. Its entrypoint is `socat`, unless `command` or `entrypoint` says otherwise. */
  image: pulumi.Input<string>;
  /** Arguments of the image's entrypoint, in which `{port}`, `{protocol}`, `{connections}` and `{target}` (the name to connect to) are filled in. Default: those of socat for the link's protocol. */
  command?: pulumi.Input<string>[];
  /** Stands in place of the image's entrypoint. */
  entrypoint?: pulumi.Input<string>[];
  /** Connections at a time, or peers of UDP; later ones wait. Default: 100. The pids limit is 28 above it, as socat has one process for each. */
  connections?: number;
  /** The memory limit, swap included, with its unit. Default: `64Mi`. */
  memory?: pulumi.Input<string>;
  /** The CPU limit. Default: `500m`, half a core. */
  cpu?: pulumi.Input<string>;
  /** The user id that it runs as. Default: 10001. */
  user?: number;
  /** The group id. Default: the user id. */
  group?: number;
  /** How the daemon asks it whether it is well. */
  healthcheck?: HealthcheckArgs;
  /** Labels of the container. A changed label replaces it. */
  labels?: { [key: string]: pulumi.Input<string> };
}

/** What a `LinkGuard` is made of. Where `allowTo` is not to be had, its two networks are a `PrivateNetwork` each. */
export interface LinkGuardArgs extends GuardArgs {
  /** The name of the container that is guarded, its `containerName`: the guard answers to it on `clientNetwork`. */
  target: pulumi.Input<string>;
  /** The only port that is forwarded, the same on both sides. */
  port: number;
  /** `tcp` or `udp`. Default: `tcp`. */
  protocol?: string;
  /** The name of the network that the guard shares with who calls. */
  clientNetwork: pulumi.Input<string>;
  /** The name of the network that the guard shares with the target, which nobody else is on. */
  targetNetwork: pulumi.Input<string>;
  /** An alias that the target has on `targetNetwork`. Default: none, and it is called by its name and the network's, of which neither may then have more than 63 characters. */
  targetAlias?: pulumi.Input<string>;
}

/** A longer name is none of the DNS, by which containers find each other. */
const host = matching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/, "a container's name of at most 63 characters");
const label = matching(/^.{1,63}$/, "a network's name of at most 63 characters, or a targetAlias");
const { command, entrypoint, user, group, healthcheck, labels } = commonShape;
const guardShape = { image: input(image), command, entrypoint, connections: optional(integer(1, 1000)), memory: optional(input(memory)), cpu: optional(input(cpu)), user, group, healthcheck, labels };
const shape = object({
  ...guardShape, port, protocol: optional(oneOf("tcp", "udp")), clientNetwork: input(network), targetNetwork: input(network),
  target: input(host), targetAlias: optional(input(host)),
});

/** The guard as an argument of `allowTo`. */
export const guard = object(guardShape);

export type LinkGuardSettings = Read<typeof shape>;

/** @throws ArgumentError for the first argument that cannot be used. */
export function readLinkGuardArgs(args: unknown, path: string): LinkGuardSettings {
  const settings = shape(args, path);
  const { targetNetwork, targetAlias } = settings;
  if (settings.clientNetwork === targetNetwork) throw new ArgumentError(`${path}.targetNetwork`, "another network than clientNetwork", describe(targetNetwork));
  return targetAlias === undefined ? { ...settings, targetNetwork: input(label)(targetNetwork, `${path}.targetNetwork`) } : settings;
}
