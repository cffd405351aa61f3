import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FlowSummary, Orienter, type OrientSummary, readFlows } from "../../packages/network-policy/src/index";
import { RecordError } from "../../packages/cli/src/network/record/engine";
import { type Recording, recordDocker } from "../../packages/cli/src/network/record/record";
import { importImage, imageName } from "../toolchain/docker.ts";
import { run } from "../toolchain/run.ts";
import { missing, Project } from "./support.ts";

const name = (service: string): string => `bulkhead-record-${process.pid}-${service}`;
const skipped = missing("docker");
const asRoot = process.platform === "linux" && process.getuid?.() === 0;
if (!skipped && !asRoot) process.stderr.write("skipped for want of root on Linux: recording from the host\n");

/** An answer to each connection, one after the other. */
const serve = (port: number): string => `while true; do echo answer | busybox nc -l -p ${port} -w 2 > /dev/null; done`;
const ask = (host: string, port: number): string => `while true; do echo question | busybox nc -w 2 ${host} ${port} > /dev/null; busybox usleep 200000; done`;

describe.skipIf(skipped)("containers that talk are recorded from their own networks", () => {
  const project = new Project({ "Pulumi.yaml": "name: record\nruntime: yaml\n" });
  const { env } = project;
  const services = ["web", "api", "db", "idle"] as const;
  const names = services.map(name);
  const docker = (...args: readonly string[]): ReturnType<typeof run> => run("docker", args, { env });
  const start = async (service: (typeof services)[number], script: string): Promise<void> => {
    const { code, stderr } = await docker("run", "--detach", "--name", name(service), "--network", name("net"), "--network-alias", service, "--env", "PASSWORD=secret-of-the-container", imageName, "sh", "-c", script);
    if (code !== 0) throw new Error(stderr);
  };
  beforeAll(async () => {
    await importImage(env);
    const { code, stderr } = await docker("network", "create", name("net"));
    if (code !== 0) throw new Error(stderr);
    await start("db", serve(5432));
    await start("api", `${serve(8080)} & ${ask("db", 5432)}`);
    await start("web", `${serve(80)} & ${ask("api", 8080)}`);
    await start("idle", "sleep 600");
  });
  afterAll(async () => {
    await docker("rm", "--force", ...names);
    await docker("network", "rm", name("net"));
    project.remove();
  });

  const edges = async ({ lines }: Recording): Promise<{ readonly edges: readonly string[]; readonly summary: OrientSummary; readonly incomplete: readonly string[]; readonly recorded: FlowSummary["recorded"] }> => {
    async function* input(): AsyncGenerator<string> {
      yield* lines;
    }
    const reading = readFlows("recording", input());
    const orienter = new Orienter();
    for await (const flow of reading.flows) orienter.add(flow);
    orienter.listening(reading.summary().listening);
    expect(reading.summary()).toMatchObject({ format: "bulkhead recording", malformed: { count: 0 } });
    const { flows, summary } = orienter.finish();
    const of = (end: { readonly container?: string; readonly entity?: string; readonly ip?: string }): string => end.container?.replace(name(""), "") ?? end.entity ?? end.ip ?? "?";
    return { edges: [...new Set(flows.map(({ source, destination, protocol, port }) => `${of(source)} > ${of(destination)} ${protocol} ${port}`))].sort(), summary, incomplete: reading.summary().incomplete, recorded: reading.summary().recorded };
  };

  test.skipIf(!asRoot)("from the host: who opens which connection, also one from the host itself; a container that says nothing has no flow", async () => {
    const [web = "", db = ""] = (await docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name("web"), name("db"))).stdout.trim().split("\n");
    const progress: number[] = [];
    const recording = recordDocker({ containers: names, duration: 5_000, interval: 500, env, onProgress: ({ elapsed }) => progress.push(elapsed) });
    // What has ended before the first look is no part of it.
    while (progress.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise<void>((resolve) => {
      const socket = connect(80, web, () => socket.end("question\n"));
      socket.on("error", () => resolve()).on("close", () => resolve());
      socket.resume();
    });
    await docker("exec", name("idle"), "busybox", "timeout", "2", "busybox", "nslookup", "nobody", db);
    const done = await recording;
    const { edges: found, summary, incomplete, recorded } = await edges(done);
    // The datagram is in the connection tracking of the namespace alone, where the kernel shows it.
    expect(found.filter((edge) => edge !== "idle > db UDP 53")).toEqual(["api > db TCP 5432", "host > web TCP 80", "web > api TCP 8080"]);
    expect(found.includes("idle > db UDP 53")).toBe(!incomplete.some((reason) => reason.startsWith("UDP without")));
    expect(summary).toMatchObject({ ambiguous: { count: 0 } });
    expect(done.containers.map(({ name: container, how, lost }) => [container, how, lost])).toEqual(names.map((each) => [each, "host", 0]));
    expect(done.flows.find(({ destination }) => destination.container === name("db"))?.count).toBeGreaterThan(2);
    expect(incomplete.every((reason) => !reason.includes("cut off"))).toBe(true);
    expect(progress.length).toBeGreaterThan(5);
    expect(progress.at(-1)).toBe(5_000);
    const { containers = [], networks = [] } = recorded ?? {};
    expect(containers.map((container) => [container.name, container.networks[0]?.network, container.networks[0]?.aliases.includes(container.name.replace(name(""), ""))])).toEqual(names.map((each) => [each, name("net"), true]));
    expect(networks).toEqual([{ name: name("net"), driver: "bridge", internal: false, interContainer: true }]);
    expect(done.lines.join("")).not.toContain("secret-of-the-container");
  });

  test("by helper containers, which have no privilege and leave nothing behind: the same links", async () => {
    const done = await recordDocker({ containers: names, duration: 5_000, interval: 500, helperImage: imageName, env });
    const { edges: found } = await edges(done);
    expect(found).toEqual(expect.arrayContaining(["api > db TCP 5432", "web > api TCP 8080"]));
    expect(found.filter((edge) => !edge.startsWith("host > web"))).toEqual(["api > db TCP 5432", "web > api TCP 8080"]);
    expect(done.containers.map(({ how, lost }) => [how, lost])).toEqual(names.map(() => ["helper", 0]));
    expect(done.incomplete).toContain("UDP without a connected socket is not seen: the containers' connection tracking could not be read");
    for (let tries = 0; tries < 40; tries++) {
      if ((await docker("ps", "--all", "--quiet", "--filter", "label=bulkhead.record=helper")).stdout === "") return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error("helper containers were left behind");
  });

  test("a recording that is ended early has its end; a helper's image that is not there, and a container that is not, are errors", async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 1_000);
    const done = await recordDocker({ containers: [name("web")], duration: 600_000, interval: 300, helperImage: imageName, signal: abort.signal, env });
    expect(done.lines.at(-1)).toContain('"bulkhead":"end"');
    await expect(recordDocker({ containers: [name("nobody")], duration: 1_000, env, helperImage: imageName })).rejects.toThrow(RecordError);
    await expect(recordDocker({ containers: [name("web")], duration: 1_000, interval: 500, helperImage: "bulkhead-test-none:1", env })).rejects.toThrow(/no container can be recorded \(.*-web: the helper container ended: /);
  });
});
