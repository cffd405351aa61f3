import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import type { Result } from "../toolchain/run.ts";
import type { Swarm } from "../toolchain/swarm.ts";
import { startSwarm, swarmMissing } from "../toolchain/swarm.ts";
import { installPackages, Stack } from "./pids-support.ts";
import { missing } from "./support.ts";

const name = "bulkhead-swarm";
const minute = 60_000;
const reason = await swarmMissing();
if (reason !== undefined) process.stderr.write(`skipped: ${reason}\n`);
const skipped = missing("pulumi", "pulumi-language-nodejs", "pulumi-resource-docker") || reason !== undefined;

const program = (replicas: number): string => `
  const docker = require("@pulumi/docker");
  const { HardenedService } = require("@bulkhead/components");
  const network = new docker.Network("back", { driver: "overlay", internal: true });
  const secret = new docker.Secret("token", { data: Buffer.from("not a real one").toString("base64") });
  const base = { image: ${JSON.stringify(imageName)}, memory: "64Mi", networks: [network.id] };
  const db = new HardenedService("${name}-db", {
    ...base, cpu: "250m", replicas: ${replicas}, command: ["busybox", "nc", "-ll", "-p", "5432", "-e", "/bin/busybox", "echo", "hello"],
    scratch: [{ path: "/tmp", size: "1Mi" }], volumes: [{ volume: "${name}-data", path: "/data", readOnly: true }], environment: { MODE: "test" },
    secrets: [{ secret: secret.id, name: secret.name, file: "token" }], healthcheck: { command: ["/bin/busybox", "true"], interval: "2s" },
  });
  const web = new HardenedService("${name}-web", { ...base, command: ["sleep", "1000"], capabilities: { add: ["NET_BIND_SERVICE"], reason: "binds port 80" } });
  module.exports = { db: db.serviceName, web: web.serviceName };
`;

describe.skipIf(skipped)("a hardened service on a live swarm", { timeout: 5 * minute }, () => {
  let swarm: Swarm;
  let stack: Stack;
  let made: { readonly [key: string]: string } = {};

  const json = async <T>(...command: readonly string[]): Promise<T> => JSON.parse((await stack.docker(...command)).stdout) as T;
  /** The containers of a service that run. */
  const tasks = async (service: string): Promise<readonly string[]> => (await stack.docker("ps", "--quiet", "--no-trunc", "--filter", `label=com.docker.swarm.service.name=${made[service]}`)).stdout.split("\n").filter((line) => line !== "");
  const inside = async (service: string, script: string): Promise<Result> => stack.docker("exec", (await tasks(service))[0] ?? "", "/bin/sh", "-c", script);
  const until = async (holds: () => Promise<boolean>, what: string): Promise<void> => {
    for (let tries = 0; !(await holds()); tries++) {
      if (tries === 60) throw new Error(`${what}: not so after 60 s; ${(await stack.docker("service", "ps", "--no-trunc", ...Object.values(made))).stdout}`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  };
  const up = async (): Promise<void> => {
    const { code, said } = await stack.up();
    expect(code, said).toBe(0);
    made = JSON.parse((await stack.pulumi(["stack", "output", "--json"])).stdout) as { readonly [key: string]: string };
  };

  beforeAll(async () => {
    swarm = await startSwarm();
    stack = new Stack({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }', "program.js": program(1) }, name);
    Object.assign(stack.project.env, { DOCKER_HOST: swarm.host });
    installPackages(stack.project.program, "linked");
    await importImage(stack.project.env);
    await stack.pulumi(["stack", "init", "test"]);
    await up();
    for (const service of ["db", "web"]) await until(async () => (await tasks(service)).length === 1, `${service} runs`);
  }, 5 * minute);
  afterAll(async () => {
    await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    stack.project.remove();
    await swarm.stop();
  }, 3 * minute);

  test("no capability but what was given back, seccomp, and a user that is not root: as the kernel has it", async () => {
    for (const [service, bounding] of [["db", "0000000000000000"], ["web", "0000000000000400"]] as const) {
      const status = (await inside(service, "cat /proc/1/status")).stdout;
      const field = (key: string): string | undefined => new RegExp(`^${key}:\\s*(.*)$`, "m").exec(status)?.[1];
      expect(["CapInh", "CapPrm", "CapEff"].map(field).map((set) => BigInt(`0x${set}`) & ~BigInt(`0x${bounding}`)), service).toEqual([0n, 0n, 0n]);
      expect([field("CapBnd"), field("Seccomp"), field("Uid"), field("Gid")], service).toEqual([bounding, "2", "10001\t10001\t10001\t10001", "10001\t10001\t10001\t10001"]);
      // The page says that a service cannot be given these two.
      expect([field("NoNewPrivs"), await stack.kernelLimit((await tasks(service))[0] ?? "")], service).toEqual(["0", "max"]);
    }
  });

  test("the root file system refuses a write, scratch space takes one, keeps its size and runs nothing", async () => {
    expect((await inside("db", "echo x > /file")).stderr).toContain("Read-only file system");
    expect((await inside("db", "echo x > /tmp/file && cat /tmp/file")).stdout).toBe("x\n");
    expect((await inside("db", "printf '#!/bin/sh\\necho ran' > /tmp/script && busybox chmod 755 /tmp/script && /tmp/script")).stderr).toContain("Permission denied");
    expect((await inside("db", "busybox dd if=/dev/zero of=/tmp/big bs=1M count=2")).stderr).toContain("No space left on device");
    expect((await inside("db", "echo x > /data/file")).stderr).toContain("Read-only file system");
  });

  test("memory and CPU are what the kernel allows, and an init process is the first", async () => {
    expect((await inside("db", "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes")).stdout.trim()).toBe(String(64 * 2 ** 20));
    expect((await inside("db", "cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us")).stdout.trim()).toMatch(/^25000( 100000)?$/);
    expect((await inside("db", "cat /proc/1/comm")).stdout.trim()).toMatch(/^(docker-init|tini)$/);
  });

  test("nothing of the host is mounted, and the secret is the user's alone", async () => {
    const mounts = await json<readonly { readonly Type: string; readonly Destination: string; readonly RW: boolean }[]>("inspect", "--format", "{{json .Mounts}}", (await tasks("db"))[0] ?? "");
    expect(mounts.map(({ Type, Destination, RW }) => `${Type} ${Destination} ${RW ? "rw" : "ro"}`).filter((mount) => !mount.startsWith("tmpfs "))).toEqual(["volume /data ro"]);
    expect((await inside("db", "busybox stat -c '%a %u:%g' /run/secrets/token && cat /run/secrets/token")).stdout).toBe("400 10001:10001\nnot a real one");
  });

  test("bounded restarts, a bounded log and a health check that passes", async () => {
    const { TaskTemplate } = await json<{ readonly TaskTemplate: { readonly RestartPolicy: object; readonly LogDriver: object } }>("service", "inspect", "--format", "{{json .Spec}}", made["db"] ?? "");
    expect(TaskTemplate).toMatchObject({ RestartPolicy: { Condition: "on-failure", MaxAttempts: 5 }, LogDriver: { Name: "json-file", Options: { "max-size": "10m", "max-file": "3" } } });
    await until(async () => (await stack.docker("inspect", "--format", "{{.State.Health.Status}}", (await tasks("db"))[0] ?? "")).stdout.trim() === "healthy", "db is well");
  });

  test("two services of one overlay network reach each other, which leads nowhere else", async () => {
    // By the task's address: the virtual one of a service needs IPVS, which not every kernel has.
    expect((await inside("web", `busybox nc -w 3 tasks.${made["db"]} 5432 < /dev/null`)).stdout).toBe("hello\n");
    expect((await inside("web", "busybox ip route")).stdout).not.toContain("default");
  });

  test("another up and a refresh find nothing to do", async () => {
    for (const command of ["up", "refresh"]) {
      const { code, said } = await stack.pulumi([command, "--yes", "--skip-preview", "--expect-no-changes"]);
      expect(code, said).toBe(0);
    }
  });

  test("more replicas are an update of the same service", async () => {
    const id = (await stack.docker("service", "inspect", "--format", "{{.ID}}", made["db"] ?? "")).stdout;
    stack.project.writeProgram("program.js", program(2));
    await up();
    expect((await stack.docker("service", "inspect", "--format", "{{.ID}}", made["db"] ?? "")).stdout).toBe(id);
    await until(async () => (await tasks("db")).length === 2, "db runs twice");
  });

  test("destroy leaves no service, and no container of one", async () => {
    const { code, said } = await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    expect(code, said).toBe(0);
    expect((await stack.docker("service", "ls", "--quiet")).stdout).toBe("");
    await until(async () => (await stack.docker("ps", "--quiet")).stdout === "", "no container runs");
  });
});
