import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Side, pictureData } from "./picture/data";
import { renderPage } from "./picture/template";

/** A page for a browser that shows who may talk to whom, before and after. The same input makes the same bytes. */
export function picture(sides: { readonly before?: Side; readonly after: Side }): string {
  const title = sides.before === undefined ? sides.after.label : `${sides.before.label} → ${sides.after.label}`;
  // The page's script and style stand beside this file's bundle.
  const asset = (name: string): string => readFileSync(join(__dirname, name), "utf8").trim();
  return renderPage(pictureData(title, sides), { script: asset("picture.js"), style: asset("picture.css") });
}
