import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { flag, input, mapOf, anyText, object, optional } from "../arguments/shape";
import type { Weakening } from "../arguments/weakening";
import { weakening, weakeningShape } from "../arguments/weakening";

/** What a `PrivateNetwork` is made of; every argument may be left out. */
export interface PrivateNetworkArgs {
  /** Whether the containers on it reach each other. Default: true, unless it leads outside: then they share it for the way out alone. */
  communication?: boolean;
  /** Gives the network a way out to the internet. A container on it that publishes no port is found by internal-backend-network, and says by `leadingNetworks` why: it is the container that can send out, and each has its own reason. */
  internet?: Weakening;
  /** Labels of the network. A changed label replaces it. */
  labels?: { [key: string]: pulumi.Input<string> };
  /** Who answers for a weakening that names nobody. Default: the project. */
  owner?: string;
}

const shape = object({ communication: optional(flag), internet: optional(weakening), labels: optional(mapOf(input(anyText))), owner: weakeningShape.owner });

/** A bridge network that leads nowhere but to the containers on it. Its child is a `docker.Network` of the same name. */
export class PrivateNetwork extends pulumi.ComponentResource {
  /** The network's name, for `networks` of a container. */
  public readonly networkName: pulumi.Output<string>;

  constructor(name: string, args: PrivateNetworkArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const { internet, labels, communication = internet === undefined } = shape(args, `${name}: args`);
    super("bulkhead:index:PrivateNetwork", name, args, opts);
    const network = new docker.Network(name, {
      ...networkInputs({ internal: internet === undefined, communication, masquerade: internet !== undefined }),
      ...(labels === undefined ? {} : { labels: Object.entries(labels).map(([label, value]) => ({ label, value })) }),
    }, { parent: this });
    this.networkName = network.name;
    this.registerOutputs({ networkName: this.networkName });
  }
}

/**
 * A bridge: `internal` has no route to the outside; without `communication` packets between its containers are dropped;
 * without `masquerade` a published port is answered, but nothing that a container sends out of itself comes back.
 */
export function networkInputs({ internal, communication, masquerade }: { readonly internal: boolean; readonly communication: boolean; readonly masquerade: boolean }): docker.NetworkArgs {
  return {
    driver: "bridge", internal,
    options: { "com.docker.network.bridge.enable_icc": String(communication), ...(internal ? {} : { "com.docker.network.bridge.enable_ip_masquerade": String(masquerade) }) },
  };
}
