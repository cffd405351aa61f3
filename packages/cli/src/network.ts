import type { AnyRule } from "@bulkhead/core";
import { Misuse, suggest } from "./arguments";
import type { Io } from "./io";
import { check, checkHelp } from "./network/check";
import { diff, diffHelp } from "./network/diff";
import { learn, learnHelp } from "./network/learn";
import { reach, reachHelp } from "./network/reach";
import { record, recordHelp } from "./network/record/command";

export const networkHelp = `bulkhead network COMMAND

Learns who has to talk to whom from recorded flows, and says who may.

  record --docker               who opens connections to whom among Docker containers, as flows for learn
  learn --flows FILE...         the least set of network policies for what was seen, checked before it is written
  check --flows FILE... PATH... policies against flows: what would break, what is not needed, what is not covered
  reach PATH...                 who may talk to whom, and why: a table, a graph, or a picture in a browser
  diff OLD NEW                  connections that one set of policies lets through and the other does not

bulkhead network COMMAND --help says more.
`;

const commands: { readonly [name: string]: { readonly run: (args: readonly string[], io: Io) => Promise<number>; readonly help: string } } = {
  record: { run: record, help: recordHelp }, learn: { run: learn, help: learnHelp }, check: { run: check, help: checkHelp }, reach: { run: reach, help: reachHelp }, diff: { run: diff, help: diffHelp },
};

/**
 * Loaded only when it is asked for: the readers of flows and the evaluator of policies are no part of a check.
 *
 * @throws Misuse
 */
export async function network([name, ...args]: readonly string[], _: readonly AnyRule[], io: Io): Promise<number> {
  const names = Object.keys(commands);
  if (name === undefined) throw new Misuse(`network needs a command: ${names.join(", ")}`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new Misuse(`unknown command of network ${JSON.stringify(name)}${suggest(name, names)}`);
  return command.run(args, io);
}

/** Of one of the commands, or of all. */
export function helpOf([name = ""]: readonly string[]): string {
  return (Object.hasOwn(commands, name) ? commands[name]?.help : undefined) ?? networkHelp;
}
