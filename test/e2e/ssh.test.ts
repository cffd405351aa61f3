import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import { run } from "../toolchain/run.ts";
import { installPackages, pidsTools, Stack } from "./pids-support.ts";
import { missing, toolPath } from "./support.ts";

const name = `bulkhead-ssh-${process.pid}`;
const skipped = missing(...pidsTools, "ssh");
const socket = skipped ? "" : toolPath("docker").replace(/^unix:\/\//, "") || "/var/run/docker.sock";

const program = `
  const docker = require("@pulumi/docker");
  const pulumi = require("@pulumi/pulumi");
  const { HardenedContainer, PidsLimit } = require("@bulkhead/components");
  const config = new pulumi.Config();
  const base = { image: ${JSON.stringify(imageName)}, command: ["sleep", "1000"] };
  const container = new docker.Container("raw", { ...base, name: "${name}-raw", start: false, mustRun: false, destroyGraceSeconds: 0 });
  new PidsLimit("raw", { container, limit: config.requireNumber("limit") });
  new HardenedContainer("${name}-web", { ...base, memory: "32Mi", pidsLimit: config.requireNumber("limit") });
`;

/** A server of ssh on loopback that lets in whoever runs the test, by one key. */
class Far {
  readonly folder = mkdtempSync(join(tmpdir(), "bulkhead-ssh-"));
  port = 0;
  private server: ChildProcess | undefined;

  async open(): Promise<void> {
    this.port = await freePort();
    const config = {
      Port: this.port, ListenAddress: "127.0.0.1", HostKey: await this.makeKey("host"), AuthorizedKeysFile: `${await this.makeKey("user")}.pub`, PidFile: "none",
      UsePAM: "no", StrictModes: "no", PasswordAuthentication: "no", KbdInteractiveAuthentication: "no", PermitRootLogin: "prohibit-password", SetEnv: `PATH=${process.env["PATH"]}`,
    };
    writeFileSync(join(this.folder, "config"), Object.entries(config).map(([key, value]) => `${key} ${value}\n`).join(""));
    // Where the unprivileged part of the server is confined to; Debian's service makes it.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
    const log = openSync(join(this.folder, "log"), "a");
    this.server = spawn(toolPath("ssh"), ["-D", "-e", "-f", join(this.folder, "config")], { stdio: ["ignore", log, log] });
    for (let tries = 0; !(await listens(this.port)); tries++) {
      if (tries > 100) throw new Error(`sshd does not listen: ${readFileSync(join(this.folder, "log"), "utf8")}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** What the Docker provider takes as `sshOpts`, to log in with a key. */
  options(key: string): string {
    return JSON.stringify(["-i", join(this.folder, key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", `UserKnownHostsFile=${this.folder}/known`]);
  }

  async makeKey(key: string): Promise<string> {
    const file = join(this.folder, key);
    const { code, stderr } = await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    if (code !== 0) throw new Error(`ssh-keygen: ${stderr}`);
    return file;
  }

  close(): void {
    this.server?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => probe.listen(0, "127.0.0.1", () => {
    const { port } = probe.address() as AddressInfo;
    probe.close(() => resolve(port));
  }));
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1", () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}

describe.skipIf(skipped)("a daemon behind ssh", { timeout: 240_000 }, () => {
  const far = new Far();
  let stack: Stack;
  // What the machine itself would use must not be what is used.
  const nowhere = { DOCKER_HOST: "unix:///nowhere.sock" };
  const limits = async (): Promise<readonly string[]> => Promise.all((await stack.containers()).map((id) => stack.kernelLimit(id)));

  beforeAll(async () => {
    await far.open();
    await far.makeKey("stranger");
    stack = new Stack({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }', "program.js": program }, name);
    installPackages(stack.project.program, "linked");
    await importImage(stack.project.env);
    await stack.pulumi(["stack", "init", "test"]);
    await stack.set("limit", 30);
    await stack.set("docker:host", `ssh://${userInfo().username}@127.0.0.1:${far.port}${socket}`);
    await stack.set("docker:sshOpts", far.options("user"));
  }, 120_000);
  afterAll(async () => {
    await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    far.close();
    await stack.remove();
  }, 240_000);

  test("containers are made, limited and started there", async () => {
    const { code, said } = await stack.up(nowhere);
    expect(code, said).toBe(0);
    expect(await limits()).toEqual(["30", "30"]);
  });

  test("a limit that someone changed is seen and put right", async () => {
    for (const id of await stack.containers()) await stack.docker("update", "--pids-limit", "99", id);
    expect((await stack.refresh(nowhere)).said.match(/\[diff: ~limit\]/g)?.length).toBeGreaterThanOrEqual(2);
    const { code, said } = await stack.up(nowhere);
    expect(code, said).toBe(0);
    expect(await limits()).toEqual(["30", "30"]);
  });

  test("a key that is not let in: an error that says so", async () => {
    await stack.set("docker:sshOpts", far.options("stranger"));
    await stack.set("limit", 31);
    const { code, said } = await stack.up(nowhere);
    expect(code).not.toBe(0);
    expect(said).toMatch(/Permission denied \(publickey\)/);
    expect(await limits()).toEqual(["30", "30"]);
    await stack.set("docker:sshOpts", far.options("user"));
    const again = await stack.up(nowhere);
    expect(again.code, again.said).toBe(0);
    expect(await limits()).toEqual(["31", "31"]);
  });

  test("destroy leaves nothing", async () => {
    const { code, said } = await stack.pulumi(["destroy", "--yes", "--skip-preview"], nowhere);
    expect(code, said).toBe(0);
    expect(await stack.containers()).toEqual([]);
  });
});
