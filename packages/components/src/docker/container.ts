import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, describe } from "../arguments/argument-error";
import { isLater, object, oneOf, optional } from "../arguments/shape";
import { port } from "../arguments/values";
import { PidsLimit } from "../pids";
import { defaultPidsLimit } from "../posture/hardenings";
import type { ContainerSettings, HardenedContainerArgs } from "./container-args";
import { readContainerArgs } from "./container-args";
import { containerExemptions, containerInputs } from "./container-inputs";
import { LinkGuard } from "./link-guard";
import type { GuardArgs } from "./link-guard-args";
import { guard } from "./link-guard-args";
import { Attachments } from "./networks";
import { networkInputs } from "./private-network";

/** What one container needs of another. */
export interface LinkArgs {
  /** The port that the other one listens on. */
  port: number;
  /** `tcp` or `udp`. Default: `tcp`. */
  protocol?: string;
  /** Lets this port through and no other: a container between the two, on a network with each. Default: none, and the two share a network. */
  guard?: GuardArgs;
}

/** What the provider's update passes over: the running container would keep what was taken back. */
const ignoredByUpdate = ["tmpfs", "cpuPeriod", "cpuQuota"];

/** What the target is called on a network that it shares with a guard alone. The guard itself answers to its name. */
const guardedAlias = "guarded";

const link = object({ port, protocol: optional(oneOf("tcp", "udp")), guard: optional(guard) });

/**
 * A container of Docker with no capability, no root, no way to write but to named scratch space and volumes, nothing of the host,
 * a pids limit that the kernel enforces, and no network but those of its links.
 *
 * Its children keep their names, as another name would replace the running container: the `docker.Container` and the `PidsLimit` are
 * called as the component is, a network for published ports `<name>-published`, a link's network and its guard `<name>-<other>`, and the
 * network behind a guard `<name>-<other>-guarded`.
 */
export class HardenedContainer extends pulumi.ComponentResource {
  /** The container's id. */
  public readonly containerId: pulumi.Output<string>;
  /** The container's name, by which those on its networks reach it. */
  public readonly containerName: pulumi.Output<string>;
  private readonly attachments: Attachments;
  private readonly logicalName: string;
  private readonly linked = new Set<HardenedContainer>();

  constructor(name: string, args: HardenedContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = readContainerArgs(args, `${name}: args`);
    const exemptions = containerExemptions(settings);
    super("bulkhead:index:HardenedContainer", name, { ...known(args), ...(exemptions.length === 0 ? {} : { exemptions }) }, opts);
    this.logicalName = name;
    this.attachments = new Attachments(settings.networks ?? []);
    const outer = outerNetwork(name, settings, this);
    if (outer !== undefined) this.attachments.add({ name: outer.name }, `${name}: args.publish`);
    const container = new docker.Container(name, { ...containerInputs(settings), ...networkInputsOf(this.attachments) }, { parent: this, replaceOnChanges: ignoredByUpdate });
    const limited = new PidsLimit(name, { container, limit: settings.pidsLimit ?? defaultPidsLimit, mustRun: settings.keepRunning ?? true }, { parent: this });
    // Known once the container is limited and runs, so that what needs it waits for that.
    this.containerId = limited.containerId;
    this.containerName = container.name;
    this.registerOutputs({ containerId: this.containerId, containerName: this.containerName });
  }

  /**
   * Puts both containers on an internal network that nobody else is on. Docker does not filter by port there: what else the other
   * one listens on can be reached too. With a `guard` they share no network: it answers to the other one's name, and forwards the port alone.
   *
   * @throws ArgumentError for what is no hardened container, and once either is being made: declare a link in the same turn (no `await` between).
   */
  public allowTo(other: HardenedContainer, args: LinkArgs): void {
    const path = `${this.logicalName}: allowTo`;
    if (!(other instanceof HardenedContainer)) throw new ArgumentError(path, "a HardenedContainer", describe(other));
    if (other === this) throw new ArgumentError(path, "another container", "the same one");
    const { guard: guarded, ...target } = link(args, `${path}.args`);
    if (this.linked.has(other)) throw new ArgumentError(path, "one link for each pair of containers", `a second one to ${other.logicalName}`);
    this.attachments.demandOpen(path);
    other.attachments.demandOpen(path);
    this.linked.add(other);
    const name = `${this.logicalName}-${other.logicalName}`;
    const network = this.linkNetwork(name, other);
    this.attachments.add({ name: network.name }, path);
    if (guarded === undefined || args.guard === undefined) {
      other.attachments.add({ name: network.name }, path);
      return;
    }
    const behind = this.linkNetwork(`${name}-guarded`, other);
    other.attachments.add({ name: behind.name, aliases: [guardedAlias] }, path);
    new LinkGuard(name, { ...args.guard, ...target, target: other.containerName, clientNetwork: network.name, targetNetwork: behind.name, targetAlias: guardedAlias }, { parent: this });
  }

  /** The port does not stand on it: it is not what the network lets through, and a changed label would replace it. */
  private linkNetwork(name: string, other: HardenedContainer): docker.Network {
    return new docker.Network(name, {
      ...networkInputs({ internal: true, communication: true, masquerade: false }),
      labels: [{ label: "bulkhead.dev/link", value: `${this.logicalName}->${other.logicalName}` }],
    }, { parent: this });
  }
}

/**
 * Arguments without those that are known later. A component waits for its own, and a link's network for the component: told the name of the
 * container that it is linked to, it would wait for itself.
 */
function known(args: object): object {
  const isKnown = (value: unknown): boolean => !isLater(value) && (typeof value !== "object" || value === null || Object.values(value).every(isKnown));
  return Object.fromEntries(Object.entries(args).filter(([, value]) => isKnown(value)));
}

/** The network for published ports and for the way out: one of the container's own, as internal ones publish nothing. */
function outerNetwork(name: string, { publish = [], internet }: ContainerSettings, parent: pulumi.Resource): docker.Network | undefined {
  if (publish.length === 0 && internet === undefined) return undefined;
  return new docker.Network(`${name}-published`, networkInputs({ internal: false, communication: false, masquerade: internet !== undefined }), { parent });
}

/** Without a network there is none at all, not the default bridge that all containers share. */
function networkInputsOf(attachments: Attachments): Pick<docker.ContainerArgs, "networkMode" | "networksAdvanced"> {
  const settled = pulumi.output(attachments.settled());
  return {
    networkMode: settled.apply((networks) => (networks.length === 0 ? "none" : "bridge")),
    networksAdvanced: settled,
  };
}
