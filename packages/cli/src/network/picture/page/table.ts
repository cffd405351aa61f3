import { byId, element, plural } from "./dom";
import type { Scene } from "./state";
import type { Connection } from "./view";
import { changeNames, ordered, shownPorts, signs } from "./view";

const page = 200;

/** The same as the picture, in words. */
export function createTable(): { readonly draw: (scene: Scene) => void } {
  const [body, more] = [byId("rows"), byId("more-rows")];
  let [scene, shown]: [Scene | undefined, number] = [undefined, 0];
  let connections: readonly Connection[] = [];
  const add = (): void => {
    if (scene === undefined) return;
    body.append(...connections.slice(shown, shown + page).map((connection) => row(connection, scene as Scene)));
    shown = Math.min(connections.length, shown + page);
    more.hidden = shown >= connections.length;
    more.textContent = `Show ${plural(Math.min(page, connections.length - shown), "more row")} of ${(connections.length - shown).toLocaleString("en")}`;
  };
  more.addEventListener("click", add);
  return {
    draw: (next) => {
      [scene, shown] = [next, 0];
      const { data, choices: { mode } } = next;
      connections = ordered(next.view.connections, mode);
      const compares = data.before !== undefined;
      byId("change-heading").hidden = !compares;
      byId("table-caption").textContent = `${plural(connections.length, "connection")}${compares ? `, ${mode === "difference" ? "before and after" : mode}` : ""}${next.choices.groups.size > 0 ? ", filtered" : ""}`;
      body.replaceChildren();
      add();
    },
  };
}

function row(connection: Connection, { data, choices: { mode } }: Scene): HTMLElement {
  const compares = data.before !== undefined;
  const details = mode === "before" || (mode === "difference" && connection.change === "removed") ? connection.before : connection.after;
  const text = (end: "egress" | "ingress"): string => [...new Set(details.map((detail) => data.texts[detail[end]] ?? ""))].join("; ");
  const name = (node: number): Node => element("bdi", {}, data.nodes[node]?.name ?? "");
  return element("tr", { class: compares && mode === "difference" ? connection.change : "kept" },
    element("th", { scope: "row" }, name(connection.from)), element("td", {}, name(connection.to)), element("td", {}, element("code", {}, shownPorts(connection, mode, data))),
    ...(compares ? [element("td", {}, element("span", { class: `badge ${connection.change}` }, `${signs[connection.change]} ${changeNames[connection.change]}`.trim()))] : []),
    element("td", {}, text("egress")), element("td", {}, text("ingress")));
}
