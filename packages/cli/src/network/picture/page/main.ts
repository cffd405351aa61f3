import type { PictureData } from "../shape";
import { announce, createControls } from "./controls";
import { byId, plural } from "./dom";
import { createGraph } from "./graph";
import { createPanel } from "./panel";
import { type Choices, degreesOf, type Scene } from "./state";
import { createTable } from "./table";
import { expand, type Filter, viewOf } from "./view";

const data = JSON.parse(byId("data").textContent ?? "") as PictureData;
const connections = expand(data);
let choices: Choices = { mode: data.before === undefined ? "after" : "difference", groups: new Set(), withPeers: true, query: "" };

function viewsOf(filter: Filter): Pick<Scene, "view" | "both" | "degrees"> {
  const view = viewOf(data, connections, filter);
  return { view, both: filter.mode === "difference" ? view : viewOf(data, connections, { ...filter, mode: "difference" }), degrees: degreesOf(view.connections) };
}

/** Choosing a node, and searching, leave them as they are. */
let views = viewsOf(choices);

function sceneOf(): Scene {
  const { view } = views;
  const query = choices.query.trim().toLowerCase();
  const matches = query === "" ? undefined : new Set([...view.nodes].filter((index) => data.nodes[index]?.name.toLowerCase().includes(query)));
  return { data, choices, ...views, ...(matches === undefined ? {} : { matches }) };
}

let scene = sceneOf();
const graph = createGraph(scene, select);
const panel = createPanel((node) => {
  select(node);
  if (node !== undefined) graph.focus(node);
}, graph.focus);
const table = createTable();

function draw(): void {
  scene = sceneOf();
  graph.draw(scene);
  panel.draw(scene);
  announce(scene);
}

function select(node: number | undefined): void {
  const { selected: _, ...rest } = choices;
  choices = node === undefined ? rest : { ...rest, selected: node };
  draw();
}

function change(some: Partial<Choices>): void {
  choices = { ...choices, ...some };
  if (!("query" in some)) views = viewsOf(choices);
  if (choices.selected !== undefined && !views.view.nodes.has(choices.selected)) select(undefined);
  else draw();
  if (!("query" in some)) table.draw(scene);
}

createControls(data, connections, change, () => {
  const first = [...(scene.matches ?? [])][0];
  if (first !== undefined) graph.focus(first);
});
const inside = data.nodes.filter(({ groups: [group = 0] }) => data.groups[group]?.kind !== "outside").length;
byId("summary").textContent = `${plural(inside, data.nodes.some(({ kind }) => kind === "container") ? "container" : "workload")} in ${plural(data.groups.filter(({ kind }) => kind !== "outside").length, data.groups.some(({ kind }) => kind === "network") ? "network" : "namespace")}`;
draw();
table.draw(scene);
document.documentElement.dataset["ready"] = "true";
