import type { PolicyConfigSchema, ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import type { Address, AnyRule, EvaluationContext, Evaluator, LazyNetwork, Outcome, ReadBuildFile, ReportBuilder, Undecided } from "@bulkhead/core";
import { builtReferences, createEvaluator, createReport, isExemptingType, isOwnChild, isReadType, kubernetesVersions, lazyNetwork, presets, readDocument, unknownModes } from "@bulkhead/core";
import { buildFiles } from "./build-files";
import type { Configured, Level, PackConfiguration } from "./configuration";
import { configure, coverageName, defaultLevel, dispatcherName, levels } from "./configuration";
import { decodedInputs, plainInputs } from "./inputs";
import { isLeftOut, leftOut } from "./left-out";
import { configurationMessage, coverageMessage, findingMessage, pageOf, readErrorMessage, ruleErrorMessage, undecidedMessages } from "./messages";
import { openEvidence } from "@bulkhead/image-evidence";
import { optionSchemas } from "./option-schemas";
import { remediate } from "./remediate";
import { projectFolder, resolveReport, writeReport } from "./report-file";
import type { StackParts, StackResource } from "./stack";
import { createStackParts } from "./stack";
import type { Report } from "./violations";
import { own, strictest, violation } from "./violations";

export interface Pack {
  readonly policies: readonly (ResourceValidationPolicy | StackValidationPolicy)[];
  /** Names of the policies that the SDK passes over, and that are not inapplicable for that. */
  readonly standIns: ReadonlySet<string>;
  /** Called with what the engine configured; without it every rule is at its default. Returns the levels that result. */
  readonly configured: (configuration: Configured) => ReadonlyMap<string, Level>;
  readonly concerns: (type: string) => boolean;
  /**
   * Called before a resource is analysed without its properties, which the SDK could not decode: they are given here as
   * they were sent. Returns what forgets them.
   */
  readonly undecodable: (urn: string, properties: unknown) => () => void;
  /** Called with all resources of the stack, before it is analysed. */
  readonly stack: (resources: readonly StackResource[]) => void;
}

/** A type that no resource has: the SDK skips a policy that carries it before it decodes any property. */
const noType = "bulkhead:never:Matches";

interface Run {
  readonly configuration: PackConfiguration;
  readonly network: LazyNetwork;
  readonly evaluator: Evaluator;
  /** One for each rule that was asked to fix something, with all that holds where it judges: what is exempt is not fixed. */
  readonly fixing: Map<AnyRule, Evaluator>;
  /** What was not examined, for the end of the stack. */
  readonly coverage: ReportBuilder;
  /** Everything, where a report is wanted. */
  readonly report: ReportBuilder | undefined;
  /** By URN, properties that the SDK could not decode, while they are judged. */
  readonly undecodable: Map<string, unknown>;
  /** What the rules about the whole stack need of each resource. */
  readonly stack: StackParts;
  /** By URN, what components exempt their children from: the engine sends a component before its children. */
  readonly components: Map<string, unknown>;
  /** References that builds of the program leave their images under, as far as they were analysed: one comes before what depends on it. */
  readonly builtImages: Set<string>;
  problemsSaid: boolean;
  timer: NodeJS.Timeout | undefined;
  /** Milliseconds that the last write of the report took. */
  saving: number;
}

/** The policies of a catalogue: one that evaluates every rule, one for each rule's name, level and options, and one for the stack. */
export function createPolicies(catalogue: readonly AnyRule[], clock: () => number = Date.now): Pack {
  let run: Run | undefined;
  const start = (configured: Configured): Run => {
    const given = configure(catalogue, configured);
    const now = clock();
    const network = lazyNetwork(async () => (await import("./network.js")).openNetwork({ settings: given.flows, folder: resolveReport(".") }));
    const builtImages = new Set<string>();
    const { source: evidence, problems } = openEvidence({ settings: given.evidence, folder: resolveReport("."), now });
    const configuration = { ...given, problems: [...given.problems, ...problems.map((problem) => ({ ...problem, path: `${dispatcherName}.evidence.${problem.path}` }))], context: { ...given.context, now, evidence, builtImages, network: network.source } };
    const report = configuration.report === undefined ? undefined : createReport();
    for (const { path, expected, found } of configuration.problems) report?.error({ path, expected, found });
    return { configuration, network, evaluator: createEvaluator(configuration.rules, contextOf(configuration)), fixing: new Map(), coverage: createReport(), report, undecodable: new Map(), stack: createStackParts(), components: new Map(), builtImages, problemsSaid: false, timer: undefined, saving: 0 };
  };
  const current = (): Run => (run ??= start(new Map()));
  // Where the SDK does not show what it is configured with, a policy still sees its own properties.
  const shown = ({ getConfig }: ResourceValidationArgs): Run => (run ??= start(new Map([[dispatcherName, { level: "mandatory", properties: getConfig() }]])));
  const dispatcher: ResourceValidationPolicy = {
    name: dispatcherName,
    description: "Evaluates every rule of Bulkhead, and reports under the rules' names.",
    enforcementLevel: "mandatory",
    configSchema: dispatcherSchema(catalogue),
    validateResource: (args, report) => validateResource(shown(args), args, report as unknown as Report),
  };
  const coverage: StackValidationPolicy = {
    name: coverageName,
    description: "Judges the stack as a whole, and says what was not examined and which rules are not configured.",
    enforcementLevel: "advisory",
    // Never reads the resources: what is said was gathered while they were judged.
    validateStack: async (_args, report) => {
      const stacked = current();
      if (stacked.stack.asksNetwork(stacked.evaluator)) await stacked.network.load();
      const elsewhere = judgeStack(stacked, report as unknown as Report);
      const message = finish(stacked, elsewhere);
      if (message !== undefined) (report as unknown as Report)({ ...own("advisory", message), name: coverageName });
    },
  };
  // The engine asks the policies in this order to put something right, each once.
  const inOrder = [...catalogue].sort((a, b) => Number(a.fixAfter !== undefined) - Number(b.fixAfter !== undefined));
  const rules = inOrder.map((rule) => rulePolicy(rule, () => fixerOf(current(), rule), (args) => addressOf(current(), args)));
  return {
    policies: [dispatcher, ...rules, coverage],
    standIns: new Set([dispatcherName, coverageName, ...catalogue.map((rule) => rule.id)]),
    configured: (configured) => {
      clearTimeout(run?.timer);
      run = start(configured);
      return run.configuration.levels;
    },
    // The configuration is judged with the first resource, whatever its type.
    concerns: (type) => run?.problemsSaid !== true || isReadType(type) || isExemptingType(type),
    undecodable: (urn, properties) => {
      const { undecodable } = current();
      undecodable.set(urn, properties);
      return () => undecodable.delete(urn);
    },
    stack: (resources) => current().stack.expect(resources),
  };
}

function validateResource(run: Run, args: ResourceValidationArgs, report: Report): void {
  const { configuration, evaluator } = run;
  if (!run.problemsSaid) {
    run.problemsSaid = true;
    if (configuration.problems.length > 0) report(own("mandatory", configurationMessage(configuration.problems)));
  }
  if (configuration.report !== undefined) scheduleReport(run);
  try {
    if (isExemptingType(args.type)) run.components.set(args.urn, (inputsOf(run, args) as { readonly exemptions?: unknown }).exemptions);
    const isOut = !run.undecodable.has(args.urn) && isLeftOut(args);
    const models = readDocument(inputsOf(run, args), addressOf(run, args));
    if (isOut && models.length > 0) run.stack.passOver(args.urn);
    else run.stack.put(args.urn, evaluator.judgesInventory ? models : []);
    if (!isOut) for (const reference of builtReferences(models)) run.builtImages.add(reference);
    for (const model of isOut ? models.map(leftOut) : models) {
      const outcome = evaluator.evaluate(model);
      run.coverage.add({}, model, { ...outcome, findings: [], undecided: [], errors: [] });
      run.report?.add({}, model, outcome);
      reportOutcome(run, outcome, report);
      for (const message of undecidedMessages(outcome.undecided)) report(own("advisory", message));
    }
  } catch (error) {
    const message = readErrorMessage(args.type, args.name, error);
    report(own("mandatory", message));
    run.report?.error({ path: args.urn, expected: `a ${args.type} that can be read`, found: message });
  }
}

function addressOf({ components }: Run, { type, urn, name, opts }: ResourceValidationArgs): Address {
  const parent = opts?.parent ?? "";
  const exemptions = components.size > 0 && isOwnChild(parent, name) ? components.get(parent) : undefined;
  return { type, urn, name, readBuildFile: fromProgram, ...(exemptions === undefined ? {} : { exemptions }) };
}

const fromProgram: ReadBuildFile = (file, path) => buildFiles(projectFolder())(file, path);

function reportOutcome({ configuration }: Run, { findings, errors }: Outcome, report: Report): void {
  for (const finding of findings) report(violation(finding, strictest(finding, configuration), findingMessage(finding)));
  for (const error of errors) report(violation(error, configuration.level(error.rule), ruleErrorMessage(error)));
}

/** Judges the stack as a whole; each violation stands at its resource. Returns what is undecided for what stands elsewhere. */
function judgeStack(run: Run, report: Report): readonly Undecided[] {
  const elsewhere: Undecided[] = [];
  for (const { part, outcome } of run.stack.judge(run.evaluator)) {
    const { urn } = part.resource;
    const here: Report = (violation) => report(urn === undefined ? violation : { ...violation, urn });
    reportOutcome(run, outcome, here);
    for (const message of undecidedMessages(outcome.undecided.filter((entry) => entry.elsewhere === undefined))) here(own("advisory", message));
    elsewhere.push(...outcome.undecided.filter((entry) => entry.elsewhere !== undefined));
    run.coverage.judged({}, { ...outcome, findings: [], undecided: [], errors: [] });
    run.report?.judged({}, outcome);
  }
  const configuration = run.evaluator.evaluateConfiguration([dispatcherName]);
  reportOutcome(run, configuration, report);
  for (const message of undecidedMessages(configuration.undecided)) report(own("advisory", message));
  run.coverage.judged({}, { ...configuration, findings: [], undecided: [], errors: [] });
  run.report?.judged({}, configuration);
  return elsewhere;
}

function inputsOf({ undecodable }: Run, { urn, props }: ResourceValidationArgs): unknown {
  return undecodable.has(urn) ? decodedInputs(undecodable.get(urn)) : plainInputs(props);
}

/**
 * The engine may kill the pack before it analyses the stack, where an update is refused: so the file is kept up to date,
 * as often as costs a tenth of the time.
 */
function scheduleReport(run: Run): void {
  run.timer ??= setTimeout(() => {
    run.timer = undefined;
    const begin = performance.now();
    saveReport(run);
    run.saving = performance.now() - begin;
  }, Math.max(100, run.saving * 10));
}

/** Returns why the report could not be written, or nothing. */
function saveReport({ configuration, report }: Run): string | undefined {
  if (configuration.report === undefined || report === undefined) return undefined;
  const file = resolveReport(configuration.report);
  const failure = writeReport(file, report.finish({ files: 0, notConfigured: configuration.notConfigured }));
  return failure === undefined ? undefined : `the report cannot be written to ${file}: ${failure}`;
}

/** What is said at the end of the stack, or nothing. */
function finish(run: Run, elsewhere: readonly Undecided[]): string | undefined {
  clearTimeout(run.timer);
  run.timer = undefined;
  const coverage = run.coverage.finish({ files: 0, notConfigured: run.configuration.notConfigured });
  const said = run.configuration.saysCoverage ? coverageMessage(coverage, elsewhere) : undefined;
  const lines = [saveReport(run), said].filter((line) => line !== undefined);
  return lines.length === 0 ? undefined : lines.join("\n");
}

/** What holds whatever the rule, where it judges as where it fixes. */
function contextOf(configuration: PackConfiguration): EvaluationContext {
  return { ...configuration.context, closedWorld: configuration.closedWorld };
}

function fixerOf({ configuration, fixing }: Run, rule: AnyRule): Evaluator | undefined {
  const settings = configuration.rules.find((entry) => entry.rule === rule);
  const evaluator = fixing.get(rule) ?? (settings === undefined ? undefined : createEvaluator([settings], contextOf(configuration)));
  if (evaluator !== undefined) fixing.set(rule, evaluator);
  return evaluator;
}

function rulePolicy(rule: AnyRule, fixer: () => Evaluator | undefined, address: (args: ResourceValidationArgs) => Address): ResourceValidationPolicy {
  const frameworks = Object.entries(rule.frameworks).flatMap(([name, ids]) => [ids].flat().map((id) => `${name}:${id}`));
  const page = pageOf(rule);
  return {
    name: rule.id,
    description: `${rule.title}.`,
    enforcementLevel: defaultLevel(rule),
    severity: rule.severity,
    ...(page === undefined ? {} : { url: page }),
    remediationSteps: rule.remediation,
    tags: ["containers", rule.challenge, `preset:${rule.preset}`, ...frameworks],
    configSchema: { properties: { ...optionSchemas(rule), unknown: { type: "string", enum: [...unknownModes], description: "What happens with what cannot be known yet." } } },
    validateResource: Object.assign(() => undefined, { __pulumiType: noType }),
    ...(rule.fix === undefined ? {} : { remediateResource: (args: ResourceValidationArgs) => remediateSafely(fixer(), args, address(args)) }),
  };
}

/** A rule that fails here fails again where it judges, and is reported there. */
function remediateSafely(evaluator: Evaluator | undefined, args: ResourceValidationArgs, address: Address): Record<string, unknown> | undefined {
  try {
    return evaluator === undefined || isLeftOut(args) ? undefined : remediate(evaluator, args, address);
  } catch {
    return undefined;
  }
}

function dispatcherSchema(catalogue: readonly AnyRule[]): PolicyConfigSchema {
  return {
    properties: {
      preset: { type: "string", enum: [...presets], description: "The rules of this preset refuse; the others are off unless they are given a level." },
      unknown: { type: "string", enum: [...unknownModes], description: "What happens with what cannot be known yet, for every rule: an advisory, a refusal, or nothing." },
      closedWorld: { type: "boolean", description: "Whether the program is all there is: what it does not make is missing, also in namespaces that are made elsewhere." },
      report: { type: "string", minLength: 1, description: "Where the JSON report is written; a relative name is meant from the project's folder." },
      kubernetesVersion: { type: "string", enum: [...kubernetesVersions], description: "The version of the cluster, which the Pod Security Standards depend on; default the latest." },
      evidence: { type: "object", description: "Evidence of images: { lockfile, signers, vexAuthors, trustedRoot, live }; relative names are meant from the project's folder. With live registries are asked during the run." },
      flows: { type: "object", description: "Accepted flows that policies are held against: { lockfile }; a relative name is meant from the project's folder." },
      exemptions: { type: "array", items: { type: "object" }, description: "Exemptions: { rule, reason, owner, expires } and at least one of { type, name, urn, namespace, container }." },
      maxExemptionDays: { type: "number", minimum: 1, description: "How many days from now an exemption may last." },
      noCodeExemptions: { type: "array", items: { type: "string" }, description: "Rules that must not be exempted in code; \"*\" is every rule." },
      levels: { type: "object", description: `Levels (${levels.join(", ")}) of rules such as ${catalogue[0]?.id ?? "a rule"}, over any preset.` },
    },
  };
}
