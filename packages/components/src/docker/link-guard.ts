import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { isLater } from "../arguments/shape";
import { PidsLimit } from "../pids";
import { containerInputs } from "./container-inputs";
import type { LinkGuardArgs, LinkGuardSettings } from "./link-guard-args";
import { readLinkGuardArgs } from "./link-guard-args";

const defaultConnections = 100;
const defaultMemory = "64Mi";
/** Processes beside those of the connections: the init process, the one that listens, and the threads of a forwarder that has some. */
const ownProcesses = 28;

/** What socat is told. A connection that one side has closed lasts a minute more, as does a silent peer of UDP: each takes a process. */
const socat = {
  tcp: ["-t60", "TCP-LISTEN:{port},fork,reuseaddr,keepalive,max-children={connections}", "TCP:{target}:{port},keepalive"],
  udp: ["-T60", "UDP-LISTEN:{port},fork,reuseaddr,max-children={connections}", "UDP:{target}:{port}"],
} as const;

/**
 * A hardened container that forwards one port and nothing else, as Docker does not filter by port between two containers of one network:
 * it is on both networks of a link, and answers to the target's name on that of the caller. The target cannot reach the caller through it.
 *
 * Its children keep their names: the `docker.Container` and the `PidsLimit` are called as the component is. A changed port or target replaces the guard.
 */
export class LinkGuard extends pulumi.ComponentResource {
  /** The guard's id. */
  public readonly containerId: pulumi.Output<string>;
  /** The guard's own name. */
  public readonly containerName: pulumi.Output<string>;

  constructor(name: string, args: LinkGuardArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = readLinkGuardArgs(args, `${name}: args`);
    super("bulkhead:index:LinkGuard", name, args, opts);
    const container = new docker.Container(name, guardInputs(settings), { parent: this });
    const limited = new PidsLimit(name, { container, limit: (settings.connections ?? defaultConnections) + ownProcesses }, { parent: this });
    this.containerId = limited.containerId;
    this.containerName = container.name;
    this.registerOutputs({ containerId: this.containerId, containerName: this.containerName });
  }
}

/** The inputs of the guard's `docker.Container`: those of any hardened container, on two networks. */
export function guardInputs(settings: LinkGuardSettings): docker.ContainerArgs {
  const { target, targetAlias, clientNetwork, targetNetwork, port, protocol = "tcp", connections = defaultConnections, memory = defaultMemory, command = settings.entrypoint === undefined ? socat[protocol] : [], ...common } = settings;
  const host = targetAlias ?? qualified(target, targetNetwork);
  return {
    ...containerInputs({ ...common, memory, command: command.map((word) => filled(word, { port, protocol, connections }, host)) }),
    networkMode: "bridge",
    networksAdvanced: [{ name: clientNetwork, aliases: [target] }, { name: targetNetwork }],
  };
}

/** The target's name alone may be the guard's own alias; with the network's behind it, Docker's name server answers from that network only (libnetwork, Sandbox.ResolveName). */
function qualified(target: pulumi.Input<string>, network: pulumi.Input<string>): pulumi.Input<string> {
  return isLater(target) || isLater(network) ? pulumi.interpolate`${target}.${network}` : `${target}.${network}`;
}

function filled(word: pulumi.Input<string>, plain: { readonly [name: string]: string | number }, target: pulumi.Input<string>): pulumi.Input<string> {
  const fill = (text: string, host: string): string => Object.entries({ ...plain, target: host }).reduce((filling, [name, value]) => filling.replaceAll(`{${name}}`, String(value)), text);
  if (isLater(word) || isLater(target)) return pulumi.all([word, target]).apply(([text, host]) => fill(text, host));
  return fill(word, target);
}
