/** `node test/screenshot.ts`: draws the picture of the network that the README shows, from examples/network. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { example, examplePage, launch, screenshot } from "./e2e/picture-support.ts";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-picture-"));
const browser = await launch();
try {
  writeFileSync(join(example, "picture.png"), await screenshot(browser, (await examplePage(folder)).page));
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
