import type { AnyRule } from "@bulkhead/core";
import { Misuse, suggest } from "./arguments";
import type { Io } from "./io";
import { add, addHelp } from "./evidence/add";
import { list, listHelp } from "./evidence/list";
import { prune, pruneHelp } from "./evidence/prune";
import { sync, syncHelp } from "./evidence/sync";
import { verify, verifyHelp } from "./evidence/verify";

export const evidenceHelp = `bulkhead evidence COMMAND

Gathers what is known of images (scans, signatures, provenance) into a lockfile, by which the rules about evidence judge
without a network. Signed documents are kept beside it, in bulkhead.evidence.d.

  add REPORT...     take reports of scanners and signed documents, from files
  sync [PATH...]    find the images that are used, resolve their tags, and take what is attached to them in their registries
  verify            verify every kept document anew, offline
  list              what is known of each image
  prune [PATH...]   take out what nothing refers to

bulkhead evidence COMMAND --help says more.
`;

const commands: { readonly [name: string]: { readonly run: (args: readonly string[], catalogue: readonly AnyRule[], io: Io) => Promise<number>; readonly help: string } } = {
  add: { run: add, help: addHelp }, sync: { run: sync, help: syncHelp }, verify: { run: verify, help: verifyHelp }, list: { run: list, help: listHelp }, prune: { run: prune, help: pruneHelp },
};

/**
 * Loaded only when it is asked for: the readers of reports and the client of registries are no part of a check.
 *
 * @throws Misuse
 */
export async function evidence([name, ...args]: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const names = Object.keys(commands);
  if (name === undefined) throw new Misuse(`evidence needs a command: ${names.join(", ")}`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new Misuse(`unknown command of evidence ${JSON.stringify(name)}${suggest(name, names)}`);
  return command.run(args, catalogue, io);
}

/** Of one of the commands, or of all. */
export function helpOf([name = ""]: readonly string[]): string {
  return (Object.hasOwn(commands, name) ? commands[name]?.help : undefined) ?? evidenceHelp;
}
