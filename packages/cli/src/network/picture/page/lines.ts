import { byId, plural, svg } from "./dom";
import type { Layout } from "./layout";
import { routes } from "./routes";
import type { Scene } from "./state";
import type { Connection } from "./view";
import { ordered, portsOf, shownPorts, signs } from "./view";

/** More lines than these say nothing: they are drawn for one node at a time. */
const mostLines = 1200;
/** More ports than these hide the lines: they are written for one node at a time. */
const mostLabels = 40;
const letterWidth = 6.6;
const longestLabel = 28;

export interface Lines {
  readonly draw: (scene: Scene, placed: Layout) => void;
  /** Brings out the lines of a node, or of all, and whom they lead to. */
  readonly light: (node: number | undefined, buttons: readonly HTMLElement[]) => void;
}

interface Drawn {
  readonly connection: Connection;
  readonly line: SVGElement;
  readonly label: SVGElement;
}

/** What the table says as well is hidden from screen readers here. */
export function drawLines(root: SVGSVGElement): Lines {
  const [lineLayer, labelLayer] = [svg("g"), svg("g")];
  root.append(markers(), lineLayer, labelLayer);
  let [scene, placed, drawn]: [Scene | undefined, Layout | undefined, readonly Drawn[]] = [undefined, undefined, []];
  /** Lines that are always drawn, where those of one node are drawn besides. */
  let always: readonly Connection[] | undefined;

  const show = (all: readonly Connection[]): void => {
    if (scene === undefined || placed === undefined) return;
    const { data, choices: { mode }, matches } = scene;
    const compares = mode === "difference" && data.before !== undefined;
    // What is new is drawn over what is gone.
    const connections = compares ? ordered(all, mode).toReversed() : all;
    const texts = connections.map((connection) => labelOf(connection, scene as Scene));
    const isGone = ({ change }: Connection): boolean => compares && change === "removed" && connections.length > mostLabels;
    const withLabels = connections.filter((connection) => !isGone(connection)).length <= mostLabels;
    const found = routes(connections.map((connection, index) => ({ from: connection.from, to: connection.to, labelWidth: withLabels && !isGone(connection) ? widthOf(texts[index] as string) : 0 })), placed.nodes);
    drawn = connections.map((connection, index) => {
      const { path, label: { x, y } } = found[index] as (typeof found)[number];
      const change = compares ? connection.change : "kept";
      const isMatch = matches === undefined || matches.has(connection.from) || matches.has(connection.to);
      const line = svg("path", { d: path, class: `line ${change}${isMatch ? "" : " unmatched"}`, "marker-end": `url(#arrow-${change})`, "data-from": data.nodes[connection.from]?.name, "data-to": data.nodes[connection.to]?.name, "data-ports": shownPorts(connection, mode, data), "data-change": change });
      return { connection, line, label: labelAt(x, y, texts[index] as string, `ports ${change}${isMatch ? "" : " unmatched"}${isGone(connection) ? " gone" : ""}`) };
    });
    lineLayer.replaceChildren(...drawn.map(({ line }) => line));
    labelLayer.replaceChildren(...drawn.map(({ label }) => label));
    root.classList.toggle("crowded", !withLabels);
    root.classList.toggle("many", connections.length > 3 * mostLabels);
  };

  return {
    draw: (next, layout) => {
      const isSame = placed === layout && scene?.view === next.view && scene.matches === next.matches;
      [scene, placed] = [next, layout];
      if (isSame) return;
      for (const [name, value] of [["width", layout.width], ["height", layout.height]] as const) root.setAttribute(name, String(value));
      const { connections } = next.view;
      const lasting = next.choices.mode === "difference" ? connections.filter(({ change }) => change !== "removed") : connections;
      always = connections.length <= mostLines ? undefined : lasting.length <= mostLines ? lasting : [];
      const isEmpty = next.data.nodes.length === 0;
      byId("dense").hidden = always === undefined && !isEmpty;
      byId("dense").textContent = isEmpty ? "No workload and no container was found" : always === undefined ? "" : `${plural(connections.length - always.length, always.length > 0 ? "removed connection" : "connection")}: drawn for the workload that is pointed at or chosen`;
      show(always ?? connections);
    },
    light: (node, buttons) => {
      if (scene === undefined) return;
      const { view, choices: { selected } } = scene;
      if (always !== undefined) show(node === undefined ? always : view.connections.filter(({ from, to }) => from === node || to === node));
      const peers = new Set<number>();
      const lit = drawn.filter(({ connection: { from, to } }) => from === node || to === node);
      for (const { connection: { from, to } } of lit) peers.add(from).add(to);
      for (const { connection: { from, to }, line, label } of drawn) for (const part of [line, label]) part.classList.toggle("lit", from === node || to === node);
      root.classList.toggle("focused", node !== undefined);
      root.classList.toggle("few", lit.length <= mostLabels);
      buttons.forEach((button, index) => {
        button.classList.toggle("dim", node !== undefined && index !== node && !peers.has(index));
        button.classList.toggle("chosen", index === selected);
      });
    },
  };
}

function widthOf(text: string): number {
  return Math.round(text.length * letterWidth) + 8;
}

/** A text on a ground of its own: the line does not run through it. */
function labelAt(x: number, y: number, text: string, classes: string): SVGElement {
  const width = widthOf(text);
  return svg("g", { class: classes }, svg("rect", { x: x - width / 2, y: y - 8, width, height: 16, rx: 4 }), svg("text", { x, y }, text));
}

function labelOf(connection: Connection, { data, choices: { mode } }: Scene): string {
  const sign = mode === "difference" && data.before !== undefined ? signs[connection.change] : "";
  // The details say what they were before.
  const ports = sign === signs.changed ? portsOf(connection.after, data) : shownPorts(connection, mode, data);
  const text = ports.length > longestLabel ? `${ports.slice(0, longestLabel - 1)}…` : ports;
  return sign === "" ? text : `${sign} ${text}`;
}

function markers(): SVGElement {
  return svg("defs", {}, ...(["kept", "new", "removed", "changed"] as const).map((change) => svg("marker", { id: `arrow-${change}`, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: change === "removed" ? 5 : 7, markerHeight: change === "removed" ? 5 : 7, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" }, svg("path", { d: "M0.5 0.8 9.5 5 0.5 9.2 2.4 5Z", class: `head ${change}` }))));
}
