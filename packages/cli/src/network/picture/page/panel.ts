import { byId, element, plural } from "./dom";
import type { PictureSide } from "../shape";
import type { Scene } from "./state";
import type { Connection, Detail } from "./view";
import { changeNames, changes, ordered, portsOf, shownPorts, signs } from "./view";

/** Peers that are listed at first. */
const shortList = 60;

export interface Panel {
  readonly draw: (scene: Scene) => void;
}

/** One node in full: who reaches it and whom it reaches, by which rule of which policy. */
export function createPanel(onSelect: (node: number | undefined) => void, onLeave: (node: number) => void): Panel {
  const panel = byId("details");
  return {
    draw: (scene) => {
      const { data, choices: { selected } } = scene;
      const node = selected === undefined ? undefined : data.nodes[selected];
      byId("hint").hidden = node !== undefined;
      if (node === undefined) total(scene);
      panel.hidden = node === undefined;
      if (node === undefined || selected === undefined) return void panel.replaceChildren();
      const close = element("button", { type: "button", class: "close", "aria-label": `Close the details of ${node.name}` }, "×");
      close.addEventListener("click", () => {
        onSelect(undefined);
        onLeave(selected);
      });
      const groups = node.groups.map((group) => data.groups[group]?.name ?? "");
      const where = data.groups[node.groups[0] ?? 0]?.kind ?? "namespace";
      panel.replaceChildren(
        element("div", { class: "details-head" }, element("div", {}, element("p", { class: "eyebrow" }, `${node.kind === "outside" ? "outside" : node.kind}${where === "outside" ? "" : ` · ${where} ${groups.join(", ")}`}`), element("h2", { id: "details-name" }, element("bdi", {}, node.label))), close),
        ...isolation(scene, selected),
        ...list(scene, "ingress", selected, onSelect),
        ...list(scene, "egress", selected, onSelect),
      );
    },
  };
}

/** What there is altogether, as long as no node is chosen. */
function total({ data, both: { connections, nodes } }: Scene): void {
  const compares = data.before !== undefined;
  const open = (side: PictureSide): number => [...nodes].filter((node) => side.policies[node] != null && (side.policies[node].ingress.length === 0 || side.policies[node].egress.length === 0)).length;
  const line = (sign: string, name: string, count: string, kind = ""): Node => element("div", { class: kind }, element("dt", {}, element("span", { "aria-hidden": "true" }, sign), element("span", {}, name)), element("dd", {}, count));
  byId("totals-heading").textContent = compares ? "What changes" : "Altogether";
  const counts = changes.map((change) => line(signs[change], changeNames[change], connections.filter((connection) => connection.change === change).length.toLocaleString("en"), change));
  byId("totals").replaceChildren(
    ...(compares ? counts : [line("", "connections", connections.length.toLocaleString("en"))]),
    ...(data.after.policies.every((own) => own === null) ? [] : [line("", "open workloads", data.before === undefined ? String(open(data.after)) : `${open(data.before)} → ${open(data.after)}`)]),
  );
}

function isolation({ data, choices: { mode } }: Scene, node: number): readonly Node[] {
  const side = mode === "before" ? (data.before ?? data.after) : data.after;
  const policies = side.policies[node];
  if (policies === undefined) return [];
  if (policies === null) return [element("p", { class: "policies" }, "No network policy can apply to it.")];
  const line = (direction: "ingress" | "egress"): Node => {
    const names = policies[direction].map((text) => data.texts[text] ?? "");
    return element("div", {}, element("dt", {}, direction), element("dd", {}, ...(names.length === 0 ? [element("strong", {}, "open"), ": no policy applies"] : [names.join(", ")])));
  };
  return [element("dl", { class: "policies" }, line("ingress"), line("egress"))];
}

function list(scene: Scene, direction: "ingress" | "egress", node: number, onSelect: (node: number) => void): readonly Node[] {
  const [own, other] = direction === "ingress" ? (["to", "from"] as const) : (["from", "to"] as const);
  const found = ordered(scene.view.connections.filter((connection) => connection[own] === node), scene.choices.mode);
  const heading = element("h3", {}, direction === "ingress" ? "Reached by" : "Reaches", " ", element("span", { class: "count" }, found.length.toLocaleString("en")));
  if (found.length === 0) return [heading, element("p", { class: "none" }, direction === "ingress" ? "Nobody." : "Nothing.")];
  const items = (some: readonly Connection[]): readonly Node[] => some.map((connection) => item(scene, connection, connection[other], onSelect));
  const entries = element("ul", { class: "peers", "data-direction": direction }, ...items(found.slice(0, shortList)));
  if (found.length <= shortList) return [heading, entries];
  const more = element("button", { type: "button", class: "more" }, `Show ${plural(found.length - shortList, "more", "more")}`);
  more.addEventListener("click", () => {
    entries.append(...items(found.slice(shortList)));
    more.remove();
  });
  return [heading, entries, more];
}

function item(scene: Scene, connection: Connection, peer: number, onSelect: (node: number) => void): Node {
  const { data, choices: { mode } } = scene;
  const compares = mode === "difference" && data.before !== undefined;
  const name = element("button", { type: "button", class: "peer" }, element("bdi", {}, data.nodes[peer]?.name ?? ""));
  name.addEventListener("click", () => onSelect(peer));
  const badge = compares && connection.change !== "kept" ? [element("span", { class: `badge ${connection.change}` }, `${signs[connection.change]} ${changeNames[connection.change]}`)] : [];
  const sides = compares && connection.change === "changed" ? (["before", "after"] as const) : [mode === "before" || (compares && connection.change === "removed") ? ("before" as const) : ("after" as const)];
  const reasons = sides.flatMap((side) => [...(sides.length > 1 ? [element("p", { class: "side" }, `${side}: ${portsOf(connection[side], data)}`)] : []), ...why(connection[side], scene), ...seen(connection, side, scene)]);
  return element("li", { class: compares ? connection.change : "kept" }, element("div", { class: "peer-line" }, name, ...badge), element("code", { class: "peer-ports" }, shownPorts(connection, mode, data)), ...reasons);
}

/** The flows that a learned rule comes from. */
function seen({ from, to }: Connection, side: "before" | "after", { data }: Scene): readonly Node[] {
  const texts = (data[side]?.seen ?? []).flatMap(([source, target, text]) => (source === from && target === to ? [data.texts[text] ?? ""] : []));
  return texts.length === 0 ? [] : [element("dl", { class: "why" }, element("div", {}, element("dt", {}, "seen"), element("dd", {}, texts.join("; "))))];
}

/** What lets it through at either end. */
function why(details: readonly Detail[], { data }: Scene): readonly Node[] {
  const unique = [...new Map(details.map((detail) => [`${detail.egress} ${detail.ingress}`, detail])).values()];
  return unique.map(({ egress, ingress }) => element("dl", { class: "why" }, ...([["sender", egress], ["receiver", ingress]] as const).map(([end, text]) => element("div", {}, element("dt", {}, end), element("dd", {}, data.texts[text] ?? "")))));
}
