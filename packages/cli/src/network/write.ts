import type { Cluster, Learned, Observations, Segmentation } from "@bulkhead/network-policy";
import { calicoPolicies, ciliumPolicies, composeOverlay, containerLinks, segment, workloadLinks } from "@bulkhead/network-policy";
import { Document, isMap, isSeq, stringify } from "yaml";
import type { Format } from "./learn";

export interface OutputFile {
  readonly name: string;
  readonly text: string;
}

/** The files of one format, and what is to be said of them besides the summary. */
export function outputFiles(format: Format, { plan, policies }: Learned, { edges }: Observations, inventory: Cluster | undefined): { readonly files: readonly OutputFile[]; readonly lines: readonly string[] } {
  if (format === "cilium") return { files: byNamespace(ciliumPolicies(plan)), lines: [] };
  if (format === "calico") return { files: byNamespace(calicoPolicies(plan)), lines: [] };
  if (format === "typescript") {
    const { text, left } = workloadLinks(edges, plan);
    return { files: [{ name: "links.ts", text }], lines: [`without a link: ${left.length}`, ...left.map(({ what, reason }) => `  ${what}: ${reason}`)] };
  }
  if (format === "compose") {
    const segmentation = segment(edges, inventory);
    return { files: [{ name: "compose.networks.yaml", text: overlayText(segmentation, inventory) }, { name: "links.ts", text: containerLinks(edges) }], lines: segmentLines(segmentation) };
  }
  return { files: byNamespace(policies), lines: [] };
}

interface Named {
  readonly metadata: { readonly namespace: string };
}

function byNamespace(policies: readonly Named[]): readonly OutputFile[] {
  const groups = new Map<string, Named[]>();
  for (const policy of policies) groups.set(policy.metadata.namespace, [...(groups.get(policy.metadata.namespace) ?? []), policy]);
  return [...groups].map(([namespace, list]) => ({ name: `${fileName(namespace)}.yaml`, text: list.map((policy) => `---\n${stringify(policy, { lineWidth: 0, aliasDuplicateObjects: false })}`).join("") }));
}

/** What a flow calls a namespace names no folder. */
function fileName(namespace: string): string {
  const name = namespace.replace(/[^A-Za-z0-9.-]/g, "-").replace(/^\.+/, "");
  return name === "" ? "namespace" : name;
}

/** `!override` replaces the networks that the project's own file gives a service; merged, they would be kept. */
function overlayText(segmentation: Segmentation, inventory: Cluster | undefined): string {
  const document = new Document(composeOverlay(segmentation, inventory), { aliasDuplicateObjects: false });
  const services = document.get("services", true);
  if (isMap(services)) {
    for (const { value } of services.items) {
      const networks = isMap(value) ? value.get("networks", true) : undefined;
      if (isSeq(networks)) networks.tag = networks.items.length === 0 ? "!reset" : "!override";
    }
  }
  return document.toString({ lineWidth: 0 });
}

function segmentLines({ networks, outside, cut, left }: Segmentation): readonly string[] {
  return [
    `${networks.length} internal network${networks.length === 1 ? "" : "s"}`,
    ...networks.flatMap(({ name, links }) => [`  ${name}`, ...links.map((link) => `    ${link}`)]),
    ...(outside.length > 0 ? [`with a network of their own that leads outside: ${outside.join(", ")}`] : []),
    ...(cut.length > 0 ? [`share a network today, and were not seen to talk: ${cut.length}`, ...cut.map(([a, b]) => `  ${a}, ${b}`)] : []),
    "newly denied observed flows: 0",
    "unobserved edges admitted: every other port, and the other direction, between containers that share a network; a link with a guard lets one port through",
    `cannot be expressed safely: ${left.length}`, ...left.map(({ what, reason }) => `  ${what}: ${reason}`),
  ];
}
