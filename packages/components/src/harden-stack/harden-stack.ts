import * as pulumi from "@pulumi/pulumi";
import type { StackChange } from "./draft";
import { harden } from "./harden";
import { readOptions } from "./options";
import type { HardenStackOptions } from "./options";
import { limitProcesses } from "./processes";

/** What `hardenStack` did. */
export interface StackReport {
  /** What was changed and what was left so far, resource by resource; all of it once the program has ended. */
  changes(): readonly StackChange[];
}

/**
 * Applies the posture to every raw container and workload that is registered from here on, those inside of components and charts
 * among them. Children of the hardened components are left alone, and so is what is exempted and what is not known.
 *
 * @throws ArgumentError
 */
export function hardenStack(options: HardenStackOptions = {}): StackReport {
  const settings = readOptions(options);
  const reported = settings.mode === "report";
  const changes: StackChange[] = [];
  const note = (resource: string, entries: readonly StackChange[]): void => {
    if (entries.length === 0) return;
    changes.push(...entries);
    void pulumi.log.info(`hardenStack${reported ? " (changes nothing)" : ""}: ${resource}\n${entries.map(line).join("\n")}`);
  };
  if (settings.pidsLimit !== undefined && !reported) limitProcesses(settings.pidsLimit, settings, note);
  pulumi.runtime.registerResourceTransform(async ({ custom, type, name, props, opts }) => {
    if (!custom || (await isOurs(opts.parent, name))) return undefined;
    const { inputs, entries } = harden(type, name, props, settings, Date.now());
    note(`${type} ${name}`, entries);
    return inputs === undefined || reported ? undefined : { props: inputs, opts };
  });
  process.once("beforeExit", () => void pulumi.log.info(summary(changes, reported)));
  return { changes: () => [...changes] };
}

/** Whether a hardened component made a resource, and calls it by its own name; what a program puts under one is the program's. */
async function isOurs(parent: pulumi.Resource | undefined, name: string): Promise<boolean> {
  if (parent === undefined) return false;
  const urn = await new Promise<string>((resolve) => void parent.urn.apply(resolve));
  const [types = "", ...names] = urn.split("::").slice(2);
  return types.split("$").at(-1)?.startsWith("bulkhead:index:") === true && names.join("::") === name;
}

function line({ outcome, path, rules, what }: StackChange): string {
  return `  ${outcome === "unknown" ? "not known" : outcome}: ${path}: ${what}${rules.length === 0 ? "" : ` (${rules.join(", ")})`}`;
}

function summary(changes: readonly StackChange[], reported: boolean): string {
  const of = (outcome: StackChange["outcome"]): string => {
    const found = changes.filter((change) => change.outcome === outcome);
    return `${found.length} in ${new Set(found.map(({ resource }) => resource)).size} resources`;
  };
  return `hardenStack: ${reported ? "would change" : "changed"} ${of("changed")}; left ${of("left")}; exempted ${of("exempted")}; not known ${of("unknown")}`;
}
