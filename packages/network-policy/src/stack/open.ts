import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { FlowSettings, FlowsStatus, NetworkSource } from "@bulkhead/core";
import type { LockedFlows } from "../synthesis/lock";
import { flowsLockName, readFlowsLock } from "../synthesis/lock";
import { judgeNetwork } from "./judge";

export interface OpenNetworkOptions {
  readonly settings: FlowSettings;
  /** What the lockfile is relative to. */
  readonly folder: string;
}

/** The same with a lockfile that JSON has parsed. */
export function networkOf(document: unknown): NetworkSource {
  const { status, lock } = lockOf(document, flowsLockName);
  return { flows: status, judge: (stack) => judgeNetwork(stack, () => lock ?? { edges: [], workloads: [] }) };
}

const maxLock = 64 * 1024 * 1024;

interface Opened {
  readonly status: FlowsStatus;
  readonly lock?: LockedFlows;
}

/** Who may talk to whom, for rules to ask. The lockfile of accepted flows is read when it is first asked for. */
export function openNetwork({ settings: { lockfile }, folder }: OpenNetworkOptions): NetworkSource {
  let opened: Opened | undefined;
  const open = (): Opened => (opened ??= openLock(resolve(folder, lockfile), lockfile));
  return {
    get flows() {
      return open().status;
    },
    judge: (stack) => judgeNetwork(stack, () => open().lock ?? { edges: [], workloads: [] }),
  };
}

/** The file is named as it is configured: an absolute path differs from machine to machine. */
function openLock(file: string, shown: string): Opened {
  const unreadable = (problem: string): Opened => ({ status: { kind: "unreadable", file: shown, problem } });
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > maxLock) return unreadable(`it has ${size} bytes; at most ${maxLock} are read`);
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an unknown failure";
    return code === "ENOENT" ? { status: { kind: "missing", file: shown } } : unreadable(code);
  }
  const value = parse(text);
  return value === undefined ? unreadable("expected JSON, found text that is none") : lockOf(value.json, shown);
}

function lockOf(document: unknown, shown: string): Opened {
  const read = readFlowsLock(document);
  if (!("problems" in read)) return { status: { kind: "loaded", file: shown }, lock: read };
  const [first] = read.problems;
  const more = read.problems.length > 1 ? `, and ${read.problems.length - 1} more` : "";
  return { status: { kind: "unreadable", file: shown, problem: `${first?.path === "" ? "" : `${first?.path}: `}expected ${first?.expected}, found ${first?.found}${more}` } };
}

function parse(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
