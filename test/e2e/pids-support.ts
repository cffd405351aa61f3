import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageName } from "../toolchain/docker.ts";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { resolveDaemon } from "../../packages/components/src/pids/daemon.ts";
import { Project, root } from "./support.ts";

export const pidsTools = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-docker", "docker"] as const;
const components = join(root, "packages/components");

/** The packages that a program imports; ours as it would be installed from the registry, or as a workspace links it. */
export function installPackages(folder: string, how: "copied" | "linked"): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@bulkhead"), { recursive: true });
  mkdirSync(join(modules, "@pulumi"));
  for (const name of ["pulumi", "docker", "kubernetes"]) symlinkSync(join(components, "node_modules/@pulumi", name), join(modules, "@pulumi", name));
  const ours = join(modules, "@bulkhead/components");
  if (how === "linked") symlinkSync(components, ours);
  else mkdirSync(ours);
  for (const part of how === "copied" ? ["package.json", "dist"] : []) cpSync(join(components, part), join(ours, part), { recursive: true });
}

/** A stack with containers, seen from the daemon's side. */
export class Stack {
  readonly project: Project;
  private readonly names: string;

  constructor(files: { readonly [name: string]: string }, names: string) {
    this.project = new Project(files);
    this.names = names;
  }

  /** Runs a command of pulumi with more environment; `undefined` takes a variable away. */
  async pulumi(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result & { readonly said: string }> {
    const result = await run("pulumi", [...args, "--non-interactive"], { cwd: this.project.program, env: { ...this.project.env, ...env }, timeout: 300_000 });
    if (process.env["BULKHEAD_E2E_VERBOSE"] !== undefined) process.stderr.write(result.stdout + result.stderr);
    return { ...result, said: result.stdout + result.stderr };
  }

  up(env?: NodeJS.ProcessEnv): ReturnType<Stack["pulumi"]> {
    return this.pulumi(["up", "--yes", "--skip-preview"], env);
  }

  refresh(env?: NodeJS.ProcessEnv): ReturnType<Stack["pulumi"]> {
    return this.pulumi(["refresh", "--yes", "--skip-preview"], env);
  }

  async set(key: string, value: string | number): Promise<void> {
    await this.pulumi(["config", "set", key, String(value)]);
  }

  docker(...args: readonly string[]): Promise<Result> {
    return run("docker", args, { env: this.project.env });
  }

  /** The ids of the stack's containers, those that do not run among them. */
  async containers(): Promise<readonly string[]> {
    const { stdout } = await this.docker("ps", "--all", "--no-trunc", "--filter", `name=^${this.names}`, "--format", "{{.ID}}");
    return stdout.split("\n").filter((line) => line !== "");
  }

  /** The limit as the kernel has it, read inside the running container. */
  async kernelLimit(id: string): Promise<string> {
    return (await this.docker("exec", id, "sh", "-c", "cat /sys/fs/cgroup/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids/pids.max")).stdout.trim();
  }

  async isRunning(id: string): Promise<boolean> {
    return (await this.docker("inspect", "--format", "{{.State.Running}}", id)).stdout.trim() === "true";
  }

  async resources(): Promise<readonly { readonly type: string; readonly inputs?: Readonly<Record<string, unknown>> }[]> {
    const { stdout } = await this.pulumi(["stack", "export"]);
    return (JSON.parse(stdout) as { readonly deployment: { readonly resources?: readonly { readonly type: string }[] } }).deployment.resources ?? [];
  }

  async remove(): Promise<void> {
    for (const id of await this.containers()) await this.docker("rm", "--force", id);
    this.project.remove();
  }
}

/** The real daemon behind a socket of its own, which refuses what it is told to refuse. */
export class Gate {
  readonly folder = mkdtempSync(join(tmpdir(), "bulkhead-gate-"));
  readonly host = `unix://${this.folder}/docker.sock`;
  refused: RegExp | undefined;
  private readonly server = http.createServer((request, response) => {
    if (this.refused?.test(`${request.method} ${request.url}`) === true) return void response.writeHead(500, { "content-type": "application/json" }).end('{"message":"refused by the gate"}');
    const { transport } = resolveDaemon({});
    const to = transport.kind === "socket" ? { socketPath: transport.path } : transport.kind === "tcp" ? { host: transport.host, port: transport.port } : {};
    const onward = http.request({ ...to, method: request.method, path: request.url, headers: request.headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });

  open(): Promise<void> {
    return new Promise((resolve) => this.server.listen(`${this.folder}/docker.sock`, resolve));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** A plugin of one component that is a container with its limit, as @bulkhead/components has larger ones. */
export function writeBoxPlugin(folder: string, log: string): void {
  mkdirSync(folder);
  installPackages(folder, "copied");
  const source = `
    const pulumi = require("@pulumi/pulumi");
    const docker = require("@pulumi/docker");
    const { PidsLimit } = require("@bulkhead/components");
    const { servePidsLimits } = require("./node_modules/@bulkhead/components/dist/pids");
    class Box extends pulumi.ComponentResource {
      constructor(name, args, opts) {
        super("bulkhead:index:Box", name, args, opts);
        const container = new docker.Container(name, { image: ${JSON.stringify(imageName)}, name: args.name, command: ["sleep", "1000"], start: false, mustRun: false, destroyGraceSeconds: 0 }, { parent: this });
        const limit = new PidsLimit(name, { container, limit: args.limit }, { parent: this });
        this.containerId = limit.containerId;
        this.registerOutputs({ containerId: this.containerId });
      }
    }
    const schema = { name: "bulkhead", version: "0.1.0", resources: { "bulkhead:index:Box": {
      isComponent: true, inputProperties: { name: { type: "string" }, limit: { type: "integer" } }, requiredInputs: ["name", "limit"], properties: { containerId: { type: "string" } }, required: ["containerId"] } } };
    const provider = servePidsLimits({
      version: "0.1.0",
      getSchema: async () => JSON.stringify(schema),
      construct: async (name, type, inputs, options) => {
        const box = new Box(name, inputs, options);
        return { urn: box.urn, state: { containerId: box.containerId } };
      },
    }, __dirname);
    module.exports = () => {
      require("node:fs").appendFileSync(${JSON.stringify(log)}, process.pid + "\\n");
      return pulumi.provider.main(provider, process.argv.slice(2));
    };
  `;
  writeFileSync(join(folder, "PulumiPlugin.yaml"), "runtime: nodejs\n");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "bulkhead", version: "0.1.0", main: "index.js" }));
  writeFileSync(join(folder, "index.js"), source);
}
