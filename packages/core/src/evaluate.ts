import type { EvaluationContext, Surroundings } from "./context";
import { surroundingsOf } from "./context";
import type { Field, Path } from "./field";
import { askedImages } from "./evidence/lookup";
import { evidenceStore } from "./evidence/store";
import { flowStore } from "./network/store";
import type { ModelExemptions } from "./exemption/exemptions";
import { createExemptions, noExemptions } from "./exemption/exemptions";
import { formatPath } from "./field";
import type { About, Hole, Model, Subject } from "./model/subject";
import { platforms } from "./model/subject";
import type { Inventory } from "./inventory/inventory";
import type { InventoryPart } from "./inventory/part";
import { judgeParts } from "./inventory/part";
import type { Exempted, Finding, NotExaminedEntry, Outcome, RuleError, Undecided } from "./outcome";
import { collapse } from "./overlap";
import type { AnyRule, CheckContext, Read, Reads } from "./rule";
import { judgesStack } from "./rule";
import type { RuleSettings } from "./settings";

/** Rules with their settings, indexed by what they are about. */
export interface Evaluator {
  /** Every finding of every rule, also those that a more specific rule covers. */
  readonly raw: (model: Model) => Outcome;
  /** Findings of one setting of one subject are reported once, by the most specific rule. */
  readonly evaluate: (model: Model) => Outcome;
  /** Whether any rule judges the whole stack. */
  readonly judgesInventory: boolean;
  /** Whether any of those asks who may talk to whom, and any of the parts is such that there is something to ask. */
  readonly asksNetwork: (parts: Iterable<InventoryPart>) => boolean;
  /** Judges the whole stack, once, after every document of it was read. `incomplete` says why not all of it is in view. */
  readonly evaluateInventory: <P extends InventoryPart>(parts: readonly P[], incomplete?: string) => readonly { readonly part: P; readonly outcome: Outcome }[];
  /** Judges the exemptions of the configuration and whether evidence of images and accepted flows are there, after every model and the whole stack were judged: whether one is used, and the other needed, is known only then. `place` is where the configuration stands. */
  readonly evaluateConfiguration: (place?: Path) => Outcome;
}

interface Sink {
  readonly surroundings: Surroundings;
  readonly exemptions: ModelExemptions;
  readonly findings: Finding[];
  readonly exempted: Exempted[];
  readonly undecided: Undecided[];
  readonly notExamined: NotExaminedEntry[];
  readonly errors: RuleError[];
  readonly seen: Set<string>;
}

export function createEvaluator(settings: readonly RuleSettings[], context: EvaluationContext = {}): Evaluator {
  let [isEvidenceMissed, areFlowsAsked] = [false, false];
  const surroundings: Surroundings = { ...surroundingsOf(context), missesEvidence: () => void (isEvidenceMissed = true), asksFlows: () => void (areFlowsAsked = true) };
  const rulesFor = indexRules(settings, surroundings, false);
  const whole = settings.filter(({ rule }) => judgesStack(rule));
  const wholeRulesFor = indexRules(whole, surroundings, true);
  const exemptions = createExemptions(settings, context);
  const raw = (model: Model): Outcome => {
    const sink = newSink(surroundings, exemptions.of(model));
    context.evidence?.expect?.(askedImages(model));
    for (const entry of model.notExamined) sink.notExamined.push(entry);
    for (const hole of model.holes) judgeHole(hole, rulesFor, sink);
    for (const subject of model.subjects) judgeSubject(subject, rulesFor, sink);
    for (const subject of sink.exemptions.subjects()) judgeSubject(subject, rulesFor, sink);
    return outcomeOf(sink);
  };
  return {
    raw, evaluate: (model) => collapse(raw(model)),
    judgesInventory: whole.length > 0,
    asksNetwork: (parts) => {
      const asking = whole.filter(({ rule }) => rule.asksNetwork === true);
      for (const { members } of asking.length > 0 ? parts : []) if (members.some(({ about: kind }) => asking.some(({ rule }) => rule.about.includes(kind)))) return true;
      return false;
    },
    evaluateInventory: (parts, incomplete) => {
      if (whole.length === 0) return [];
      exemptions.beginInventory();
      return judgeParts(parts, context, incomplete, (part, subjects, inventory) => {
        const sink = newSink(surroundings, exemptions.of(part));
        for (const hole of part.holes) judgeHole(hole, wholeRulesFor, sink);
        for (const subject of subjects) judgeSubject(subject, wholeRulesFor, sink, inventory);
        for (const subject of sink.exemptions.subjects()) judgeSubject(subject, rulesFor, sink);
        return collapse(outcomeOf(sink));
      });
    },
    evaluateConfiguration: (place = []) => {
      const sink = newSink(surroundings, noExemptions);
      for (const subject of exemptions.configured(place)) judgeSubject(subject, rulesFor, sink);
      if (context.evidence !== undefined) judgeSubject(evidenceStore(context.evidence.status, isEvidenceMissed, place), rulesFor, sink);
      if (context.network !== undefined && areFlowsAsked) judgeSubject(flowStore(context.network.flows, place), wholeRulesFor, sink);
      return outcomeOf(sink);
    },
  };
}

/** A rule's settings, with what every check of one kind of subject is given. */
interface Entry extends RuleSettings {
  readonly context: CheckContext<never>;
}
type RulesFor = (platform: string, about: About) => readonly Entry[];

function indexRules(settings: readonly RuleSettings[], surroundings: Surroundings, ofStack: boolean): RulesFor {
  const index = new Map<string, Entry[]>();
  for (const entry of settings) {
    for (const about of entry.rule.about) {
      for (const platform of entry.rule.platforms ?? platforms) {
        if (judgesStack(entry.rule, platform) !== ofStack) continue;
        if (platform === "kubernetes" && surroundings.kubernetesMinor < (entry.rule.sinceKubernetes ?? 0)) continue;
        const key = `${platform} ${about}`;
        const list = index.get(key);
        const judged: Entry = { ...entry, context: { options: entry.options as never, about, platform, ...surroundings } };
        if (list === undefined) index.set(key, [judged]);
        else list.push(judged);
      }
    }
  }
  return (platform, about) => index.get(`${platform} ${about}`) ?? [];
}

function newSink(surroundings: Surroundings, exemptions: ModelExemptions): Sink {
  return { surroundings, exemptions, findings: [], exempted: [], undecided: [], notExamined: [], errors: [], seen: new Set() };
}

function outcomeOf({ findings, exempted, undecided, notExamined, errors }: Sink): Outcome {
  return { findings, exempted, undecided, notExamined, errors };
}

function judgeSubject(subject: Subject, rulesFor: RulesFor, sink: Sink, inventory?: Inventory): void {
  for (const entry of rulesFor(subject.resource.platform, subject.about)) judgeSafely(subject, entry, sink, inventory);
}

function judgeSafely(subject: Subject, entry: Entry, sink: Sink, inventory: Inventory | undefined): void {
  try {
    judge(subject, entry, sink, inventory);
  } catch (error) {
    sink.exemptions.open(entry.rule);
    sink.errors.push({ ...about(subject), rule: entry.rule, error: describeError(error) });
  }
}

/** Without the error's message, which may quote a value. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `threw a ${typeof error}`;
  const frame = /([^\s/\\()]+:\d+:\d+)\)?$/m.exec(error.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "")?.[1];
  return frame === undefined ? error.name : `${error.name} at ${frame}`;
}

/** Shared, and never written to: nearly every judgement has nothing that is open. */
const none: never[] = [];

function judge(subject: Subject, entry: Entry, sink: Sink, inventory: Inventory | undefined): void {
  const { rule, context } = entry;
  if (subject.about === "container" && rule.roles !== undefined && !rule.roles.includes(subject.role)) return;
  if (rule.appliesTo !== undefined && !rule.appliesTo(subject)) return;
  const reads = rule.reads(subject, inventory, sink.surroundings);
  let open: Read<unknown>[] = none;
  let blocked: Read<unknown>[] = none;
  const values: Record<string, unknown> = {};
  for (const name in reads) {
    const read = reads[name] as Read<unknown>;
    const { field } = read;
    if (field.state === "value") values[name] = field.value;
    if (field.state === "unknown" || (field.state === "value" && field.partial === true)) (open === none ? (open = []) : open).push(read);
    if (field.state === "unsupported") (blocked === none ? (blocked = []) : blocked).push(read);
  }
  if (open.length === 0 && blocked.length === 0) {
    const text = rule.check(values, context);
    if (text !== undefined) report(subject, entry, reads, values, text, sink);
    return;
  }
  const uncertain = [...open, ...blocked];
  if (uncertain.every((read) => read.mode === "forbids")) {
    const text = rule.check(values, context);
    if (text !== undefined) {
      report(subject, entry, reads, values, text, sink);
      return;
    }
  } else if (uncertain.every((read) => read.mode === "requires") && rule.check(values, context) === undefined) return;
  if (open.length > 0) undecided(subject, entry, open.map((read) => read.field), sink);
  else for (const { field } of blocked) notExamined(subject, rule, field, sink);
}

function about(subject: Subject): { readonly resource: Subject["resource"]; readonly container?: string } {
  const container = subject.about === "container" ? subject.name : subject.about === "image" ? subject.container : undefined;
  return container === undefined ? { resource: subject.resource } : { resource: subject.resource, container };
}

/** The same rule and the same settings in the same document are one fact, however many containers inherit it. */
function isNew(kind: string, rule: AnyRule, paths: readonly Path[], sink: Sink): boolean {
  const key = `${kind} ${rule.id} ${paths.map((path) => path.join("\u0000")).join("\u0001")}`;
  if (sink.seen.has(key)) return false;
  sink.seen.add(key);
  return true;
}

function report(subject: Subject, entry: Entry, reads: Reads, values: { readonly [name: string]: unknown }, text: string, sink: Sink): void {
  const { rule, context } = entry;
  const paths = decisivePaths(reads, values, rule, context);
  add({
    ...about(subject), rule, message: `${subject.label} must ${text}`, paths, also: [],
    fix: () => rule.fix?.(fieldsOf(reads), context),
    unfixable: () => (rule.fix === undefined ? undefined : Object.values(fieldsOf(reads)).find(({ forbidden }) => forbidden !== undefined)?.forbidden),
  }, sink);
}

function fieldsOf(reads: Reads): { readonly [name: string]: Field<unknown> } {
  return Object.fromEntries(Object.entries(reads).map(([name, read]) => [name, (read as Read<unknown>).field]));
}

/** What is exempted for one container is still a finding for another that inherits the same setting. */
function add(finding: Finding, sink: Sink): void {
  const exemption = sink.exemptions.cover(finding);
  if (exemption === undefined) {
    if (isNew("finding", finding.rule, finding.paths, sink)) sink.findings.push(finding);
  } else if (isNew("exempted", finding.rule, finding.paths, sink)) sink.exempted.push({ ...finding, exemption });
}

/** The reads that alone keep the rule failing; all of them where no single one does. */
function decisivePaths(reads: Reads, values: { readonly [name: string]: unknown }, rule: AnyRule, context: CheckContext<never>): readonly Path[] {
  const names = Object.keys(reads);
  const pathOf = (name: string): Path => (reads[name] as Read<unknown>).field.path;
  if (names.length <= 1) return names.map(pathOf);
  const alone = names.filter((name) => name in values && rule.check({ [name]: values[name] }, context) !== undefined && rule.check({ ...values, [name]: undefined }, context) === undefined);
  const paths = (alone.length > 0 ? alone : names).map(pathOf);
  return paths.filter((path, index) => !paths.slice(0, index).some((other) => isSame(path, other)));
}

function isSame(a: Path, b: Path): boolean {
  return a === b || (a.length === b.length && a.every((key, index) => key === b[index]));
}

function undecided(subject: Subject, entry: RuleSettings, fields: readonly Field<unknown>[], sink: Sink): void {
  const paths = fields.map((field) => field.path);
  sink.exemptions.open(entry.rule);
  if (!isNew("undecided", entry.rule, paths, sink)) return;
  const reasonOf = (field: Field<unknown>): string => (field.state === "unknown" || field.state === "value" ? field.reason : undefined) ?? "cannot be known yet";
  const reasons = fields.map((field) => `${formatPath(field.path)} ${reasonOf(field)}`);
  const outside = fields.find((field) => field.state === "unknown" && field.elsewhere === true);
  const message = `${subject.label} cannot be judged by ${entry.rule.id}: ${[...new Set(reasons)].join(", ")}`;
  const elsewhere = outside === undefined ? {} : { elsewhere: reasonOf(outside) };
  settle({ ...about(subject), rule: entry.rule, message, paths, ...elsewhere }, entry, sink);
}

function judgeHole(hole: Hole, rulesFor: RulesFor, sink: Sink): void {
  for (const about of hole.about) for (const entry of rulesFor(hole.resource.platform, about)) settleHole(hole, entry, sink);
}

function settleHole(hole: Hole, entry: RuleSettings, sink: Sink): void {
  sink.exemptions.open(entry.rule);
  if (!isNew("undecided", entry.rule, [hole.path], sink)) return;
  const message = `${hole.label} cannot be judged by ${entry.rule.id}: ${formatPath(hole.path)} ${hole.reason ?? "cannot be known yet"}`;
  settle({ resource: hole.resource, rule: entry.rule, message, paths: [hole.path] }, entry, sink);
}

/** `deny` fails closed, `ignore` says nothing. */
function settle(entry: Undecided, settings: RuleSettings, sink: Sink): void {
  if (settings.unknown === "ignore") return;
  if (settings.unknown === "report") sink.undecided.push(entry);
  else add({ ...entry, also: [], fix: () => undefined }, sink);
}

function notExamined(subject: Subject, rule: AnyRule, field: Field<unknown>, sink: Sink): void {
  sink.exemptions.open(rule);
  if (field.state !== "unsupported" || !isNew("not examined", rule, [[field.reason]], sink)) return;
  sink.notExamined.push({ ...about(subject), rule, path: field.path, reason: field.reason });
}
