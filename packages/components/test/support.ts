import type { EvaluationContext, Model, Outcome, Preset } from "@bulkhead/core";
import { createEvaluator, inventoryPart, isExemptingType, readDocument, readExemptionSettings, resolveRule, rulesOfPreset } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import * as pulumi from "@pulumi/pulumi";

/** A resource as the engine was asked to make it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly [key: string]: unknown };
  readonly urn: string;
  /** Type and name of the parent, such as `bulkhead:index:HardenedContainer web`; empty for the stack. */
  readonly parent: string;
}

/** Runs a program under mocks, and gives what it registered, sorted by type and name. */
export async function register(program: () => void | Promise<void>): Promise<readonly Registered[]> {
  const registered: Registered[] = [];
  const parents = new Map<string, string>();
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs, id }) => {
      // As the provider's Check names what has no name.
      const named = type === "docker:index/network:Network" || type === "docker:index/container:Container" ? { name, ...(inputs as object) } : (inputs as object);
      const parent = parents.get(`${type} ${name}`) ?? "";
      const qualified = parent === "" ? type : `${parent.split(" ")[0]}$${type}`;
      registered.push({ type, name, inputs: named as Registered["inputs"], urn: `urn:pulumi:test::shop::${qualified}::${name}`, parent });
      return { id: id ?? `${name}-id`, state: { name, ...(inputs as object) } };
    },
    call: () => ({}),
  }, "shop", "test", false);
  // A mock is not told the parent.
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: (request: RegisterRequest, callback: unknown) => unknown };
  const original = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const [types = "", name = ""] = request.getParent().split("::").slice(2);
    const type = types.split("$").at(-1) ?? "";
    parents.set(`${request.getType()} ${request.getName()}`, type === "" || type.startsWith("pulumi:") ? "" : `${type} ${name}`);
    return original(request, callback);
  };
  await program();
  // Links are declared until the turn ends; what is registered then has its inputs awaited.
  await new Promise(setImmediate);
  await pulumi.runtime.disconnect();
  return registered.sort((a, b) => `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`));
}

interface RegisterRequest {
  readonly getType: () => string;
  readonly getName: () => string;
  readonly getParent: () => string;
}

/** What the rules of a preset, and those about the whole stack among them, say of resources; `closedWorld` as a program is all there is. */
export function judge(resources: readonly Registered[], preset: Preset, context: EvaluationContext = {}): readonly Outcome[] {
  const { settings } = readExemptionSettings({}, rules);
  const evaluator = createEvaluator(rulesOfPreset(rules, preset).flatMap((rule) => resolveRule(rule, {}, rule.id).settings ?? []), { now: Date.UTC(2027, 0, 1), closedWorld: true, exemptions: settings, ...context });
  const components = new Map(resources.filter(({ type }) => isExemptingType(type)).map(({ type, name, inputs }) => [`${type} ${name}`, inputs["exemptions"]]));
  const models = resources.flatMap(({ type, name, urn, inputs, parent }): readonly Model[] => readDocument(inputs, { type, name, urn, ...(components.get(parent) === undefined ? {} : { exemptions: components.get(parent) }) }));
  const outcomes = models.map((model) => evaluator.evaluate(model));
  return [...outcomes, ...evaluator.evaluateInventory(models.flatMap((model) => inventoryPart(model) ?? [])).map(({ outcome }) => outcome)];
}

/** The rules that found something, those that a more specific one covers among them. */
export function found(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap(({ findings }) => findings.flatMap(({ rule, also }) => [rule, ...also])).map(({ id }) => id).sort();
}

/** The rules that are reported: without those that a more specific one covers. */
export function reported(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap(({ findings }) => findings).map(({ rule }) => rule.id).sort();
}

export function exempted(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => outcome.exempted).map(({ rule }) => rule.id).sort();
}

/** The provider's token for an object of Kubernetes. */
export function typeOf(object: { readonly [key: string]: unknown }): string {
  const version = String(object["apiVersion"]);
  return `kubernetes:${version.includes("/") ? version : `core/${version}`}:${String(object["kind"])}`;
}
