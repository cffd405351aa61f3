import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { run, say } from "./run.ts";
import type { GoTool } from "./tools.ts";

const connectMilliseconds = 5000;
const transferMilliseconds = 300_000;

/** Where official releases are; `BULKHEAD_DOWNLOADS` names another server, or `off`. */
function releases(): string {
  return process.env["BULKHEAD_DOWNLOADS"] ?? "https://github.com/pulumi/pulumi/releases/download";
}

/**
 * The official Pulumi release holds the CLI and its language hosts. The other tools are always built, so that what the
 * tests run is what go/ pins. Returns "done", or why there is no download.
 */
export async function download(tool: GoTool, folder: string): Promise<string> {
  if (tool.name !== "pulumi") return "no official download is used";
  const base = releases();
  if (base === "off") return "downloads are off";
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  const archive = `pulumi-v${tool.version}-${process.platform}-${arch}.tar.gz`;
  try {
    const sums = await fetchBytes(`${base}/v${tool.version}/pulumi-${tool.version}-checksums.txt`, connectMilliseconds);
    const expected = Buffer.from(sums).toString().split("\n").find((line) => line.trim().endsWith(archive))?.split(/\s+/)[0];
    if (expected === undefined) return `the release lists no ${archive}`;
    say(`pulumi ${tool.version}: downloading the official release`);
    const bytes = await fetchBytes(`${base}/v${tool.version}/${archive}`, transferMilliseconds);
    const actual = createHash("sha256").update(bytes).digest("hex");
    if (actual !== expected) return `the download's checksum is ${actual}, the release says ${expected}`;
    return await unpack(bytes, folder);
  } catch (error) {
    return `no download: ${reasonOf(error)}`;
  }
}

async function fetchBytes(url: string, timeout: number): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function unpack(bytes: Uint8Array, folder: string): Promise<string> {
  const work = mkdtempSync(join(dirname(folder), ".download-"));
  try {
    const file = join(work, "archive.tar.gz");
    writeFileSync(file, bytes);
    const { code } = await run("tar", ["-xzf", file, "-C", work]);
    const content = join(work, "pulumi");
    if (code !== 0 || !existsSync(join(content, "pulumi"))) return "the archive holds no pulumi";
    const out = join(work, "out");
    mkdirSync(out);
    // Only the CLI and its scripts: its language hosts are newer than the launcher is made for.
    for (const name of readdirSync(content)) if (/^(pulumi|pulumi-resource-pulumi-nodejs)$/.test(name)) cpSync(join(content, name), join(out, basename(name)));
    rmSync(folder, { recursive: true, force: true });
    renameSync(out, folder);
    return "done";
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return cause ?? error.message;
}
