import type { Field } from "../field";
import { elsewhere, known, unknown } from "../field";
import type { Attachment, ContainerNetwork } from "./members";
import type { Maybe } from "./traffic";
import { anyOf } from "./traffic";

export interface NetworkIndex {
  readonly byName: ReadonlyMap<string, readonly ContainerNetwork[]>;
  /** Whether the program makes a network whose name is not known. */
  readonly unnamed: boolean;
  readonly attached: ReadonlyMap<string, number>;
  /** Whether a container may be on networks that are not known. */
  readonly unsure: boolean;
}

/** A network can be given by its id, which no input of the program tells. */
const networkId = /^[0-9a-f]{64}$/;
/** Networks that every daemon has. */
const builtIn: ReadonlyMap<string, boolean> = new Map([["host", true], ["none", true], ["bridge", false], ["default", false]]);

export function indexNetworks(networks: readonly ContainerNetwork[], attachments: readonly Attachment[]): NetworkIndex {
  const byName = new Map<string, ContainerNetwork[]>();
  for (const network of networks) {
    if (network.name.state !== "value") continue;
    const list = byName.get(network.name.value);
    if (list === undefined) byName.set(network.name.value, [network]);
    else list.push(network);
  }
  const attached = new Map<string, number>();
  for (const { networks: names } of attachments) {
    if (names.state === "value") for (const name of new Set(names.value)) attached.set(name, (attached.get(name) ?? 0) + 1);
  }
  return { byName, attached, unnamed: networks.some(({ name }) => name.state !== "value"), unsure: attachments.some(({ networks: names }) => isOpen(names)) };
}

function isOpen(names: Attachment["networks"]): boolean {
  return names.state === "unknown" || (names.state === "value" && (names.partial === true || names.value.some((name) => networkId.test(name))));
}

/** Fields of the container itself come first: without networks of its own, or with a published port, there is nothing to ask. */
export function isBackendInternal({ networks, published }: Attachment, index: NetworkIndex, { closed, incomplete }: { readonly closed: boolean; readonly incomplete: string | undefined }): Field<boolean> {
  const { path } = networks;
  if (published.state === "value" && published.value) return known(true, path);
  if (networks.state === "unset") return known(true, path);
  if (networks.state !== "value") return networks as Field<never>;
  let missing: string | undefined;
  const notInternal = anyOf(networks.value, (name): Maybe => {
    if (networkId.test(name)) return undefined;
    const own = builtIn.get(name);
    if (own !== undefined) return !own;
    const found = index.byName.get(name);
    if (found !== undefined) return anyOf(found, ({ internal }) => (internal.state === "value" ? !internal.value : internal.state === "unset" ? true : undefined));
    if (index.unnamed) return undefined;
    if (incomplete === undefined && closed) return true;
    missing ??= incomplete ?? `depends on the network "${name}", which is made elsewhere`;
    return false;
  });
  if (notInternal === false && missing === undefined && networks.partial !== true) return known(true, path);
  if (published.state === "unknown") return unknown(published.path, published.reason);
  if (notInternal === true) return known(false, path);
  if (notInternal === false && missing !== undefined) return elsewhere(path, missing);
  return unknown(path, networks.partial === true ? undefined : "depends on a network that cannot be known yet");
}

export function attachedTo({ name }: ContainerNetwork, index: NetworkIndex): Field<number> {
  if (name.state !== "value") return unknown(name.path, name.state === "unknown" ? name.reason : undefined);
  const partial = index.unsure ? { partial: true, reason: "depends on the networks of another container, which cannot be known yet" } : {};
  return { ...known(index.attached.get(name.value) ?? 0, name.path), ...partial };
}

/** How many containers reach each other on a bridge that leads outside; none where it is no such bridge, or keeps them apart. */
export function minglingOn(network: ContainerNetwork, index: NetworkIndex): Field<number> {
  const { mingles } = network;
  if (mingles.state === "value" && !mingles.value) return known(0, mingles.path);
  const attached = attachedTo(network, index);
  if (attached.state !== "value") return attached;
  const isAlone = attached.value < 2 && attached.partial !== true;
  return mingles.state === "value" || isAlone ? { ...attached, path: mingles.path } : unknown(mingles.path, mingles.state === "unknown" ? mingles.reason : undefined);
}
