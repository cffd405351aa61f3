import { readFile } from "node:fs/promises";
import { type DockerContainer, type Flow, Recorder, type RecorderCounts, writeEnd, writeFlow, writeHead, writeInventory, writeListening } from "@bulkhead/network-policy";
import { docker, inspectNetworks, RecordError, type RunningContainer, runningContainers } from "./engine";
import { helperSampler, hostSampler, type Sampler } from "./sampler";

export interface RecordProgress {
  /** Milliseconds since the start, and how many it will be. */
  readonly elapsed: number;
  readonly duration: number;
  readonly containers: number;
  readonly flows: number;
}

export interface RecordOptions {
  /** Names or ids of containers; default every one that runs, also those that are started meanwhile. */
  readonly containers?: readonly string[];
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds between two looks; default 1000. Linux keeps a TCP connection that has ended for 60 seconds at the end that closed it first. */
  readonly interval?: number;
  /** An image with `sh` and `cat`: helper containers on the targets' networks look, in place of this process. */
  readonly helperImage?: string;
  readonly onProgress?: (progress: RecordProgress) => void;
  /** Ends the recording early; what was seen until then is given. */
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Recording {
  /** The recording's lines, each with its line break. */
  readonly lines: readonly string[];
  readonly flows: readonly Flow[];
  readonly counts: RecorderCounts;
  readonly containers: readonly { readonly name: string; readonly how: "host" | "helper"; readonly samples: number; readonly lost: number }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly incomplete: readonly string[];
}

interface Target {
  readonly container: RunningContainer;
  readonly sampler: Sampler;
  samples: number;
  lost: number;
  gone: boolean;
}

/** Milliseconds for which the kernel's table has a connection that was reset (net.netfilter.nf_conntrack_tcp_timeout_close). */
const closedKept = 10_000;
/** Milliseconds between two looks at which containers run. */
const refreshInterval = 3_000;
const noConntrack = "UDP without a connected socket is not seen: the containers' connection tracking could not be read";
const sampled = "TCP connections are sampled: one that was reset between two looks, or that the other end has closed first, is not seen";

/**
 * Records who talks to whom among Docker containers, from each one's own network namespace: the host's connection tracking does not have the traffic of one
 * bridge. Reading a namespace from the host needs root on the daemon's own machine; elsewhere `helperImage` is needed.
 *
 * @throws RecordError when Docker does not answer, a container that is named does not run, or no namespace can be read.
 */
export async function recordDocker(options: RecordOptions): Promise<Recording> {
  const { containers: names = [], duration, interval = 1000, helperImage, onProgress, signal, env = process.env } = options;
  if (helperImage === undefined) await demandHost(env);
  const recorder = new Recorder();
  const targets = new Map<string, Target>();
  const skipped = new Map<string, string>();
  const start = Date.now();
  let [late, unanswered, lostReports] = [0, 0, 0];
  try {
    let refreshed = Number.NEGATIVE_INFINITY;
    for (let tick = 0; ; tick++) {
      if (Date.now() - refreshed >= refreshInterval || [...targets.values()].some(({ gone }) => gone)) {
        const search = refresh({ names: tick === 0 ? names : [], only: names, targets, skipped, recorder, helperImage, env });
        // What was recorded is not given up because the daemon does not answer later.
        await (tick === 0 ? search : search.catch(() => void unanswered++));
        refreshed = Date.now();
        if (tick === 0 && targets.size === 0) throw new RecordError(nothingToRecord(skipped));
      }
      const looks = await Promise.all([...targets.values()].filter(({ gone }) => !gone).map((target) => look(target, recorder, skipped, tick === 0)));
      lostReports += looks.reduce((sum, lost) => sum + lost, 0);
      if (tick === 0 && [...targets.values()].every(({ gone }) => gone)) break;
      const elapsed = Date.now() - start;
      onProgress?.({ elapsed: Math.min(elapsed, duration), duration, containers: [...targets.values()].filter(({ gone }) => !gone).length, flows: recorder.counts().flows });
      if (elapsed >= duration || signal?.aborted) break;
      const wait = start + (tick + 1) * interval - Date.now();
      if (wait < -interval) late++;
      await pause(Math.min(Math.max(wait, 0), duration - elapsed), signal);
    }
  } finally {
    for (const { sampler } of targets.values()) sampler.stop();
  }
  const all = [...targets.values()];
  if (all.every(({ samples }) => samples === 0)) throw new RecordError(nothingToRecord(skipped));
  const incomplete = [
    ...(all.some(({ sampler }) => sampler.tracking === "none") ? [sampled, noConntrack] : []),
    ...(interval > closedKept && all.some(({ sampler }) => sampler.tracking === "read") ? [`the kernel keeps a closed connection for ${closedKept / 1000} seconds: one that ended between two looks may be missing`] : []),
    ...(late > 0 ? [`${late} looks came more than an interval late`] : []),
    ...(unanswered > 0 ? [`Docker did not answer ${unanswered} times: containers that were started then may be missing`] : []),
    ...(lostReports > 0 ? [`${lostReports} reports of connections were lost`] : []),
    ...[...skipped].map(([name, reason]) => `${name} was not recorded: ${reason}`),
  ];
  const networks = await inspectNetworks([...new Set(all.flatMap(({ container }) => container.networks.map(({ network }) => network)))].sort(), env).catch(() => []);
  const flows = recorder.flows();
  const lost = all.reduce((sum, target) => sum + target.lost, 0) + recorder.counts().overflow;
  return {
    lines: [
      writeHead({ source: "docker", from: new Date(start).toISOString(), incomplete }),
      // One that was started anew is there twice: as it was last.
      ...[...new Map(all.map(({ container }) => [container.name, container])).values()].map((container) => writeInventory("container", described(container))),
      ...networks.map((network) => writeInventory("network", network)),
      ...recorder.listening().map(writeListening),
      ...flows.map(writeFlow),
      writeEnd(lost, new Date().toISOString()),
    ],
    flows,
    counts: recorder.counts(),
    containers: all.map(({ container, sampler, samples, lost: missed }) => ({ name: container.name, how: sampler.how, samples, lost: missed })),
    skipped: [...skipped].map(([name, reason]) => ({ name, reason })),
    incomplete,
  };
}

function described({ name, service, networks, ports, published, from }: RunningContainer): DockerContainer {
  return { name, ...(service === undefined ? {} : { service }), networks, ports, published, from };
}

const elsewhere = "name an image with `sh` and `cat` for helper containers, which look from within each container's network";

async function demandHost(env: NodeJS.ProcessEnv): Promise<void> {
  const system = (await docker(["info", "--format", "{{.OperatingSystem}}"], env)).trim();
  if (process.platform !== "linux" || /docker desktop/i.test(system)) throw new RecordError(`the Docker daemon runs in a virtual machine, so containers' networks cannot be read from here; ${elsewhere}`);
  if (process.getuid?.() !== 0) throw new RecordError(`recording needs root: it reads the sockets of each container's own network; run it as root, or ${elsewhere}`);
}

function nothingToRecord(skipped: ReadonlyMap<string, string>): string {
  const reasons = [...skipped].map(([name, reason]) => `${name}: ${reason}`).join("; ");
  return reasons === "" ? "no container runs" : `no container can be recorded (${reasons})`;
}

/** @returns how many reports of connections were lost. */
async function look(target: Target, recorder: Recorder, skipped: Map<string, string>, atStart: boolean): Promise<number> {
  try {
    const { sockets, tracked, ended, lost } = await target.sampler.sample();
    recorder.sample(target.container.name, sockets, Date.now(), atStart);
    for (const flow of tracked) recorder.tracked(flow);
    for (const flow of ended) recorder.tracked(flow, true, atStart);
    target.samples++;
    return lost;
  } catch (error) {
    target.lost++;
    target.gone = true;
    target.sampler.stop();
    // What has never worked is not tried again; what has ended may be started anew.
    if (target.samples === 0) skipped.set(target.container.name, error instanceof Error ? error.message : "its network could not be read");
    return 0;
  }
}

interface Refresh {
  /** Those that must run; empty for all that do. */
  readonly names: readonly string[];
  readonly only: readonly string[];
  readonly targets: Map<string, Target>;
  readonly skipped: Map<string, string>;
  readonly recorder: Recorder;
  readonly helperImage: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Finds the containers that have been started, and those that were started anew. */
async function refresh({ names, only, targets, skipped, recorder, helperImage, env }: Refresh): Promise<void> {
  const found = await runningContainers(names, env);
  // Addresses of every container name the other ends.
  const resolvers = helperImage === undefined ? await hostResolvers() : [];
  // On the default bridge a container asks its name servers itself.
  for (const container of found) recorder.know({ ...container, resolvers: container.networks.every(({ network }) => network === "bridge") ? [] : container.dns.length > 0 ? container.dns : resolvers });
  const named = new Set([...targets.values()].map(({ container }) => container.name));
  const chosen = found.filter(({ id, pid, name: own }) => {
    const isWanted = only.length === 0 || names.length > 0 || named.has(own) || only.some((name) => own === name || id.startsWith(name));
    return isWanted && targets.get(`${id} ${pid}`)?.gone !== false && !skipped.has(own);
  });
  const made = await Promise.all(chosen.map(async (container) => {
    const reason = unfit(container, found);
    const sampler = reason !== undefined ? undefined : helperImage === undefined ? await hostSampler(container) : helperSampler(container, helperImage, env);
    return { container, sampler, reason: reason ?? `its process is not on this machine; ${elsewhere}` };
  }));
  for (const { container, sampler, reason } of made) {
    const key = `${container.id} ${container.pid}`;
    const { samples = 0, lost = 0 } = targets.get(key) ?? {};
    if (sampler !== undefined) targets.set(key, { container, sampler, samples, lost, gone: false });
    else skipped.set(container.name, reason);
  }
}

/** Name servers of this machine, which those of Docker ask; of systemd's own server, those behind it. */
async function hostResolvers(): Promise<readonly string[]> {
  const texts = await Promise.all(["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"].map((file) => readFile(file, "utf8").catch(() => "")));
  return texts.flatMap((text) => [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(([, ip]) => ip ?? []));
}

/** Why a container has no network of its own to look at. */
function unfit({ networkMode, ips }: RunningContainer, found: readonly RunningContainer[]): string | undefined {
  if (networkMode === "host") return "it is on the host's network, and cannot be told from it";
  if (networkMode.startsWith("container:")) {
    const id = networkMode.slice("container:".length);
    return `it shares the network of ${found.find((other) => other.id === id)?.name ?? "another container"}, and counts as it`;
  }
  return ips.length === 0 ? "it is on no network" : undefined;
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    if (signal?.aborted) done();
    else signal?.addEventListener("abort", done, { once: true });
  });
}
