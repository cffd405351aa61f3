import { byId, element, plural } from "./dom";
import type { Layout } from "./layout";
import { layout } from "./layout";
import { drawLines } from "./lines";
import { openOf, type Scene } from "./state";

export interface Graph {
  readonly draw: (scene: Scene) => void;
  /** Moves the focus to a node, and shows it. */
  readonly focus: (node: number) => void;
}

const [smallest, legible] = [0.5, 0.72];
const zooms = [0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1, 1.25, 1.5, 2] as const;

/** The picture: a lane for each group, a button for each node, lines behind them. One node at a time is in the order of the tab key; arrows lead to the others. */
export function createGraph(first: Scene, onSelect: (node: number | undefined) => void): Graph {
  const [pane, canvas] = [byId("pane"), byId("canvas")];
  let [scene, zoom, current, hovered] = [first, 1, -1, undefined as number | undefined];
  let placed: Layout = { nodes: new Map(), lanes: [], width: 0, height: 0 };
  const lines = drawLines(byId("lines") as unknown as SVGSVGElement);
  const buttons = scene.data.nodes.map((node, index) => nodeButton(node, index));
  const lanes = new Map(scene.data.groups.map((group, index) => [index, laneOf(group, index)]));
  for (const [index, node] of scene.data.nodes.entries()) lanes.get(node.groups[0] ?? 0)?.append(buttons[index] as HTMLElement);
  for (const { lane } of arrange(scene).lanes) canvas.append(lanes.get(lane) as HTMLElement);

  const light = (): void => lines.light(hovered ?? scene.choices.selected, buttons);
  const scaleTo = (value: number): void => {
    zoom = value;
    canvas.style.transform = `scale(${zoom})`;
    const sizer = byId("sizer");
    sizer.style.width = `${placed.width * zoom}px`;
    sizer.style.height = `${placed.height * zoom}px`;
    byId("zoom").textContent = `${Math.round(zoom * 100)} %`;
  };
  // As wide as there is room; whole where that stays legible.
  const fit = (): void => scaleTo(Math.floor(100 * Math.min(1, Math.max(smallest, (pane.clientWidth - 24) / placed.width), Math.max(legible, (pane.clientHeight - 24) / placed.height))) / 100);
  const step = (by: 1 | -1): void => scaleTo((by > 0 ? zooms.find((value) => value > zoom + 0.01) : zooms.findLast((value) => value < zoom - 0.01)) ?? zoom);
  const enter = (node: number): void => {
    buttons[current]?.setAttribute("tabindex", "-1");
    current = node;
    buttons[node]?.setAttribute("tabindex", "0");
  };
  const focus = (node: number): void => {
    enter(node);
    buttons[node]?.focus();
  };

  canvas.addEventListener("click", (event) => {
    const node = nodeAt(event.target);
    if (node !== undefined) onSelect(node === scene.choices.selected ? undefined : node);
  });
  for (const [type, leaves] of [["mouseover", false], ["mouseout", true], ["focusin", false], ["focusout", true]] as const) {
    canvas.addEventListener(type, ({ target, relatedTarget }) => {
      const node = nodeAt(target);
      // What is entered next says so itself.
      if (leaves && nodeAt(relatedTarget) !== undefined) return;
      hovered = leaves ? undefined : node;
      if (type === "focusin" && node !== undefined) enter(node);
      light();
    });
  }
  canvas.addEventListener("keydown", (event) => {
    const node = nodeAt(event.target);
    if (node === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") onSelect(undefined);
    else if (event.key === "+" || event.key === "-") step(event.key === "+" ? 1 : -1);
    else if (event.key === "0") fit();
    else {
      const next = nextNode(event.key, node, placed);
      if (next === undefined) return;
      focus(next);
    }
    event.preventDefault();
  });
  byId("zoom-in").addEventListener("click", () => step(1));
  byId("zoom-out").addEventListener("click", () => step(-1));
  byId("zoom-fit").addEventListener("click", fit);

  let drawn = false;
  return {
    focus,
    draw: (next) => {
      if (!drawn || next.view !== scene.view) placed = arrange(next);
      scene = next;
      for (const [index, lane] of lanes) {
        const box = placed.lanes.find((entry) => entry.lane === index)?.box;
        lane.hidden = box === undefined;
        if (box !== undefined) Object.assign(lane.style, { left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px` });
      }
      buttons.forEach((button, index) => {
        const box = placed.nodes.get(index);
        const lane = placed.lanes.find(({ box: own }) => box !== undefined && own.y <= box.y && box.y < own.y + own.height);
        const parent = lanes.get(lane?.lane ?? -1);
        if (parent !== undefined && button.parentElement !== parent) parent.append(button);
        button.hidden = box === undefined;
        if (box !== undefined && lane !== undefined) Object.assign(button.style, { left: `${box.x - lane.box.x}px`, top: `${box.y - lane.box.y}px`, width: `${box.width}px`, height: `${box.height}px` });
        if (box !== undefined) dress(button, index, scene);
      });
      Object.assign(canvas.style, { width: `${placed.width}px`, height: `${placed.height}px` });
      lines.draw(scene, placed);
      if (!placed.nodes.has(current)) {
        const top = [...placed.nodes].sort(([, a], [, b]) => a.y - b.y || a.x - b.x)[0];
        if (top !== undefined) enter(top[0]);
      }
      if (drawn) scaleTo(zoom);
      else fit();
      drawn = true;
      light();
    },
  };
}

/** Nodes keep their places whichever side is shown: the layout is that of the side with fewer connections. */
function arrange({ data, view: shown, both: view, choices: { groups } }: Scene): Layout {
  const nodes = [...view.nodes].map((id) => ({ id, lane: (groups.size > 0 ? data.nodes[id]?.groups.find((group) => groups.has(group)) : undefined) ?? data.nodes[id]?.groups[0] ?? 0 }));
  const of = (side: "before" | "after"): Scene["view"]["connections"] => view.connections.filter((connection) => connection[side].length > 0);
  const [before, after] = [of("before"), of("after")];
  const base = after.length === 0 || (before.length > 0 && before.length < after.length) ? before : after;
  const outside = data.groups.findIndex(({ kind }) => kind === "outside");
  const whole = layout(nodes, base.map(({ from, to }) => [from, to] as const), outside < 0 ? undefined : outside);
  return { ...whole, nodes: new Map([...whole.nodes].filter(([id]) => shown.nodes.has(id))) };
}

function laneOf({ name, kind }: Scene["data"]["groups"][number], index: number): HTMLElement {
  const title = kind === "outside" ? name : `${kind === "namespace" ? "Namespace" : "Network"} ${name}`;
  const heading = element("span", { class: "lane-name" }, ...(kind === "outside" ? [] : [element("span", { class: "lane-kind" }, kind === "namespace" ? "namespace" : "network"), " "]), element("bdi", {}, name));
  return element("div", { class: `lane ${kind}`, role: "group", "aria-label": title, "data-group": index }, heading);
}

function nodeButton({ label, kind, name }: Scene["data"]["nodes"][number], index: number): HTMLButtonElement {
  const text = element("span", { class: "label" }, element("bdi", {}, label));
  return element("button", { type: "button", class: "node", tabindex: -1, title: name, "data-node": index }, element("span", { class: "kind" }, kind === "outside" ? "outside" : kind), text, element("span", { class: "tag" }), element("span", { class: "unseen more-of-it" }));
}

/** What is written on a node, and read out for it. */
function dress(button: HTMLButtonElement, index: number, scene: Scene): void {
  const { ingress = 0, egress = 0 } = scene.degrees.get(index) ?? {};
  const open = openOf(scene, index);
  const tag = open === undefined ? "" : open.ingress && open.egress ? "open" : open.ingress ? "open in" : open.egress ? "open out" : "";
  const where = button.parentElement?.getAttribute("aria-label") ?? "";
  (button.querySelector(".tag") as HTMLElement).textContent = tag;
  button.classList.toggle("open", tag !== "");
  button.classList.toggle("unmatched", scene.matches !== undefined && !scene.matches.has(index));
  button.setAttribute("aria-pressed", String(scene.choices.selected === index));
  (button.querySelector(".more-of-it") as HTMLElement).textContent = `, ${where}, ${open !== undefined && tag === "" ? "isolated, " : ""}reached by ${plural(ingress, "peer")}, reaches ${plural(egress, "peer")}`;
}

function nodeAt(target: EventTarget | null): number | undefined {
  const button = target instanceof Element ? target.closest<HTMLElement>("[data-node]") : null;
  return button === null ? undefined : Number(button.dataset["node"]);
}

/** The nearest node in the direction of an arrow key, the first or the last; undefined for another key, and at the edge. */
function nextNode(key: string, from: number, { nodes }: Layout): number | undefined {
  const order = [...nodes].sort(([, a], [, b]) => a.y - b.y || a.x - b.x).map(([id]) => id);
  if (key === "Home" || key === "End") return order.at(key === "Home" ? 0 : -1);
  const own = nodes.get(from);
  const direction = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  if (own === undefined || direction === undefined) return undefined;
  const [x = 0, y = 0] = direction;
  const distance = (id: number): number => {
    const box = nodes.get(id);
    if (box === undefined || id === from) return Number.POSITIVE_INFINITY;
    const [dx, dy] = [box.x - own.x, box.y - own.y];
    const [along, across] = [dx * x + dy * y, Math.abs(dx * y) + Math.abs(dy * x)];
    return along <= 0 ? Number.POSITIVE_INFINITY : along + 2 * across;
  };
  const best = order.reduce((found, id) => (distance(id) < distance(found) ? id : found), from);
  return best === from ? undefined : best;
}
