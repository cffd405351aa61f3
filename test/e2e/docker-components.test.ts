import { readlinkSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import type { Result } from "../toolchain/run.ts";
import { installPackages, pidsTools, Stack } from "./pids-support.ts";
import { missing } from "./support.ts";

const name = `bulkhead-components-${process.pid}`;
const skipped = missing(...pidsTools);

/** A server that says who it is to whoever connects, on two ports. */
const serve = 'busybox nc -ll -p 9999 -e /bin/busybox echo other & exec busybox nc -ll -p 5432 -e /bin/busybox echo hello';
const program = `
  const { HardenedContainer } = require("@bulkhead/components");
  const base = { image: ${JSON.stringify(imageName)}, memory: "64Mi" };
  const sleep = { ...base, command: ["sleep", "1000"] };
  const web = new HardenedContainer("${name}-web", { ...sleep, pidsLimit: 20, scratch: [{ path: "/tmp", size: "1Mi" }] });
  const bomb = new HardenedContainer("${name}-bomb", { ...sleep, pidsLimit: 20, cpu: "50m", capabilities: { add: ["CHOWN"], reason: "shows that a weakened container is not replaced" } });
  const whole = new HardenedContainer("${name}-whole", { ...sleep, cpu: "1" });
  const db = new HardenedContainer("${name}-db", { ...base, command: ["sh", "-c", ${JSON.stringify(serve)}] });
  const alone = new HardenedContainer("${name}-alone", sleep);
  const other = new HardenedContainer("${name}-other", { ...base, command: ["sh", "-c", ${JSON.stringify(serve)}] });
  const front = new HardenedContainer("${name}-front", { ...base, command: ["busybox", "nc", "-ll", "-p", "8080", "-e", "/bin/busybox", "echo", "front"], publish: [{ port: 8080 }] });
  web.allowTo(db, { port: 5432 });
  alone.allowTo(other, { port: 5432 });
  module.exports = Object.fromEntries(Object.entries({ web, bomb, db, alone, other, front }).flatMap(([key, { containerId, containerName }]) => [[key, containerId], [key + "Name", containerName]]));
`;

describe.skipIf(skipped)("hardened containers on a live daemon", { timeout: 240_000 }, () => {
  let stack: Stack;
  let made: { readonly [key: string]: string } = {};
  const inside = (container: string, ...command: readonly string[]): Promise<Result> => stack.docker("exec", made[container] ?? "", ...command);
  const shell = (container: string, script: string): Promise<Result> => inside(container, "sh", "-c", script);
  const inspect = async (container: string): Promise<Inspected> => JSON.parse((await stack.docker("inspect", "--format", "{{json .}}", made[container] ?? "")).stdout) as Inspected;

  beforeAll(async () => {
    stack = new Stack({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }', "program.js": program }, name);
    installPackages(stack.project.program, "linked");
    await importImage(stack.project.env);
    await stack.pulumi(["stack", "init", "test"]);
    const { code, said } = await stack.up();
    expect(code, said).toBe(0);
    made = JSON.parse((await stack.pulumi(["stack", "output", "--json"])).stdout) as { readonly [key: string]: string };
  }, 240_000);
  afterAll(async () => {
    await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    await stack.remove();
  });

  test("no capability, no new privileges, seccomp, and a user that is not root: as the kernel has it", async () => {
    for (const container of ["web", "db", "front"]) {
      const status = (await inside(container, "cat", "/proc/1/status")).stdout;
      const field = (key: string): string | undefined => new RegExp(`^${key}:\\s*(.*)$`, "m").exec(status)?.[1];
      expect(["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map(field), container).toEqual(Array.from({ length: 5 }, () => "0000000000000000"));
      expect([field("NoNewPrivs"), field("Seccomp"), field("Uid"), field("Gid")], container).toEqual(["1", "2", "10001\t10001\t10001\t10001", "10001\t10001\t10001\t10001"]);
    }
  });

  test("the root file system refuses a write, scratch space takes one, keeps its size and runs nothing", async () => {
    expect((await shell("web", "echo x > /file")).stderr).toContain("Read-only file system");
    expect((await shell("web", "echo x > /tmp/file && cat /tmp/file")).stdout).toBe("x\n");
    expect((await shell("web", "printf '#!/bin/sh\\necho ran' > /tmp/script && busybox chmod 755 /tmp/script && /tmp/script")).stderr).toContain("Permission denied");
    expect((await shell("web", "busybox dd if=/dev/zero of=/tmp/big bs=1M count=2")).stderr).toContain("No space left on device");
  });

  test("every namespace is its own, and nothing of the host is mounted", async () => {
    for (const container of ["web", "front"]) {
      for (const namespace of ["pid", "ipc", "uts", "mnt", "cgroup", "net"]) expect((await inside(container, "busybox", "readlink", `/proc/self/ns/${namespace}`)).stdout.trim(), namespace).not.toBe(readlinkSync(`/proc/self/ns/${namespace}`));
      const { Mounts, HostConfig } = await inspect(container);
      expect(Mounts.filter(({ Type }) => Type === "bind")).toEqual([]);
      expect(HostConfig).toMatchObject({ Binds: null, Privileged: false, ReadonlyRootfs: true });
      expect((await shell(container, "test -e /var/run/docker.sock || test -e /run/docker.sock || echo none")).stdout).toBe("none\n");
    }
  });

  test("the kernel's pids limit is the argument, and a fork bomb stops at it while another container goes on answering", async () => {
    expect(await stack.kernelLimit(made["bomb"] ?? "")).toBe("20");
    expect(await stack.kernelLimit(made["db"] ?? "")).toBe("128");
    const bomb = await shell("bomb", "i=0; while [ $i -lt 60 ]; do sleep 20 & i=$((i+1)); done; wait");
    expect(bomb.stderr).toMatch(/can't fork|Resource temporarily unavailable/);
    const bombing = shell("bomb", "i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i+1)); done 2>/dev/null; wait");
    expect((await shell("db", "echo well")).stdout).toBe("well\n");
    await bombing;
    const { stdout } = await stack.docker("top", made["bomb"] ?? "");
    expect(stdout.trim().split("\n").length - 1).toBeLessThanOrEqual(20);
  });

  test("linked containers reach each other, and unlinked ones do not", async () => {
    const ask = (from: string, host: string, port = 5432): Promise<Result> => shell(from, `busybox nc -w 3 ${host} ${port} < /dev/null`);
    const address = async (container: string): Promise<string> => Object.values((await inspect(container)).NetworkSettings.Networks)[0]?.IPAddress ?? "";
    expect((await ask("web", made["dbName"] ?? "")).stdout).toBe("hello\n");
    expect((await ask("alone", made["otherName"] ?? "")).stdout).toBe("hello\n");
    // Docker does not filter by port between two containers of one network, which the page of the component says.
    expect((await ask("web", made["dbName"] ?? "", 9999)).stdout).toBe("other\n");
    // Those that reach nobody else are able to ask.
    for (const [from, port, said] of [["front", 8080, "front\n"], ["db", 5432, "hello\n"], ["other", 5432, "hello\n"]] as const) expect((await ask(from, "127.0.0.1", port)).stdout).toBe(said);
    for (const [from, to] of [["web", "other"], ["alone", "db"], ["front", "db"], ["db", "other"], ["web", "front"]] as const) {
      expect((await ask(from, made[`${to}Name`] ?? "")).stdout, `${from} to ${to} by name`).toBe("");
      expect((await ask(from, await address(to), to === "front" ? 8080 : 5432)).stdout, `${from} to ${to} by address`).toBe("");
    }
  });

  test("one internal network for each link, and no default bridge", async () => {
    const networks = async (container: string): Promise<readonly string[]> => Object.keys((await inspect(container)).NetworkSettings.Networks);
    const [link = "", ...more] = await networks("web");
    expect([link, more, await networks("db")]).toEqual([expect.stringContaining(`${name}-web-${name}-db`), [], [link]]);
    const { Internal, Containers } = JSON.parse((await stack.docker("network", "inspect", "--format", "{{json .}}", link)).stdout) as { readonly Internal: boolean; readonly Containers: object };
    expect([Internal, Object.keys(Containers).sort()]).toEqual([true, [made["web"], made["db"]].sort()]);
  });

  test("a published port is answered on the loopback interface alone", async () => {
    const { Ports } = (await inspect("front")).NetworkSettings;
    expect(Ports["8080/tcp"]).toMatchObject([{ HostIp: "127.0.0.1" }]);
    expect(await answer(Number(Ports["8080/tcp"]?.[0]?.HostPort))).toBe("front\n");
  });

  test("another up finds nothing to do", async () => {
    const { code, said } = await stack.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    expect(code, said).toBe(0);
    const refreshed = await stack.pulumi(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]);
    expect(refreshed.code, refreshed.said).toBe(0);
  });
});

interface Inspected {
  readonly Mounts: readonly { readonly Type: string }[];
  readonly HostConfig: object;
  readonly NetworkSettings: { readonly Networks: { readonly [name: string]: { readonly IPAddress: string } }; readonly Ports: { readonly [port: string]: readonly { readonly HostIp: string; readonly HostPort: string }[] } };
}

function answer(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    connect(port, "127.0.0.1").on("data", (data) => void (said += String(data))).on("end", () => resolve(said)).on("error", reject);
  });
}
