import { networksOf, type Segmentation, type SegmentNetwork } from "./segmentation";

/** A compose file to merge over a project's own. */
export interface ComposeOverlay {
  readonly services: { readonly [name: string]: { readonly network_mode?: "none"; readonly networks: readonly string[] | { readonly [network: string]: { readonly aliases?: readonly string[] } } } };
  readonly networks: { readonly [name: string]: { readonly internal?: boolean; readonly driver_opts?: { readonly [option: string]: string } } };
}

/**
 * The networks of each service, and no other, from a segmentation by service. As an object; `!override` is the writer's, which replaces the networks that are
 * there, and `!reset` for an empty list, which alone would mean the default network.
 */
export function composeOverlay(segmentation: Segmentation): ComposeOverlay {
  return {
    services: Object.fromEntries(segmentation.units.map(({ name, aliases }) => {
      const own = networksOf(segmentation, name).map((network) => network.name);
      if (own.length === 0) return [name, { network_mode: "none" as const, networks: [] }];
      // Names of the service and of its containers are known on every network anyhow.
      return [name, { networks: aliases.length === 0 ? own : Object.fromEntries(own.map((network) => [network, { aliases }])) }];
    })),
    networks: Object.fromEntries(segmentation.networks.map((network) => [network.name, settingsOf(network)])),
  };
}

function settingsOf({ leads }: SegmentNetwork): ComposeOverlay["networks"][string] {
  if (leads === "nowhere") return { internal: true };
  return { driver_opts: bridgeOptions(leads) };
}

/** Options of a bridge that leads outside: its containers do not reach each other, and without a way out nothing that they send is answered. */
export function bridgeOptions(leads: "answers" | "outside"): { readonly [option: string]: string } {
  return { "com.docker.network.bridge.enable_icc": "false", "com.docker.network.bridge.enable_ip_masquerade": String(leads === "outside") };
}
