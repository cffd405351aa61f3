import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { Project, root, toolPath } from "./support.ts";

export const pluginFolder = join(root, "packages/components/plugin");

/** An example of the components in a folder of its own, with the SDK that its language needs. */
export class ThreeTier extends Project {
  constructor(example: string) {
    super(join(root, "examples", example));
    const settings = readFileSync(join(this.program, "Pulumi.yaml"), "utf8");
    const python = settings.includes("name: python") ? toolPath("python") : "";
    this.writeProgram("Pulumi.yaml", settings.replaceAll("../../packages/components/plugin", pluginFolder).replace("virtualenv: .venv", `virtualenv: ${python}`));
    // Go compiles nothing that it has compiled with the flags of the tools.
    if (settings.includes("runtime: go")) this.env["GOFLAGS"] = "-trimpath -buildvcs=false";
    if (python !== "") this.env["PYTHONPATH"] = join(this.folder, "site");
  }

  async prepare(): Promise<void> {
    if (existsSync(join(this.program, "__main__.py"))) await this.preparePython();
    if (existsSync(join(this.program, "go.mod"))) await this.prepareGo();
    await this.demand("pulumi", ["stack", "init", "test"]);
    mkdirSync(join(this.folder, "stack"));
  }

  /** As `pulumi package add` has it installed, but not into the environment that other programs use. */
  private async preparePython(): Promise<void> {
    await this.demand("pulumi", ["package", "gen-sdk", pluginFolder, "--language", "python", "--local", "--out", "sdks"]);
    await this.demand(join(toolPath("python"), "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target", join(this.folder, "site"), "./sdks/python"]);
  }

  /** What `pulumi package add` links is linked already: a language host that is older than the CLI cannot (test/toolchain/README.md). */
  private async prepareGo(): Promise<void> {
    const added = await this.pulumi(["package", "add", pluginFolder]);
    if (added.code !== 0 && !/linking package/.test(added.stderr + added.stdout)) throw new Error(added.stderr);
    cpSync(join(root, "examples/three-tier-go/go.mod"), join(this.program, "go.mod"));
    await this.demand("go", ["build", "-o", join(this.folder, "compiled"), "."]);
  }

  async demand(command: string, args: readonly string[]): Promise<Result> {
    const result = await run(command, args, { cwd: this.program, env: this.env, timeout: 30 * 60_000 });
    if (result.code !== 0) throw new Error(`${command} ${args.join(" ")}: ${result.stdout}${result.stderr}`);
    return result;
  }

  /** `type name` of what the stack has, the stack and the providers aside; sorted. */
  async resources(): Promise<readonly string[]> {
    const { stdout } = await this.demand("pulumi", ["stack", "export"]);
    const { resources = [] } = (JSON.parse(stdout) as { readonly deployment: { readonly resources?: readonly { readonly type: string; readonly urn: string }[] } }).deployment;
    return resources.filter(({ type }) => !type.startsWith("pulumi:")).map(({ type, urn }) => `${type} ${urn.split("::").at(-1)}`).sort();
  }

  async output(name: string): Promise<unknown> {
    return JSON.parse((await this.demand("pulumi", ["stack", "output", name, "--json"])).stdout) as unknown;
  }

  docker(...args: readonly string[]): Promise<Result> {
    return run("docker", args, { env: this.env, timeout: 30_000 });
  }
}
