import { createRequire } from "node:module";
import { isReadType } from "@bulkhead/core";
import type { Configured, Level } from "./configuration";

/** The parts of the SDK's protocol classes that are used here; the SDK ships no types for them. */
interface ConfigureRequest {
  readonly getPolicyconfigMap: () => { readonly entries: () => Iterable<readonly [string, PolicyConfigMessage]> };
}
interface PolicyConfigMessage {
  readonly getEnforcementlevel: () => number;
  readonly setEnforcementlevel?: (level: number) => void;
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
/** What a service is made of: the class of each method's answer, among other things. */
type Service = { readonly [method: string]: { readonly responseType?: new () => unknown } | undefined };
interface ServerPrototype {
  addService: (service: Service, implementation: Implementation) => void;
}
/** The parts of the requests about resources that are used here. */
interface AnalyzeRequest {
  readonly getType?: () => string;
  readonly getUrn?: () => string;
  readonly getProperties?: () => { readonly toJavaScript: () => unknown; readonly clearFieldsMap?: () => void } | undefined;
}
interface AnalyzeStackRequest {
  readonly getResourcesList?: () => readonly { readonly getType: () => string; readonly getUrn: () => string }[];
  readonly setResourcesList?: (list: readonly never[]) => void;
}

/** pulumirpc.EnforcementLevel. */
const levelNumbers: readonly Level[] = ["advisory", "mandatory", "disabled", "remediate"];

export interface Hooks {
  /** The configuration as it arrives, before any resource. Returns the levels that policies have in the end, by name. */
  readonly configured: (configuration: Configured) => ReadonlyMap<string, Level>;
  /** Whether a type is worth decoding; every other is answered at once. */
  readonly concerns: (type: string) => boolean;
  /** Names of the policies that the SDK skips by type, and would wrongly list as not applicable. */
  readonly skipped: ReadonlySet<string>;
  /**
   * The SDK cannot decode a resource's properties, for an empty asset among them: it is analysed without them next, and
   * the function that is returned is called after that.
   */
  readonly undecodable?: (urn: string, properties: unknown) => () => void;
  /** All resources of the stack, before it is analysed. */
  readonly stack?: (resources: readonly { readonly type: string; readonly urn: string }[]) => void;
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
  server.addService = function addService(this: unknown, service: Service, implementation: Implementation): void {
    server.addService = original;
    original.call(this as never, service, isAnalyzer(implementation) ? wrap(service, implementation, hooks) : implementation);
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

function wrap(service: Service, implementation: Implementation, hooks: Hooks): Implementation {
  const { configure, analyze, analyzeStack, remediate } = implementation as { readonly [method: string]: Handler } & Record<"configure" | "analyze" | "analyzeStack" | "remediate", Handler>;
  const [AnalyzeResponse, RemediateResponse] = [responseType(service, "analyze", "AnalyzeResponse"), responseType(service, "remediate", "RemediateResponse")];
  const answer = (handler: Handler): Handler => (call, callback) => handler(call, (error, response) => {
    if (response !== undefined && response !== null) strip(response as Partial<AnalyzeResponse>, hooks.skipped);
    callback(error, response);
  });
  let remediates = false;
  return {
    ...implementation,
    configure: (call, callback) => {
      const levels = hooks.configured(readConfiguration(call.request as ConfigureRequest));
      remediates = [...levels.values()].includes("remediate");
      writeLevels(call.request as ConfigureRequest, levels);
      return configure(call, callback);
    },
    analyze: (call, callback) => {
      const request = call.request as AnalyzeRequest;
      const type = request.getType?.();
      if (AnalyzeResponse !== undefined && type !== undefined && !hooks.concerns(type)) return callback(null, new AnalyzeResponse());
      const again = (error: unknown, response: unknown): void => {
        const properties = request.getProperties?.();
        if (isNone(error) || properties?.clearFieldsMap === undefined || hooks.undecodable === undefined) {
          callback(error, response);
          return;
        }
        const forget = hooks.undecodable(request.getUrn?.() ?? "", properties.toJavaScript());
        properties.clearFieldsMap();
        answer(analyze)(call, (...result) => {
          forget();
          callback(...result);
        });
      };
      return answer(analyze)(call, again);
    },
    // No policy here reads the resources of the stack, and one that cannot be decoded would end the preview.
    analyzeStack: (call, callback) => {
      const request = call.request as AnalyzeStackRequest;
      const resources = request.getResourcesList?.();
      if (resources !== undefined) hooks.stack?.(resources.map((resource) => ({ type: resource.getType(), urn: resource.getUrn() })));
      request.setResourcesList?.([]);
      return answer(analyzeStack)(call, callback);
    },
    remediate: (call, callback) => {
      const type = (call.request as AnalyzeRequest).getType?.();
      const idle = !remediates || (type !== undefined && !isReadType(type));
      if (RemediateResponse === undefined) return answer(remediate)(call, callback);
      // What cannot be decoded is left as it is; Analyze says so.
      return idle ? callback(null, new RemediateResponse()) : answer(remediate)(call, (error, response) => (isNone(error) ? callback(error, response) : callback(null, new RemediateResponse())));
    },
  };
}

/** The class that the SDK itself answers with: the pack may resolve another copy of @pulumi/pulumi. */
function responseType(service: Service, method: string, name: string): (new () => unknown) | undefined {
  const own = service[method]?.responseType;
  if (typeof own === "function") return own;
  return (require("@pulumi/pulumi/proto/analyzer_pb") as { readonly [name: string]: (new () => unknown) | undefined })[name];
}

function isNone(error: unknown): boolean {
  return error === undefined || error === null;
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

/** So that the SDK, too, goes by the levels that count: it remediates, and skips what is disabled. */
function writeLevels(request: ConfigureRequest, levels: ReadonlyMap<string, Level>): void {
  for (const [name, message] of request.getPolicyconfigMap().entries()) {
    const level = levels.get(name);
    if (level !== undefined) message.setEnforcementlevel?.(levelNumbers.indexOf(level));
  }
}
