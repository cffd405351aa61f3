import { edgeName, type Peer } from "../model/edge";
import { bridgeOptions } from "./compose-overlay";
import { flowCount } from "./naming";
import type { SeenEdge } from "./observe";
import { networksOf, type Segmentation, type SegmentNetwork } from "./segmentation";
import { comment, type LinkCode, noLinks, variablesOf } from "./typescript";

/** A module that makes the networks of a segmentation with @pulumi/docker, and gives what each docker.Container needs to be on its own. */
export function dockerNetworks(segmentation: Segmentation): string {
  const { networks, units } = segmentation;
  const own = ["docker", "observedNetworks", "opts"];
  const containers = variablesOf(units.map(({ name }) => name), own);
  const variables = variablesOf(networks.map(({ name }) => name), own);
  return [
    'import * as docker from "@pulumi/docker";',
    ...(networks.length === 0 ? [] : ['import type { CustomResourceOptions } from "@pulumi/pulumi";']),
    "", "/** The networks of a container, and no other: `new docker.Container(name, { ...networks.web, image })`. */", "export interface Attached {",
    "  readonly networkMode: string;", "  readonly networksAdvanced: docker.types.input.ContainerNetworksAdvanced[];", "}",
    "", "/** The containers of which flows were seen, and those that ran beside them. */", "export interface Networks {",
    ...units.map(({ name }) => `  /** ${comment(name)} */\n  readonly ${containers.get(name)}: Attached;`),
    "}", "", "/** Makes the networks that flows have shown to be needed: as few as let those talk who did, and nobody else. Call it once. */",
    `export function observedNetworks(${networks.length === 0 ? "" : "opts?: CustomResourceOptions"}): Networks {`,
    ...networks.map((network) => `${network.links.map((seen) => `  // ${comment(seen)}\n`).join("")}  const ${variables.get(network.name)} = new docker.Network(${JSON.stringify(network.name)}, ${settingsOf(network)}, opts);`),
    "  return {",
    ...units.map(({ name, containers: instances, aliases }) => {
      const names = [...new Set([name, ...instances, ...aliases])].filter((alias) => isHostName(alias)).sort();
      const attached = networksOf(segmentation, name).map((network) => `{ name: ${variables.get(network.name)}.name, aliases: ${JSON.stringify(names).replaceAll(",", ", ")} }`);
      return `    ${containers.get(name)}: { networkMode: ${attached.length === 0 ? '"none"' : '"bridge"'}, networksAdvanced: [${attached.join(", ")}] },`;
    }),
    "  };", "}", "",
  ].join("\n");
}

function settingsOf({ leads }: SegmentNetwork): string {
  if (leads === "nowhere") return '{ driver: "bridge", internal: true }';
  return `{ driver: "bridge", options: { ${Object.entries(bridgeOptions(leads)).map(([option, value]) => `${JSON.stringify(option)}: ${JSON.stringify(value)}`).join(", ")} } }`;
}

const isHostName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(name);

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly ports: { readonly port: number; readonly protocol: "TCP" | "UDP"; readonly count: number }[];
}

/** A module that declares one link of hardened containers for each pair that talked. */
export function containerLinks(edges: readonly SeenEdge[], segmentation: Pick<Segmentation, "networks" | "units">): LinkCode {
  const pairs = new Map<string, Pair>();
  const left: { what: string; reason: string }[] = [];
  const isKnown = (peer: Peer): boolean => peer.kind === "container" && segmentation.units.some(({ containers }) => containers.includes(peer.name));
  for (const edge of edges) {
    const { from, to, protocol, port, count } = edge;
    if (from.kind !== "container" || to.kind !== "container" || from.name === to.name || !isKnown(from) || !isKnown(to)) continue;
    if (port === undefined || (protocol !== "TCP" && protocol !== "UDP")) {
      left.push({ what: edgeName(edge), reason: `links have no ${protocol}` });
      continue;
    }
    const key = `${from.name}\n${to.name}`;
    const pair = pairs.get(key) ?? { from: from.name, to: to.name, ports: [] };
    pairs.set(key, pair);
    pair.ports.push({ port, protocol, count });
  }
  const list = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
  const names = segmentation.units.flatMap(({ containers }) => containers).sort();
  const variables = variablesOf(names, ["linkObserved", "guard", "guarded"]);
  const linked = names.filter((name) => list.some(({ from, to }) => from === name || to === name));
  const hasGuard = list.some(({ ports }) => ports.length === 1);
  const text = names.length === 0 ? noLinks : [
    `import type { ${hasGuard ? "GuardArgs, " : ""}HardenedContainer } from "@bulkhead/components";`,
    "", "/** The containers of which flows were seen, and those that ran beside them. */", "export interface Containers {",
    ...names.map((name) => `  /** ${comment([name, ...needsOf(name, segmentation)].join("; "))} */\n  readonly ${variables.get(name)}: HardenedContainer;`),
    "}", "", "/**", " * One internal network for each link. Call it once, in the turn that makes the containers.", " *",
    " * Docker does not filter by port between two containers of one network. With a guard, a forwarder between the two, only", " * the port that was seen is let through; it has no place where several ports were.", " */",
    `export function linkObserved(${list.length === 0 ? "_: Containers" : `{ ${linked.map((name) => variables.get(name)).join(", ")} }: Containers`}${hasGuard ? ", guard?: GuardArgs" : ""}): void {`,
    ...(hasGuard ? ["  const guarded = guard === undefined ? {} : { guard };"] : []),
    ...list.map(({ from, to, ports: [first, ...more] }) => {
      const others = more.map(({ protocol, port, count }) => `; also ${protocol} ${port}: ${flowCount(count)}`).join("");
      return `  ${variables.get(from)}.allowTo(${variables.get(to)}, { port: ${first?.port}${first?.protocol === "UDP" ? ', protocol: "udp"' : ""}${more.length === 0 ? ", ...guarded" : ""} }); // ${flowCount(first?.count ?? 0)}${others}`;
    }),
    "}", "",
  ].join("\n");
  return { text, left };
}

/** Arguments that a component has in place of the networks that lead outside. */
function needsOf(container: string, { networks, units }: Pick<Segmentation, "networks" | "units">): readonly string[] {
  const unit = units.find(({ containers }) => containers.includes(container));
  const published = unit?.published.map(({ protocol, port }) => `${protocol} ${port}`) ?? [];
  const leads = networks.find((network) => network.leads === "outside" && network.units.includes(unit?.name ?? ""));
  return [...(published.length === 0 ? [] : [`needs publish of ${published.join(", ")}`]), ...(leads === undefined ? [] : [`needs internet: ${leads.links.slice(0, 3).join(", ")}`])];
}
