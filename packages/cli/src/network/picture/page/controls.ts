import { byId, element, plural } from "./dom";
import type { PictureData } from "../shape";
import type { Choices, Scene } from "./state";
import type { Connection, Mode } from "./view";
import { isShown } from "./view";

const modes: readonly (readonly [mode: Mode, name: string])[] = [["before", "Before"], ["difference", "Difference"], ["after", "After"]];

/** What is shown, and of whom. `change`: choices that were made; `find`: the search was ended with Enter. */
export function createControls(data: PictureData, connections: readonly Connection[], change: (choices: Partial<Choices>) => void, find: () => void): void {
  if (data.before !== undefined) byId("modes").append(...modes.map(([mode, name]) => modeOption(mode, name, connections, change)));
  byId("mode-field").hidden = data.before === undefined;
  const chosen = new Set<number>();
  byId("groups").append(...data.groups.map(({ name }, index) => {
    const box = element("input", { type: "checkbox", name: "group", value: index });
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(index);
      else chosen.delete(index);
      byId("peers-option").hidden = chosen.size === 0;
      change({ groups: new Set(chosen) });
    });
    return element("label", { class: "chip" }, box, element("bdi", {}, name), element("span", { class: "count" }, String(data.nodes.filter(({ groups }) => groups.includes(index)).length)));
  }));
  byId("group-legend").textContent = data.groups.some(({ kind }) => kind === "network") ? (data.groups.some(({ kind }) => kind === "namespace") ? "Namespaces and networks" : "Networks") : "Namespaces";
  byId("clear-groups").addEventListener("click", () => {
    chosen.clear();
    for (const box of byId("groups").querySelectorAll("input")) box.checked = false;
    byId("peers-option").hidden = true;
    change({ groups: new Set() });
    byId("groups").querySelector("input")?.focus();
  });
  const peers = byId("peers") as HTMLInputElement;
  peers.addEventListener("change", () => change({ withPeers: peers.checked }));
  const search = byId("search") as HTMLInputElement;
  search.addEventListener("input", () => change({ query: search.value }));
  search.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") find();
  });
}

function modeOption(mode: Mode, name: string, connections: readonly Connection[], change: (choices: Partial<Choices>) => void): HTMLElement {
  const radio = element("input", { type: "radio", name: "mode", value: mode, checked: mode === "difference" });
  radio.addEventListener("change", () => change({ mode }));
  const count = mode === "difference" ? connections.filter((connection) => connection.change !== "kept").length : connections.filter((connection) => isShown(connection, mode)).length;
  return element("label", {}, radio, element("span", {}, name, " ", element("span", { class: "count" }, count.toLocaleString("en"))));
}

/** What has come of the choices, for those who do not see it. */
export function announce({ data, view, matches, choices: { mode, selected, query }, degrees }: Scene): void {
  const node = selected === undefined ? undefined : data.nodes[selected];
  const { ingress = 0, egress = 0 } = (selected === undefined ? undefined : degrees.get(selected)) ?? {};
  const found = matches === undefined ? "" : `${plural(matches.size, "match", "matches")} for ${query}. `;
  const what = node === undefined ? `${plural(view.nodes.size, "workload")} and ${plural(view.connections.length, "connection")} shown${data.before === undefined ? "" : `, ${mode}`}.` : `${node.name}: reached by ${plural(ingress, "peer")}, reaches ${plural(egress, "peer")}. The details follow the picture.`;
  byId("status").textContent = found + what;
}
