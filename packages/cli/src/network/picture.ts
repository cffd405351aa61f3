import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Misuse } from "../arguments";
import { type Side, pictureData } from "./picture/data";
import { renderPage } from "./picture/template";

/** A browser draws this many in about nine seconds, and then it runs short of memory. */
const mostConnections = 1_000_000;

/**
 * A page for a browser that shows who may talk to whom, before and after. The same input makes the same bytes.
 *
 * @throws Misuse for more connections than a browser can hold.
 */
export function picture(sides: { readonly before?: Side; readonly after: Side }): string {
  const title = sides.before === undefined ? sides.after.label : `${sides.before.label} → ${sides.after.label}`;
  // The page's script and style stand beside this file's bundle.
  const asset = (name: string): string => readFileSync(join(__dirname, name), "utf8").trim();
  const data = pictureData(title, sides);
  const sizeOf = (set: number): number => data.sets[set]?.length ?? 0;
  const count = [...(data.before?.links ?? []), ...data.after.links].reduce((sum, [from, to]) => sum + sizeOf(from) * sizeOf(to), 0);
  if (count > mostConnections) throw new Misuse(`a picture of ${count.toLocaleString("en")} connections is more than a browser can hold (${mostConnections.toLocaleString("en")}): give fewer paths, or --format json`);
  return renderPage(data, { script: asset("picture.js"), style: asset("picture.css") });
}
