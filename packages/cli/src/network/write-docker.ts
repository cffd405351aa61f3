import type { Cluster, Learned, Observations, Segmentation } from "@bulkhead/network-policy";
import { composeOverlay, containerLinks, dockerNetworks, edgeName, items, section, segment, segmented, summarizeCompleteness, verifyDocker } from "@bulkhead/network-policy";
import { Document, isMap, isCollection } from "yaml";
import { counted } from "../io";
import type { Output } from "./write";

/** The files of one format for containers of Docker: what is written was played through the evaluator of networks first. */
export function dockerFiles(format: "compose" | "pulumi", { completeness }: Learned, { edges }: Observations, inventory: Cluster | undefined): Output {
  const segmentation = segment(edges, inventory, format === "compose" ? "service" : "container");
  const links = format === "pulumi" ? containerLinks(edges, segmentation) : undefined;
  const files = links === undefined ? [{ name: "compose.networks.yaml", text: overlayText(segmentation) }] : [{ name: "networks.ts", text: dockerNetworks(segmentation) }, { name: "links.ts", text: links.text }];
  const { denied, slack } = verifyDocker(edges, segmented(segmentation, inventory));
  const left = [...segmentation.left, ...(links?.left ?? []).map(({ what, reason }) => ({ what, reason: `${reason}: links.ts leaves it out, networks.ts has it` }))];
  return {
    files, denied,
    lines: [
      ...networkLines(segmentation), ...summarizeCompleteness(completeness),
      `newly denied observed flows: ${denied.length}`, ...items(denied.map(({ edge, why }) => `${edgeName(edge)}: ${why.join("; ")}`)),
      `unobserved edges admitted: ${slack.length}`, ...items(slack),
      `cannot be expressed safely: ${left.length}`, ...items(left.map(({ what, reason }) => `${what}: ${reason}`)),
    ],
  };
}

/** `!override` replaces the networks that the project's own file gives a service; merged, they would be kept. */
function overlayText(segmentation: Segmentation): string {
  const document = new Document(composeOverlay(segmentation), { aliasDuplicateObjects: false });
  const services = document.get("services", true);
  if (isMap(services)) {
    for (const { value } of services.items) {
      const networks = isMap(value) ? value.get("networks", true) : undefined;
      if (isCollection(networks)) networks.tag = networks.items.length === 0 ? "!reset" : "!override";
    }
  }
  return document.toString({ lineWidth: 0 });
}

function networkLines({ networks, units, cut, kept, isSmallest }: Segmentation): readonly string[] {
  const inner = networks.filter(({ leads }) => leads === "nowhere");
  const list = (title: string, found: Segmentation["networks"]): readonly string[] => (found.length === 0 ? [] : [title, ...found.flatMap(({ name, links }) => [`  ${name}`, ...items(links).map((line) => `  ${line}`)])]);
  return [
    ...list(`${counted(inner.length, "internal network")} for ${counted(units.length, "container")}${isSmallest ? "" : ", as few as were found in the time there is"}:`, inner),
    ...(inner.length === 0 ? ["0 internal networks: no two containers were seen to talk"] : []),
    ...list("networks of one container each, for a port that is published:", networks.filter(({ leads }) => leads === "answers")),
    ...list("networks of one container each, that lead outside:", networks.filter(({ leads }) => leads === "outside")),
    ...(cut.length === 0 ? [] : section(cut.length, "share a network today, and were not seen to talk", cut.map(([a, b]) => `${a}, ${b}`))),
    ...(kept.length === 0 ? [] : section(kept.length, "networks that stay as they are", kept.map(({ name, reason }) => `${name}: ${reason}`))),
  ];
}
