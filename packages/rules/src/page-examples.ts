import type { AnyRule, ExamplePair, Finding, Fragment, Model, NetworkSource, Platform, Read, Reads, RuleSettings, Subject } from "@bulkhead/core";
import { applyPatches, createEvaluator, formatPath, inventoryPart, judgesStack, readDocument, resolveRule } from "@bulkhead/core";
import { unifiedDiff } from "./diff";
import { type ExampleDocument, exampleDocuments, placeOf } from "./example-documents";
import { contextFor } from "./examples";
import noHostPath from "./volume/no-host-path";
import { printYaml } from "./yaml";

/** The settings that a rule reads on a platform, by the kind of the document that they stand in. */
export function lookedAt(rule: AnyRule, platform: Platform, network?: NetworkSource): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, Set<string>>();
  const heard = (subject: Subject, reads: Reads): void => {
    const kind = platform === "compose" || platform === "dockerfile" ? "" : subject.resource.kind;
    paths.set(kind, new Set([...(paths.get(kind) ?? []), ...readPaths(platform, Object.values(reads) as readonly Read<unknown>[])]));
  };
  const overheard: AnyRule = { ...rule, reads: (subject, inventory, surroundings) => {
    const reads = rule.reads(subject, inventory, surroundings);
    heard(subject, reads);
    return reads;
  } };
  for (const pair of pairsOf(rule, platform)) for (const fragment of [pair.good, pair.bad].flat()) findingOf(overheard, modelsOf(exampleDocuments(rule, platform, pair, fragment)), network);
  return new Map([...paths].filter(([, all]) => all.size > 0).map(([kind, all]) => [kind, [...all].sort()]));
}

/** `[]` is every member of a list, `*` every name in a compose file. */
function readPaths(platform: Platform, reads: readonly Read<unknown>[]): readonly string[] {
  const paths = reads.filter(({ field }) => field.path.length > 0 && field.state !== "unsupported").map(({ field }) => formatPath(field.path).replace(/\[\d+\]/g, "[]"));
  return platform === "compose" ? paths.map((path) => path.replace(/^(services|networks|volumes|secrets|configs)\.[\w-]+/, "$1.*")) : paths;
}

/** What is refused, in which words, what the fix makes of it, and what is accepted. */
export function exampleSection(rule: AnyRule, platform: Platform, network?: NetworkSource): readonly string[] {
  return pairsOf(rule, platform).flatMap((pair) => [
    ...([pair.bad].flat() as readonly Fragment[]).flatMap((bad) => refused(rule, platform, pair, bad, network)),
    ...([pair.good].flat() as readonly Fragment[]).flatMap((good) => shown("Accepted", rule, platform, pair, good)),
  ]);
}

function refused(rule: AnyRule, platform: Platform, pair: ExamplePair, bad: Fragment, network: NetworkSource | undefined): readonly string[] {
  const finding = findingOf(rule, modelsOf(exampleDocuments(rule, platform, pair, bad)), network);
  return [...shown("Refused", rule, platform, pair, bad), ...(finding === undefined ? [] : [`> ${finding.message}`, ""]), ...fixed(rule, platform, exampleDocuments(rule, platform, pair, bad))];
}

function shown(verdict: string, rule: AnyRule, platform: Platform, pair: ExamplePair, fragment: Fragment): readonly string[] {
  if (platform === "dockerfile") return [`${verdict}:`, "", ...dockerfile(fragment)];
  if (placeOf(rule, pair) !== "stack") return [`${verdict}:`, "", ...yaml(fragment)];
  const stack = "[a stack that satisfies every rule](../src/example-stacks.ts)";
  return Object.keys(fragment).length === 0 ? [`${verdict}: ${stack}.`, ""] : [`${verdict}, merged into ${stack}, where \`null\` takes away:`, "", ...yaml(fragment)];
}

function modelsOf(documents: readonly ExampleDocument[]): readonly Model[] {
  return documents.flatMap(({ value, address }) => readDocument(value, address));
}

function findingOf(rule: AnyRule, models: readonly Model[], network?: NetworkSource): Finding | undefined {
  const { settings } = resolveRule(rule, rule.exampleOptions, rule.id);
  if (settings === undefined) return undefined;
  const evaluator = createEvaluator([settings, ...besides(rule)], contextFor(rule, network));
  if (models.some(({ resource }) => judgesStack(rule, resource.platform))) return evaluator.evaluateInventory(models.flatMap((model) => inventoryPart(model) ?? [])).flatMap(({ outcome }) => outcome.findings)[0];
  return models.flatMap((model) => evaluator.raw(model).findings).find((finding) => finding.rule === rule);
}

/** An exemption is in vain only where the rule that it exempts from runs. */
export function besides(rule: AnyRule): readonly RuleSettings[] {
  return rule.about.includes("exemption") ? [{ rule: noHostPath, options: {}, unknown: "report" }] : [];
}

/** The difference that the fix makes to a whole document. */
function fixed(rule: AnyRule, platform: Platform, documents: readonly ExampleDocument[]): readonly string[] {
  const [document, another] = documents;
  if (rule.fix === undefined || document === undefined || another !== undefined) return [];
  const print = platform === "dockerfile" ? printDockerfile : printYaml;
  const before = print(document.value);
  const patches = findingOf(rule, modelsOf(documents))?.fix();
  if (patches === undefined || patches.length === 0) return [];
  applyPatches(document.value, patches);
  return ["Fixed:", "", "```diff", ...unifiedDiff(before, print(document.value)), "```", ""];
}

function pairsOf(rule: AnyRule, platform: Platform): readonly ExamplePair[] {
  return [rule.examples[platform] ?? []].flat() as readonly ExamplePair[];
}

/** Steps are put into a Dockerfile that satisfies every rule; what it is built with stands above. */
function dockerfile({ steps, instructions = steps, ...more }: Fragment): readonly string[] {
  const inputs = Object.keys(more).length === 0 ? [] : ["Built with:", "", ...yaml(more)];
  return [...inputs, "```dockerfile", ...((instructions ?? []) as readonly string[]), "```", ""];
}

function printDockerfile(document: unknown): string {
  return `${((document as { readonly instructions: readonly string[] }).instructions).join("\n")}\n`;
}

function yaml(fragment: Fragment): readonly string[] {
  return ["```yaml", printYaml(fragment).trimEnd(), "```", ""];
}
