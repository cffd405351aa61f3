import type { DaemonSettings } from "./daemon";
import { faultOfAddress, resolveDaemon } from "./daemon";
import type { ContainerState, Engine } from "./engine";
import { connect, gone } from "./engine";

/** The inputs of the resource, and its state. */
export interface PidsLimitProperties {
  /** The URN of the container's resource: known at preview, when its id is not. */
  readonly container?: string;
  readonly containerId: string;
  readonly containerName?: string;
  /** How many processes the container may have. */
  readonly limit: number;
  /** The container is started once it is limited. */
  readonly start: boolean;
  /** A container that has stopped is started again. */
  readonly mustRun: boolean;
  readonly daemon: DaemonSettings;
}

/** What the engine sends at preview for what is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** 2^22 is the kernel's own bound. */
export const highestLimit = 4_194_304;

export interface Fault {
  readonly property: string;
  readonly reason: string;
}

const texts = ["host", "context", "certPath", "caMaterial", "certMaterial", "keyMaterial"] as const;

/** What is wrong with the inputs; asks no daemon. */
export function check(inputs: Readonly<Record<string, unknown>>): readonly Fault[] {
  const faults: Fault[] = [];
  const { containerId, limit, start, mustRun, daemon } = inputs;
  const demand = (holds: boolean, property: string, reason: string): void => void (holds || faults.push({ property, reason }));
  demand(typeof containerId === "string" && containerId !== "", "containerId", "expected the id of a container");
  demand(limit === unknown || (typeof limit === "number" && Number.isInteger(limit) && limit >= 1 && limit <= highestLimit), "limit", `expected a whole number from 1 to ${highestLimit}, found ${typeof limit === "number" ? limit : typeof limit}`);
  for (const [property, value] of Object.entries({ start, mustRun })) demand(value === unknown || typeof value === "boolean", property, `expected true or false, found ${typeof value}`);
  if (daemon === unknown) return faults;
  if (typeof daemon !== "object" || daemon === null) return [...faults, { property: "daemon", reason: `expected an object, found ${typeof daemon}` }];
  const settings = daemon as Readonly<Record<string, unknown>>;
  for (const name of texts) demand(settings[name] === undefined || typeof settings[name] === "string", `daemon.${name}`, `expected a text, found ${typeof settings[name]}`);
  const { host } = settings;
  const fault = typeof host === "string" && host !== "" && host !== unknown ? faultOfAddress(host) : undefined;
  if (fault !== undefined) faults.push({ property: "daemon.host", reason: fault });
  return faults;
}

export interface Difference {
  readonly changes: boolean;
  readonly replaces: string[];
  readonly deleteBeforeReplace: boolean;
}

/** Another container is another resource; everything else is changed in place. */
export function diff(olds: PidsLimitProperties, news: PidsLimitProperties): Difference {
  const replaces = olds.containerId === news.containerId ? [] : ["containerId"];
  const same = olds.limit === news.limit && olds.start === news.start && olds.mustRun === news.mustRun && stable(olds.daemon) === stable(news.daemon);
  return { changes: replaces.length > 0 || !same, replaces, deleteBeforeReplace: true };
}

function stable(settings: DaemonSettings | undefined): string {
  return JSON.stringify(Object.entries(settings ?? {}).filter(([, value]) => value !== undefined && value !== "").sort());
}

const engineOf = ({ daemon, containerId, containerName }: PidsLimitProperties): Promise<Engine> => connect(resolveDaemon(daemon), containerId, containerName);

export async function create(inputs: PidsLimitProperties): Promise<void> {
  const engine = await engineOf(inputs);
  const { running } = await enforce(engine, inputs.limit);
  if (inputs.start && !running) await engine.start();
}

export async function update(olds: PidsLimitProperties, news: PidsLimitProperties): Promise<void> {
  const engine = await engineOf(news);
  const { running } = await enforce(engine, news.limit);
  // A job that has ended is not run a second time.
  if (news.start && !running && (news.mustRun || !olds.start)) await engine.start();
}

/** Sets the limit and sees that it stands. A container that runs without any limit is stopped when it cannot be given one. */
async function enforce(engine: Engine, limit: number): Promise<ContainerState> {
  try {
    const warnings = await engine.limit(limit);
    const state = await engine.inspect();
    if (state?.limit === limit) return state;
    throw engine.failure(`set the pids limit to ${limit}`, state === undefined ? gone : `the daemon accepted the limit and does not keep it. ${[...warnings, await engine.describe()].join(". ")}`);
  } catch (error) {
    throw await withConsequence(engine, error as Error);
  }
}

async function withConsequence(engine: Engine, error: Error & { readonly status?: number }): Promise<Error> {
  const state = await engine.inspect().catch(() => undefined);
  const host = error.status === undefined || error.status === 404 ? "" : `. ${await engine.describe().catch(() => "")}`;
  if (state?.running !== true || state.limit > 0) return new Error(error.message + host);
  const stopped = await engine.stop().then(() => "; it ran without a limit and was stopped", (failure: Error) => `; it RUNS WITHOUT A LIMIT: ${failure.message}`);
  return new Error(error.message + host + stopped);
}

/** The properties as they are found, or undefined where the container is gone. */
export async function read(state: PidsLimitProperties): Promise<PidsLimitProperties | undefined> {
  const found = await (await engineOf(state)).inspect();
  if (found === undefined) return undefined;
  return { ...state, limit: found.limit, start: state.start && (found.running || !state.mustRun) };
}
