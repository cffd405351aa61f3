import { BlockList, isIP, isIPv6 } from "node:net";
import type * as pulumi from "@pulumi/pulumi";
import { ArgumentError, describe } from "../arguments/argument-error";
import type { Read, Reader } from "../arguments/shape";
import { anyText, flag, input, integer, listOf, mapOf, matching, object, oneOf, optional, text } from "../arguments/shape";
import { absolutePath, capability, cpu, image, memory, nonRootId, port, size } from "../arguments/values";
import type { Weakening } from "../arguments/weakening";
import { exemptionPrefix, weakening, weakeningShape } from "../arguments/weakening";

/** Scratch space: a tmpfs in the container's memory, from which nothing can be run. */
export interface ScratchArgs {
  /** Where it is mounted, such as `/tmp`. */
  path: string;
  /** Its most, as an amount of bytes with a unit. Default: `64Mi`. Satisfies require-scratch-size-limit. */
  size?: string;
  /** Lets programs be run from it, for what unpacks native code as it starts. */
  executable?: Weakening;
}

/** A named volume of Docker. */
export interface VolumeMountArgs {
  /** The volume's name. */
  volume: pulumi.Input<string>;
  /** Where it is mounted. */
  path: string;
  /** Default: false, as its data is what it is for. */
  readOnly?: boolean;
}

/** A port of the host that leads into the container. */
export interface PublishArgs {
  /** The port inside the container. */
  port: number;
  /** The port of the host. Default: one that is free. */
  hostPort?: number;
  /** `tcp` or `udp`. Default: `tcp`. */
  protocol?: string;
  /** The address of the host's interface. Default: `127.0.0.1`. All of them (`0.0.0.0`), and a `hostPort` below 1024, need a reason. Satisfies bind-published-ports. */
  interface?: string;
  /** What needs all interfaces, or the low port. */
  reason?: string;
  /** Who answers for it. Default: the component's `owner`, else the project. */
  owner?: string;
  /** The last day that it holds, in UTC: `2027-03-31`. Default: `never`. */
  expires?: string;
}

/** Capabilities that are given back, after all were dropped. */
export interface CapabilitiesArgs {
  /** Names such as `NET_BIND_SERVICE`. None that reaches the host, such as `SYS_ADMIN`, can be given. */
  add: string[];
  /** What needs them. */
  reason: string;
  /** Who answers for it. Default: the component's `owner`, else the project. */
  owner?: string;
  /** The last day that it holds, in UTC: `2027-03-31`. Default: `never`. */
  expires?: string;
}

/** A question that the daemon asks of a container by running a program in it. */
export interface HealthcheckArgs {
  /** The program and its arguments; no shell is put around it. */
  command: string[];
  /** Default: `30s`. */
  interval?: string;
  /** Default: `5s`. */
  timeout?: string;
  /** Default: 3. */
  retries?: number;
  /** Default: `0s`. */
  startPeriod?: string;
}

/** What a `HardenedContainer` is made of. There is no argument for `privileged`, a namespace of the host, a path of the host or the runtime's socket: use `docker.Container`. */
export interface HardenedContainerArgs {
  /** Best with its digest: `registry.example.com/app:1.4.2@sha256:...`. */
  image: pulumi.Input<string>;
  /** The memory limit, swap included, with its unit: `128Mi`. At least 6Mi; rounded down to whole mebibytes. Satisfies require-memory-limit. */
  memory: pulumi.Input<string>;
  /** The CPU limit. Default: `500m`, half a core. Satisfies require-cpu-limit. */
  cpu?: pulumi.Input<string>;
  /** Processes and threads, enforced by the kernel. Default: 128. A change does not replace the container. Satisfies require-pids-limit. */
  pidsLimit?: pulumi.Input<number>;
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
  scratch?: ScratchArgs[];
  /** Named volumes, for what is to be kept. */
  volumes?: VolumeMountArgs[];
  /** Ports that the host answers on. The network that this takes has no way out. */
  publish?: PublishArgs[];
  /** Names of networks to be on, such as a `PrivateNetwork`'s. */
  networks?: pulumi.Input<string>[];
  /** How the daemon asks it whether it is well. Satisfies require-healthcheck. */
  healthcheck?: HealthcheckArgs;
  /** `no`, or `on-failure` at most five times. Default: `on-failure`. Satisfies bounded-restarts. */
  restart?: string;
  /** Whether it is a service. Default: true; one that ends by itself is then started again by the next update. */
  keepRunning?: boolean;
  /** Seconds that it has to stop in. Default: 10. */
  stopTimeout?: number;
  /** Labels of the container. A changed label replaces it. */
  labels?: { [key: string]: pulumi.Input<string> };
  /** Who answers for weakenings that name nobody. Default: the project. */
  owner?: string;
  /** Gives back capabilities. */
  capabilities?: CapabilitiesArgs;
  /** Lets the root file system be written. */
  writableRootFilesystem?: Weakening;
  /** Runs as user 0. */
  runAsRoot?: Weakening;
  /** Gives a way out to the internet. */
  internet?: Weakening;
  /** Is on `networks` that lead outside, such as a `PrivateNetwork` with `internet`, though it publishes no port. */
  leadingNetworks?: Weakening;
  /** Starts it again whenever it ends, also after the host was started (`unless-stopped`). */
  restartAlways?: Weakening;
}

const duration = matching(/^(\d+(\.\d+)?(ms|s|m|h))+$/, "a duration such as 30s");
const address: Reader<string> = (value, path) => {
  if (typeof value !== "string" || isIP(value) === 0) throw new ArgumentError(path, "the address of an interface such as 127.0.0.1", describe(value));
  return value;
};
/** What is no name may be the value itself. */
const variable: Reader<string> = (value, path) => {
  if (typeof value !== "string" || !/^[^=\s]+$/.test(value)) throw new ArgumentError(path, "a variable's name as the key", "a text that is none");
  return value;
};
const label: Reader<string> = (value, path) => {
  if (typeof value !== "string" || value.trim() === "" || value.startsWith(exemptionPrefix)) throw new ArgumentError(path, "a label that exempts from nothing (a weakening does, with its reason)", describe(value));
  return value;
};
/** None of those that every daemon has. */
export const network = matching(/^(?!host$|none$|bridge$|ingress$|default$|container:)[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, "the name of a network that is made for it");
const words = (least: number) => (value: unknown, path: string): readonly string[] => {
  const list = listOf(text)(value, path);
  if (list.length < least) throw new ArgumentError(path, "a list that is not empty", describe(value));
  return list;
};

const publish = object({ port, hostPort: optional(port), protocol: optional(oneOf("tcp", "udp")), interface: optional(address), reason: optional(weakeningShape.reason), owner: weakeningShape.owner, expires: weakeningShape.expires });

/** The arguments that a container and a service have in common. */
export const commonShape = {
  image: input(image), memory: input(memory), cpu: optional(input(cpu)),
  command: optional(listOf(input(anyText))), entrypoint: optional(listOf(input(text))), environment: optional(mapOf(input(anyText), variable)), workingDirectory: optional(absolutePath),
  user: optional(nonRootId), group: optional(nonRootId),
  volumes: optional(listOf(object({ volume: input(matching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, "a volume's name, which a path of the host is not")), path: absolutePath, readOnly: optional(flag) }))),
  networks: optional(listOf(input(network))),
  healthcheck: optional(object({ command: words(1), interval: optional(duration), timeout: optional(duration), retries: optional(integer(1, 100)), startPeriod: optional(duration) })),
  stopTimeout: optional(integer(0, 3600)), labels: optional(mapOf(input(anyText), label)), owner: weakeningShape.owner,
  capabilities: optional(object({ add: (value: unknown, path: string) => { words(1)(value, path); return listOf(capability)(value, path); }, ...weakeningShape })),
  writableRootFilesystem: optional(weakening), runAsRoot: optional(weakening),
};

const shape = object({
  ...commonShape, pidsLimit: optional(input(integer(1, 4_194_304))), scratch: optional(listOf(object({ path: absolutePath, size: optional(size), executable: optional(weakening) }))),
  publish: optional(listOf(publish)), restart: optional(oneOf("no", "on-failure")), keepRunning: optional(flag), internet: optional(weakening), leadingNetworks: optional(weakening), restartAlways: optional(weakening),
});

export type ContainerSettings = Read<typeof shape>;

/** @throws ArgumentError for the first argument that cannot be used. */
export function readContainerArgs(args: unknown, path: string): ContainerSettings {
  const settings = shape(args, path);
  const { publish: ports = [], scratch = [], volumes = [] } = settings;
  for (const [index, { reason, hostPort, interface: ip, ...rest }] of ports.entries()) {
    const at = `${path}.publish[${index}]`;
    if (reason === undefined && isEverywhere(ip)) throw new ArgumentError(`${at}.reason`, `a reason for publishing on all interfaces (${ip})`, "nothing");
    if (reason === undefined && isLow(hostPort)) throw new ArgumentError(`${at}.reason`, `a reason for a port of the host below 1024 (${hostPort})`, "nothing");
    if (reason === undefined && (rest.owner !== undefined || rest.expires !== undefined)) throw new ArgumentError(`${at}.reason`, "a reason, where an owner or an expiry is given", "nothing");
    if (reason !== undefined && !isEverywhere(ip) && !isLow(hostPort)) throw new ArgumentError(`${at}.reason`, "no reason: a port of 1024 or above on one interface weakens nothing", "one");
  }
  demandConsistent({ ...settings, scratch, volumes }, path);
  if (settings.leadingNetworks !== undefined && (settings.networks ?? []).length === 0) throw new ArgumentError(`${path}.leadingNetworks`, "networks beside it, as its other ones lead nowhere", "none");
  if (settings.restartAlways !== undefined && settings.restart !== undefined) throw new ArgumentError(`${path}.restartAlways`, "no restart beside it", "both");
  return settings;
}

interface Consistent {
  readonly scratch: readonly { readonly path: string }[];
  readonly volumes: readonly { readonly path: string }[];
  readonly runAsRoot?: unknown;
  readonly user?: number;
  readonly group?: number;
}

/** @throws ArgumentError for two mounts at one path, or root beside another user. */
export function demandConsistent({ scratch, volumes, runAsRoot, user, group }: Consistent, path: string): void {
  const taken = new Set<string>();
  for (const [what, list] of [["scratch", scratch], ["volumes", volumes]] as const) {
    for (const [index, { path: mounted }] of list.entries()) {
      if (taken.has(mounted)) throw new ArgumentError(`${path}.${what}[${index}].path`, "a path of its own", `${mounted}, which is mounted already`);
      taken.add(mounted);
    }
  }
  if (runAsRoot !== undefined && (user !== undefined || group !== undefined)) throw new ArgumentError(`${path}.runAsRoot`, "no user and no group beside it", "both");
}

/** Every spelling of 0.0.0.0 and ::, the mapped ones among them. */
const everywhere = new BlockList();
everywhere.addAddress("0.0.0.0");
everywhere.addAddress("::", "ipv6");

export function isEverywhere(ip: string | undefined): boolean {
  return ip !== undefined && everywhere.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");
}

export function isLow(hostPort: number | undefined): boolean {
  return hostPort !== undefined && hostPort < 1024;
}
