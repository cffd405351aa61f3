import type { Answer } from "./connection";
import { ask } from "./connection";
import type { Daemon } from "./daemon";

/** A failure that names the step, the container and the daemon. */
export class EngineError extends Error {
  readonly status: number | undefined;

  constructor(step: string, container: string, address: string, reason: string, status?: number) {
    super(`cannot ${step} (container ${container}, Docker daemon ${address}): ${reason}`);
    this.name = "EngineError";
    this.status = status;
    // Pulumi's plugin prints the stack beside the message, and it says nothing more.
    this.stack = "";
  }
}

export interface ContainerState {
  /** How many processes it may have; 0 is no limit. */
  readonly limit: number;
  readonly running: boolean;
}

export interface Engine {
  /** Undefined where there is no such container. */
  inspect(): Promise<ContainerState | undefined>;
  /** What the daemon warned of. */
  limit(processes: number): Promise<readonly string[]>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What the daemon says of its host, for a message about a refused limit. */
  describe(): Promise<string>;
  failure(step: string, reason: string, status?: number): EngineError;
}

/** A pids limit can be updated since 1.40 (Engine 19.03); Engine 29 answers from 1.44 on. */
const oldest = "1.40";
const preferred = "1.44";

const secondsToAnswer = 30;
const secondsToStop = 10;

function compareVersions(left: string, right: string): number {
  const [a = 0, b = 0] = left.split(".").map(Number);
  const [c = 0, d = 0] = right.split(".").map(Number);
  return a - c || b - d;
}

/** The version to speak with a daemon that knows `newest` and refuses what is older than `floor`; undefined for an engine that is too old. */
export function negotiate(newest: string, floor: string): string | undefined {
  if (compareVersions(newest, oldest) < 0) return undefined;
  const wanted = compareVersions(newest, preferred) < 0 ? newest : preferred;
  return compareVersions(floor, wanted) > 0 ? floor : wanted;
}

/** The Engine API for one container, when the daemon has answered. */
export async function connect(daemon: Daemon, id: string, name?: string): Promise<Engine> {
  const label = name === undefined || name === "" ? id.slice(0, 12) : `"${name}" ${id.slice(0, 12)}`;
  const failure = (step: string, reason: string, status?: number): EngineError => new EngineError(step, label, daemon.address, reason, status);
  const answer = async (step: string, method: "GET" | "POST", path: string, body?: object, seconds = secondsToAnswer): Promise<Answer> => {
    try {
      return await ask(daemon, { method, path, seconds, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      throw failure(step, (error as Error).message);
    }
  };
  const version = await answer("reach the daemon", "GET", "/version");
  const { ApiVersion: newest, MinAPIVersion: floor, Version: release } = recordOf(version.body);
  if (version.status !== 200 || typeof newest !== "string") throw failure("reach the daemon", `it is not a Docker Engine: GET /version was answered with ${version.status} ${messageOf(version)}`.trim(), version.status);
  const api = negotiate(newest, typeof floor === "string" ? floor : oldest);
  if (api === undefined) throw failure("set the pids limit", `Docker Engine ${String(release)} speaks API ${newest}; pids limits can be set since API ${oldest} (Engine 19.03)`);
  const base = `/v${api}/containers/${encodeURIComponent(id)}`;

  const post = async (step: string, path: string, accepted: readonly number[], body?: object, seconds?: number): Promise<Answer> => {
    const given = await answer(step, "POST", base + path, body, seconds);
    if (accepted.includes(given.status)) return given;
    throw failure(step, given.status === 404 ? gone : `the daemon answered ${given.status}: ${messageOf(given)}`, given.status);
  };
  return {
    failure,
    async inspect() {
      const given = await answer("look at the container", "GET", `${base}/json`);
      if (given.status === 404) return undefined;
      if (given.status !== 200) throw failure("look at the container", `the daemon answered ${given.status}: ${messageOf(given)}`, given.status);
      const { HostConfig: host, State: state } = recordOf(given.body);
      const limit = recordOf(host)["PidsLimit"];
      return { limit: typeof limit === "number" && limit > 0 ? limit : 0, running: recordOf(state)["Running"] === true };
    },
    async limit(processes) {
      const given = await post(`set the pids limit to ${processes}`, "/update", [200], { PidsLimit: processes });
      const warnings = recordOf(given.body)["Warnings"];
      return Array.isArray(warnings) ? warnings.map(String) : [];
    },
    async start() {
      await post("start the container", "/start", [204, 304], undefined, 120);
    },
    async stop() {
      await post("stop the container", `/stop?t=${secondsToStop}`, [204, 304], undefined, secondsToStop + secondsToAnswer);
    },
    async describe() {
      const given = await answer("ask for the daemon's host", "GET", `/v${api}/info`);
      const { CgroupVersion: cgroup = "1", CgroupDriver: driver, OSType: os, PidsLimit: able } = recordOf(given.body);
      if (os === "windows") return "the daemon runs Windows containers, which have no pids limit";
      if (able !== false) return `Engine ${String(release)}, cgroup v${String(cgroup)}, driver ${String(driver)}`;
      if (String(cgroup) === "2") return "cgroup v2: the pids controller is not delegated to the daemon (a rootless daemon needs it in its systemd unit, Delegate=cpu cpuset io memory pids)";
      return "cgroup v1: the daemon's kernel has no pids controller, or it is not mounted (CONFIG_CGROUP_PIDS, /sys/fs/cgroup/pids)";
    },
  };
}

export const gone = "there is no such container: it was removed behind Pulumi's back. `pulumi refresh`, then `pulumi up`, makes it anew";

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function messageOf({ body }: Answer): string {
  const message = recordOf(body)["message"] ?? recordOf(body)["cause"];
  return (typeof message === "string" ? message : typeof body === "string" ? body : "").trim().slice(0, 500);
}
