import { enableCompileCache } from "node:module";

enableCompileCache();

import { renderPage, rules, ruleUrl } from "@bulkhead/rules";
import { didYouMean } from "@bulkhead/core";
import { Misuse, parseArguments } from "./arguments";
import type { Io } from "./check";
import { check, checkHelp, requireRule } from "./check";
import { version } from "../package.json";

const help = `bulkhead COMMAND

  check PATH...   judge Kubernetes manifests and exported Pulumi state
  explain [RULE]  what a rule asks for and why; without RULE, the list of rules

bulkhead COMMAND --help says more. bulkhead --version prints the version.
`;

const explainHelp = `bulkhead explain [RULE]

Prints the page of a rule: what it asks for, why, how to comply, and examples. Without RULE, lists the rules.
`;

const commands = ["check", "explain"];

function explain(args: readonly string[], io: Io): number {
  const { positionals } = parseArguments(args, {});
  if (positionals.length > 1) throw new Misuse("explain takes one rule");
  const [id] = positionals;
  if (id !== undefined) io.out(renderPage(requireRule(id, rules)));
  else for (const rule of rules) io.out(`${rule.id.padEnd(30)} ${rule.severity.padEnd(9)} ${rule.preset.padEnd(11)} ${rule.title}\n`);
  return 0;
}

function run(args: readonly string[], io: Io): number {
  const [command, ...rest] = args;
  const wantsHelp = rest.includes("--help") || rest.includes("-h");
  if (command === undefined) {
    io.err(help);
    return 2;
  }
  if (command === "--help" || command === "-h" || command === "help") io.out(help);
  else if (command === "--version") io.out(`${version}\n`);
  else if (command === "check") {
    if (!wantsHelp) return check(rest, rules, io);
    io.out(checkHelp);
  } else if (command === "explain") {
    if (!wantsHelp) return explain(rest, io);
    io.out(explainHelp);
  } else {
    const near = didYouMean(command, commands);
    throw new Misuse(`unknown command ${JSON.stringify(command)}${near === undefined ? "" : `; did you mean ${near}?`}`);
  }
  return 0;
}

function main(): void {
  const color = process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "";
  const io: Io = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text), color, url: ruleUrl };
  // A reader such as `head` may close the pipe early; that is no failure of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? (process.exitCode ?? 0) : 2));
  try {
    process.exitCode = run(process.argv.slice(2), io);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    process.stderr.write(`bulkhead: ${error.message}\nbulkhead --help says how to use it\n`);
    process.exitCode = 2;
  }
}

main();
