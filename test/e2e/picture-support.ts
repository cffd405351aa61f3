import { cpSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { run } from "../toolchain/run.ts";
import { root, toolPath } from "./support.ts";

export const example = join(root, "examples/network");

/** The CLI as it was built, in a folder. Exit codes above 1 are errors. */
export async function bulkhead(cwd: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(process.execPath, [join(root, "packages/cli/dist/main.js"), ...args], { cwd });
  if (code > 1) throw new Error(stderr);
  return stdout;
}

/** What was open in the example, and what is once its flows were learned, as a page and as rows. */
export async function examplePage(folder: string): Promise<{ readonly page: string; readonly policies: string }> {
  // Paths are shown as they are given.
  cpSync(example, folder, { recursive: true });
  await bulkhead(folder, "network", "learn", "--flows", "flows.csv", "--inventory", "workloads.yaml", "--output", "policies");
  await bulkhead(folder, "network", "reach", "policies", "--before", "workloads.yaml", "--format", "html", "--output", "picture.html");
  return { page: join(folder, "picture.html"), policies: join(folder, "policies") };
}

/** Chromium without a window. Its sandbox does not start as root. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: toolPath("chromium"), args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** What a page did that it must not: everything but being shown. */
export interface Watched {
  readonly page: Page;
  readonly faults: readonly string[];
}

export async function open(browser: Browser, file: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
  const faults: string[] = [];
  page.on("console", (message) => void faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => void faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const own = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== own) faults.push(`request: ${request.url()}`);
  });
  await page.goto(own);
  await page.waitForSelector("html[data-ready]");
  return { page, faults };
}

/** What axe-core finds: violations of WCAG 2.2, levels A and AA, and of what it holds to be good practice. Rule and elements. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() => (globalThis as unknown as { readonly axe: typeof axe }).axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any.map(({ message }) => message).join("; ")}`));
}

/** Of the example, with one workload chosen: what the README shows. */
export async function screenshot(browser: Browser, file: string): Promise<Buffer> {
  const { page } = await open(browser, file, { viewport: { width: 1240, height: 836 }, reducedMotion: "reduce" });
  await page.locator('[title="Deployment shop/api"]').click();
  await page.mouse.move(0, 0);
  await page.evaluate("document.fonts.ready.then(() => undefined)");
  const picture = await page.screenshot();
  await page.close();
  return picture;
}
