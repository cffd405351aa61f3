import type { AnyRule } from "@bulkhead/core";
import { version } from "../package.json";
import { isMisuse, Misuse, parseArguments, suggest } from "./arguments";
import { check, checkHelp } from "./check";
import { fix, fixHelp } from "./fix/fix";
import type { Io } from "./io";
import { describeError } from "./io";

const help = `bulkhead COMMAND

  check PATH...   judge Kubernetes manifests, compose files, Dockerfiles and exported Pulumi state
  fix PATH...     put right what has one right value: a diff, or with --write the files
  explain [RULE]  what a rule asks for and why; without RULE, the list of rules; --framework NAME, a standard's controls
  network ...     record flows, learn network policies from them, and say who may talk to whom: record, learn, check, reach, diff
  evidence ...    gather scans, signatures and provenance of images into a lockfile: add, sync, verify, list, prune

bulkhead COMMAND --help says more. bulkhead --version prints the version.
`;

interface Command {
  readonly run: (args: readonly string[], catalogue: readonly AnyRule[], io: Io) => Promise<number>;
  readonly help: (args: readonly string[]) => string | Promise<string>;
}

const commands: { readonly [name: string]: Command } = {
  check: { run: check, help: () => checkHelp },
  fix: { run: fix, help: () => fixHelp },
  explain: { run: async (args, _, io) => (await import("./explain.js")).explain(args, io), help: async () => (await import("./explain.js")).explainHelp },
  network: { run: async (args, catalogue, io) => (await import("./network.js")).network(args, catalogue, io), help: async (args) => (await import("./network.js")).helpOf(args) },
  evidence: { run: async (args, catalogue, io) => (await import("./evidence.js")).evidence(args, catalogue, io), help: async (args) => (await import("./evidence.js")).helpOf(args) },
};

/** Runs a command line and gives the exit code. Never throws: what nobody foresaw is said, and is exit 2. */
export async function run(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  try {
    return await dispatch(args, catalogue, io);
  } catch (error) {
    if (isMisuse(error)) io.err(`bulkhead: ${error.message}\n\`bulkhead --help\` says how to use it\n`);
    else io.err(`bulkhead: internal error: ${describeError(error)}\n`);
    return 2;
  }
}

async function dispatch(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    io.err(help);
    return 2;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) {
    if (!asksForHelp(rest)) return command.run(rest, catalogue, io);
    await io.out(await command.help(rest));
    return 0;
  }
  if (!name.startsWith("-") && name !== "help") throw new Misuse(`unknown command ${JSON.stringify(name)}${suggest(name, Object.keys(commands))}`);
  if (name !== "help") parseArguments([name], { help: { type: "boolean", short: "h" }, version: { type: "boolean" } });
  const about = rest[0] !== undefined && Object.hasOwn(commands, rest[0]) ? commands[rest[0]] : undefined;
  await io.out(name === "--version" ? `${version}\n` : ((await about?.help(rest.slice(1))) ?? help));
  return 0;
}

/** What follows `--` is a path, whatever it looks like. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((argument) => argument === "--help" || argument === "-h");
}
