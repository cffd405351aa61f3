import { createRequire } from "node:module";
import { isReadType } from "@bulkhead/core";
import type { Configured, Level } from "./configuration";

/** The parts of the SDK's protocol classes that are used here; the SDK ships no types for them. */
interface ConfigureRequest {
  readonly getPolicyconfigMap: () => { readonly entries: () => Iterable<readonly [string, PolicyConfigMessage]> };
}
interface PolicyConfigMessage {
  readonly getEnforcementlevel: () => number;
  readonly getProperties: () => { readonly toJavaScript: () => { readonly [key: string]: unknown } } | undefined;
}
interface NotApplicable {
  readonly getPolicyName: () => string;
}
interface AnalyzeResponse {
  readonly getNotApplicableList: () => NotApplicable[];
  readonly setNotApplicableList: (list: NotApplicable[]) => void;
}
type Callback = (error: unknown, response: unknown) => void;
type Handler = (call: { readonly request: unknown }, callback: Callback) => unknown;
type Implementation = { [method: string]: Handler };
interface ServerPrototype {
  addService: (service: unknown, implementation: Implementation) => void;
}

/** pulumirpc.EnforcementLevel. */
const levelNumbers: readonly Level[] = ["advisory", "mandatory", "disabled", "remediate"];

export interface Hooks {
  /** The configuration as it arrives, before any resource. */
  readonly configured: (configuration: Configured) => void;
  /** Whether a type is worth decoding; every other is answered at once. */
  readonly concerns: (type: string) => boolean;
  /** Names of the policies that the SDK skips by type, and would wrongly list as not applicable. */
  readonly skipped: ReadonlySet<string>;
}

/**
 * Wraps the service that the SDK is about to serve. The SDK keeps the configuration of a pack to itself, one policy at
 * a time, and decodes the properties once for each policy and again for a remediation that nobody asked for.
 * Returns false, and changes nothing, where the SDK is not built as expected.
 */
export function hookSdk(hooks: Hooks): boolean {
  const server = serverPrototype();
  if (server === undefined) return false;
  const original = server.addService;
  server.addService = function addService(this: unknown, service: unknown, implementation: Implementation): void {
    server.addService = original;
    original.call(this as never, service, isAnalyzer(implementation) ? wrap(implementation, hooks) : implementation);
  };
  return true;
}

function serverPrototype(): ServerPrototype | undefined {
  try {
    const grpc = createRequire(require.resolve("@pulumi/policy"))("@grpc/grpc-js") as { readonly Server?: { readonly prototype?: Partial<ServerPrototype> } };
    const prototype = grpc.Server?.prototype;
    return typeof prototype?.addService === "function" ? (prototype as ServerPrototype) : undefined;
  } catch {
    return undefined;
  }
}

function isAnalyzer(implementation: Implementation): boolean {
  return ["configure", "analyze", "analyzeStack", "remediate"].every((method) => typeof implementation[method] === "function");
}

function wrap(implementation: Implementation, hooks: Hooks): Implementation {
  const { configure, analyze, analyzeStack, remediate } = implementation as { readonly [method: string]: Handler } & Record<"configure" | "analyze" | "analyzeStack" | "remediate", Handler>;
  const messages = require("@pulumi/pulumi/proto/analyzer_pb") as { readonly AnalyzeResponse?: new () => unknown; readonly RemediateResponse?: new () => unknown };
  const { AnalyzeResponse, RemediateResponse } = messages;
  const answer = (handler: Handler): Handler => (call, callback) => handler(call, (error, response) => {
    if (response !== undefined && response !== null) strip(response as Partial<AnalyzeResponse>, hooks.skipped);
    callback(error, response);
  });
  let remediates = false;
  return {
    ...implementation,
    configure: (call, callback) => {
      const configured = readConfiguration(call.request as ConfigureRequest);
      remediates = [...configured.values()].some(({ level }) => level === "remediate");
      hooks.configured(configured);
      return configure(call, callback);
    },
    analyze: (call, callback) => {
      const type = (call.request as { readonly getType?: () => string }).getType?.();
      if (AnalyzeResponse !== undefined && type !== undefined && !hooks.concerns(type)) return callback(null, new AnalyzeResponse());
      return answer(analyze)(call, callback);
    },
    analyzeStack: answer(analyzeStack),
    remediate: (call, callback) => {
      const type = (call.request as { readonly getType?: () => string }).getType?.();
      const idle = !remediates || (type !== undefined && !isReadType(type));
      return idle && RemediateResponse !== undefined ? callback(null, new RemediateResponse()) : answer(remediate)(call, callback);
    },
  };
}

function strip(response: Partial<AnalyzeResponse>, skipped: ReadonlySet<string>): void {
  const list = response.getNotApplicableList?.();
  if (list === undefined || response.setNotApplicableList === undefined) return;
  response.setNotApplicableList(list.filter((entry) => !skipped.has(entry.getPolicyName())));
}

function readConfiguration(request: ConfigureRequest): Configured {
  const configured = new Map<string, { readonly level: Level; readonly properties: { readonly [key: string]: unknown } }>();
  for (const [name, message] of request.getPolicyconfigMap().entries()) {
    configured.set(name, { level: levelNumbers[message.getEnforcementlevel()] ?? "advisory", properties: message.getProperties()?.toJavaScript() ?? {} });
  }
  return configured;
}
