import type { DockerContainer, DockerNetwork, Protocol } from "../model/cluster";
import type { Reason } from "./why";

/** Networks that join a container to nothing: it has its host's, another container's or none. */
const apart = new Set(["host", "none"]);

export interface DockerReach {
  /** Both names are of containers. */
  readonly between: (from: string, to: string) => Reason;
  /** Whether a container reaches addresses outside: a network that is not internal does. */
  readonly outside: (from: string) => Reason;
  /** Whether the host reaches a container: on the bridge of any network, also of an internal one. */
  readonly fromHost: (to: string) => Reason;
  /** Whether a port of a container is reached from outside: only one that is published. */
  readonly published: (to: string, protocol: Protocol, port: number | undefined) => Reason;
}

/**
 * Containers reach each other on every port over a network that both are on. Without communication between containers
 * (`enable_icc`) they do not; a network that was not read is taken as one where they do.
 */
export function dockerReach(containers: readonly DockerContainer[], networks: readonly DockerNetwork[]): DockerReach {
  const byName = new Map(containers.map((container) => [container.name, container]));
  const known = new Map(networks.map((network) => [network.name, network]));
  const of = (name: string): readonly string[] => byName.get(name)?.networks.map(({ network }) => network) ?? [];
  const reason = (allowed: boolean, names: readonly string[]): Reason => ({ allowed, because: "network", rules: [], networks: names });
  return {
    between: (from, to) => {
      const own = new Set(of(from));
      const shared = of(to).filter((name) => own.has(name) && name !== "none").sort();
      const open = shared.filter((name) => known.get(name)?.interContainer !== false);
      return reason(open.length > 0, open.length > 0 ? open : shared);
    },
    outside: (from) => {
      const open = of(from).filter((name) => name === "host" || (!apart.has(name) && known.get(name)?.internal !== true));
      return reason(open.length > 0, open);
    },
    fromHost: (to) => {
      const joined = of(to).filter((name) => name !== "none");
      return reason(joined.length > 0, joined);
    },
    published: (to, protocol, port) => {
      const open = byName.get(to)?.published.some((entry) => entry.protocol === protocol && entry.port === port) ?? false;
      const onHost = of(to).includes("host");
      return reason(open || onHost, onHost ? ["host"] : []);
    },
  };
}
