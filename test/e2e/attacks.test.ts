import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEvaluator, platforms, readDocument, resolveRule } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importAttackImage } from "../toolchain/docker.ts";
import type { Attack } from "./attacks.ts";
import { attacks, notShown } from "./attacks.ts";
import { installPackages, pidsTools, Stack } from "./pids-support.ts";
import { missing, toolPath } from "./support.ts";

const name = `bulkhead-attacks-${process.pid}`;
const skipped = missing(...pidsTools, "attack-probe");
const token = "docker:index/container:Container";
const placeholders = attacks({ folder: "/srv/data", socket: "/var/run/docker.sock", shared: "x", port: 1, daemon: 1, victim: "victim" });

describe("the attack matrix", () => {
  const findings = (inputs: object): readonly string[] => {
    const evaluator = createEvaluator(rules.flatMap((rule) => resolveRule(rule, rule.exampleOptions ?? {}, rule.id).settings ?? []));
    return readDocument({ name: "target", image: "x", ...inputs }, { type: token, name: "target" }).flatMap((model) => evaluator.evaluate(model).findings).flatMap(({ rule, also }) => [rule, ...also]).map(({ id }) => id);
  };

  test.each(placeholders.map((attack) => [attack.rule, attack.what, attack] as const))("%s: who %s is found, and is not once it is fixed", (rule, _, { bad, fixed }) => {
    expect([findings(bad).includes(rule), findings(fixed).includes(rule)]).toEqual([true, false]);
  });

  test("every rule of C2, C4 and C5 about Docker's containers has an attack, or a reason", () => {
    const running = rules.filter(({ challenge, about, platforms: on = platforms, inventory }) => ["C2", "C4", "C5"].includes(challenge) && on.includes("docker") && inventory !== true && ["pod", "container", "volume", "plugin"].some((kind) => about.includes(kind as never)))
      .map(({ id }) => id);
    const shown = new Set(placeholders.map(({ rule }) => rule));
    expect(running.filter((id) => !shown.has(id) && notShown[id] === undefined)).toEqual([]);
    expect(Object.keys(notShown).filter((id) => shown.has(id) || !rules.some((rule) => rule.id === id))).toEqual([]);
    process.stderr.write(`attack matrix: ${placeholders.length} attacks on ${shown.size} rules, ${Object.keys(notShown).length} rules with a reason\n`);
  });
});

describe.skipIf(skipped)("attacks on a live daemon", { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-attack-"));
  const server = createServer((socket) => socket.end("host-service\n"));
  const shared = `bulkhead-attack-${process.pid}`;
  let stack: Stack;
  let list: readonly Attack[] = [];
  /** A machine may not have the capabilities that a privileged container is given. */
  const impossible = new Map<number, string>();
  let made: { readonly [key: string]: string } = {};
  const attempt = async (target: string, script: string): Promise<boolean> => (await stack.docker("exec", made[target] ?? "", "sh", "-c", script)).code === 0;

  beforeAll(async () => {
    writeFileSync(join("/dev/shm", shared), "shared\n");
    writeFileSync(join(folder, "secret"), "secret\n");
    const port = await new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as { readonly port: number }).port)));
    stack = new Stack({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }' }, name);
    installPackages(stack.project.program, "linked");
    const image = await importAttackImage(stack.project.env, toolPath("attack-probe"));
    const socket = (stack.project.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock").replace("unix://", "");
    const daemon = Number((await stack.docker("run", "--rm", "--pid", "host", image, "sh", "-c", "busybox pidof dockerd")).stdout.split(" ")[0]);
    await stack.docker("run", "--detach", "--name", `${name}-victim`, "--volume", "/victim-data", image, "sh", "-c", "echo s > /victim-data/secret; exec busybox nc -ll -p 7777 -e /bin/busybox echo victim-secret");
    const address = (await stack.docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", `${name}-victim`)).stdout.trim();
    list = attacks({ folder, socket, shared, port, daemon, victim: `${name}-victim` }).map((attack) => ({ ...attack, script: attack.script.replace("VICTIM_ADDRESS", address) }));
    const privileged = await stack.docker("run", "--rm", "--privileged", image, "sh", "-c", "true");
    if (privileged.code !== 0) for (const [index, { bad }] of list.entries()) if ("privileged" in bad) impossible.set(index, privileged.stderr.trim().split("\n")[0] ?? "");
    const targets = Object.fromEntries(list.flatMap(({ bad, fixed }, index) => (impossible.has(index) ? [] : [[`bad${index}`, bad], [`fixed${index}`, fixed]])));
    stack.project.writeProgram("program.js", `
      const docker = require("@pulumi/docker");
      const { HardenedContainer } = require("@bulkhead/components");
      const base = { image: ${JSON.stringify(image)}, command: ["sleep", "1000"], destroyGraceSeconds: 0 };
      const targets = ${JSON.stringify(targets)};
      const ids = Object.entries(targets).map(([key, inputs]) => [key, new docker.Container("${name}-" + key, { ...base, ...inputs }).id]);
      const hardened = new HardenedContainer("${name}-hardened", { image: base.image, command: base.command, memory: "64Mi", scratch: [{ path: "/tmp", size: "1Mi" }, { path: "/scratch", size: "1Mi" }] });
      module.exports = Object.fromEntries([...ids, ["hardened", hardened.containerId]]);
    `);
    await stack.pulumi(["stack", "init", "test"]);
    const { code, said } = await stack.up();
    expect(code, said).toBe(0);
    made = JSON.parse((await stack.pulumi(["stack", "output", "--json"])).stdout) as { readonly [key: string]: string };
  }, 240_000);
  afterAll(async () => {
    server.close();
    await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    await stack.docker("rm", "--force", "--volumes", `${name}-victim`);
    await stack.remove();
    rmSync(folder, { recursive: true, force: true });
    rmSync(join("/dev/shm", shared), { force: true });
  });

  test.for(placeholders.map((attack, index) => ({ index, rule: attack.rule, what: attack.what })))("$rule: who $what does so where the rule finds something, and neither where that is fixed nor in the component", async ({ index }, { skip }) => {
    const attack = list[index];
    if (attack === undefined) throw new Error("no such attack");
    const refused = impossible.get(index);
    if (refused !== undefined) return skip(`the daemon here cannot start its container: ${refused}`);
    for (const target of [`bad${index}`, `fixed${index}`, "hardened"]) expect(await attempt(target, "true"), `${target} runs`).toBe(true);
    const [bad, fixed, hardened] = [await attempt(`bad${index}`, attack.script), await attempt(`fixed${index}`, attack.script), await attempt("hardened", attack.script)];
    expect({ bad, fixed, hardened }).toEqual({ bad: true, fixed: false, hardened: false });
  });
});
