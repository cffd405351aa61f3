import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { toolPath } from "./support.ts";

/** `docker-registry` knows neither the referrers API nor artifact types; `referrers-registry` has that API, and no filter. */
export type RegistryKind = "docker-registry" | "referrers-registry";
export const registryKinds = ["docker-registry", "referrers-registry"] as const satisfies readonly RegistryKind[];

const readyMilliseconds = 30_000;
/** The bcrypt of `password`, at the lowest cost. */
const htpasswd = "reader:$2b$04$abcdefghijklmnopqrstuunVhfQpnqHpAVcaDBQgTW/1IjvwTZL/y\n";
export const reader = { username: "reader", password: "registry-test-password" } as const;

/** A registry on a free loopback port with its data in a temporary folder, or in memory. Give it up with `stop`. */
export class LoopbackRegistry {
  /** Docker's configuration of the programs that are run here: none of the user's credentials. */
  readonly dockerConfig: string;
  /** With its port. */
  readonly host: string;
  readonly folder: string;
  private readonly child: ChildProcess;

  private constructor(host: string, folder: string, child: ChildProcess) {
    this.host = host;
    this.folder = folder;
    this.child = child;
    this.dockerConfig = join(folder, "docker");
    mkdirSync(this.dockerConfig, { recursive: true });
  }

  /** `password`: for `docker-registry`, which then asks for that of `reader` (Basic). */
  static async start(kind: RegistryKind, options: { readonly password?: boolean } = {}): Promise<LoopbackRegistry> {
    const folder = mkdtempSync(join(tmpdir(), "bulkhead-registry-"));
    const config = join(folder, "config.yml");
    const passwords = join(folder, "htpasswd");
    writeFileSync(passwords, htpasswd);
    const auth = options.password === true ? { auth: { htpasswd: { realm: "test, with a comma", path: passwords } } } : {};
    writeFileSync(config, JSON.stringify({ version: 0.1, ...auth, log: { level: "info" }, storage: { filesystem: { rootdirectory: join(folder, "data") } }, http: { addr: "127.0.0.1:0" } }));
    const child = spawn(toolPath(kind), kind === "docker-registry" ? ["serve", config] : [], { stdio: ["pipe", "pipe", "pipe"], env: { PATH: process.env["PATH"] } });
    // It would outlive a test run that is broken off.
    process.once("exit", () => child.kill("SIGKILL"));
    try {
      return new LoopbackRegistry(await address(child, kind), folder, child);
    } catch (error) {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Environment of the programs that push to it. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, DOCKER_CONFIG: this.dockerConfig, HOME: this.folder, COSIGN_PASSWORD: "", SIGSTORE_NO_CACHE: "1" };
  }

  /** Runs `crane` or one of the cosigns; its standard output, or an error with what it said. */
  async use(tool: "crane" | "cosign-2" | "cosign-3", ...args: readonly string[]): Promise<string> {
    const result: Result = await run(toolPath(tool), args, { cwd: this.folder, env: this.env, timeout: 120_000 });
    if (result.code !== 0) throw new Error(`${tool} ${args.join(" ")}: exit ${result.code}: ${result.stderr}`);
    return result.stdout.trim();
  }

  /**
   * Pushes an image of one layer with one small file that holds `content`, and returns its digest. Without `--new_layer`
   * media types crane makes Docker manifests; with `oci` it makes OCI ones.
   */
  async pushImage(name: string, content: string, options: { readonly oci?: boolean; readonly platform?: string } = {}): Promise<string> {
    const work = mkdtempSync(join(this.folder, "image-"));
    writeFileSync(join(work, "content"), content);
    const layer = join(work, "layer.tar");
    const packed = await run("tar", ["--owner=0", "--group=0", "--mtime=@0", "-C", work, "-cf", layer, "content"]);
    if (packed.code !== 0) throw new Error(packed.stderr);
    const reference = `${this.host}/${name}`;
    await this.use("crane", "append", "--insecure", "-f", layer, "-t", reference, ...(options.oci === true ? ["--oci-empty-base"] : []));
    if (options.platform !== undefined) await this.use("crane", "mutate", reference, "--set-platform", options.platform, "-t", reference);
    return this.use("crane", "digest", reference);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    if (this.child.exitCode === null && this.child.kill("SIGTERM")) await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Both print the address that they were given by the system. */
function address(child: ChildProcess, kind: RegistryKind): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`${kind} did not become ready in ${readyMilliseconds / 1000} s: ${said}`)), readyMilliseconds);
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-20_000);
      const match = /(?:listening on |^)(127\.0\.0\.1:\d+)/m.exec(said);
      if (match?.[1] === undefined) return;
      clearTimeout(timer);
      resolve(match[1]);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${kind} ended at once (${code}): ${said}`)));
  });
}
