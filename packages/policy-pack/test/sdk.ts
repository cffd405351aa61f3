/** The SDK's own request handlers, called without a server, as the pack's hooks wrap them. */
import { createRequire } from "node:module";
import type { AnyRule } from "@bulkhead/core";
import { defineRule, exact } from "@bulkhead/core";
import type { Level } from "../src/configuration";
import type { Pack } from "../src/policies";
import { createPolicies } from "../src/policies";
import { hookSdk } from "../src/sdk";

const require = createRequire(import.meta.url);
const fromSdk = createRequire(require.resolve("@pulumi/policy"));

type Message = { readonly [method: string]: (...args: readonly unknown[]) => unknown };
type Callback = (error: unknown, response: Message) => void;
type Handler = (call: { readonly request: unknown }, callback: Callback) => unknown;
type Handlers = { readonly [method: string]: Handler };
type Maker = (name: string, version: string, level: string, policies: readonly unknown[]) => Handler;

const { Server } = fromSdk("@grpc/grpc-js") as { readonly Server: { readonly prototype: { addService: (service: unknown, implementation: Handlers) => void } } };
const { AnalyzerService } = fromSdk("@pulumi/pulumi/proto/analyzer_grpc_pb") as { readonly AnalyzerService: unknown };
const messages = fromSdk("@pulumi/pulumi/proto/analyzer_pb") as { readonly [name: string]: new () => Message };
const { Struct } = fromSdk("google-protobuf/google/protobuf/struct_pb.js") as { readonly Struct: { readonly fromJavaScript: (value: unknown) => Message } };
const sdk = require("@pulumi/policy/server") as { readonly makeAnalyzeRpcFun: Maker; readonly makeAnalyzeStackRpcFun: Maker; readonly makeRemediateRpcFun: Maker };

export const { unknownCheckingProxy } = require("@pulumi/policy/proxy") as { readonly unknownCheckingProxy: (value: object) => object };
export const { secretsPreservingProxy } = require("@pulumi/policy/secret") as { readonly secretsPreservingProxy: (value: object) => object };
export const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const signature = "4dabf18193072939515e22adb298388d";
export const secret = (value: unknown): object => ({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value });
/** An asset that the SDK refuses to decode. */
export const emptyAsset = { [signature]: "c44067f5952c0a294b673a41bacd8c17", text: "" };

export const containerType = "docker:index/container:Container";

const shape = { severity: "high", since: "0.1.0", challenge: "C2", frameworks: {}, why: "Because.", remediation: "Mend it.", examples: {} } as const;
export const refuses = defineRule({
  ...shape, id: "refuses", title: "It refuses", url: "https://acme.example/refuses", preset: "baseline", about: "container",
  reads: ({ privileged }) => ({ privileged: exact(privileged) }),
  check: ({ privileged }) => (privileged === true ? "not be privileged" : undefined),
  fix: ({ privileged }) => privileged.to(undefined),
});
export const advises = defineRule({
  ...shape, id: "advises", title: "It advises", preset: "restricted", about: "container",
  reads: ({ privileged }) => ({ privileged: exact(privileged) }),
  check: ({ privileged }) => (privileged === undefined ? "say whether it is privileged" : undefined),
});
export const strict = defineRule({
  ...shape, id: "strict-list", title: "It has a list", preset: "strict", about: "container",
  options: { names: { type: "strings", description: "Names.", example: ["a"] } },
  reads: ({ privileged }) => ({ privileged: exact(privileged) }),
  check: () => undefined,
});
export const throws = defineRule({
  ...shape, id: "throws", title: "It throws", preset: "baseline", about: "container",
  reads: ({ privileged }) => ({ privileged: exact(privileged) }),
  check: () => {
    throw new TypeError("quotes hunter2");
  },
});

export interface Verdict {
  readonly name: string;
  readonly message: string;
  /** pulumirpc.EnforcementLevel. */
  readonly level: number;
  readonly urn: string;
}
export interface Judged {
  readonly verdicts: readonly Verdict[];
  readonly notApplicable: readonly string[];
}
export interface Served {
  /** Returns the levels that the SDK goes by, by the names of the policies. */
  readonly configure: (levels: { readonly [name: string]: Level | { readonly level: Level; readonly [option: string]: unknown } }) => { readonly [name: string]: Level };
  readonly analyze: (properties: object, type?: string, name?: string, parent?: string) => Promise<Judged>;
  /** A resource that the operation leaves out and that was never made, as the engine sends it. */
  readonly leaveOut: (type?: string, name?: string) => Promise<Judged>;
  readonly analyzeStack: (properties?: object, others?: readonly { readonly type: string; readonly name: string }[]) => Promise<Judged>;
  /** What each remediation makes of the properties. */
  readonly remediate: (properties: object, type?: string, parent?: string) => Promise<readonly { readonly name: string; readonly properties: unknown }[]>;
}

const levelNumbers: readonly Level[] = ["advisory", "mandatory", "disabled", "remediate"];

/** @throws Error what the SDK answers in place of a response. */
export function serve(pack: Pack): Served {
  const { prototype } = Server;
  const real = prototype.addService;
  const own = pack.policies.map((policy): { name: string; enforcementLevel?: Level } => ({ ...policy }));
  const policies: Parameters<Maker> = ["pack", "0.0.1", "advisory", own];
  let handlers: Handlers = {};
  const implementation: Handlers = {
    analyze: sdk.makeAnalyzeRpcFun(...policies), analyzeStack: sdk.makeAnalyzeStackRpcFun(...policies), remediate: sdk.makeRemediateRpcFun(...policies),
    // The SDK keeps what it was configured with to itself; a level that is configured goes before the policy's own.
    configure: ({ request }) => {
      for (const [name, config] of configured(request as Message)) {
        const policy = own.find((candidate) => candidate.name === name);
        if (policy !== undefined) policy.enforcementLevel = levelNumbers[Number(config["getEnforcementlevel"]?.())] ?? "advisory";
      }
    },
  };
  prototype.addService = (_service, wrapped) => void (handlers = wrapped);
  const hooked = hookSdk({ ...pack, skipped: pack.standIns });
  prototype.addService(AnalyzerService, implementation);
  prototype.addService = real;
  if (!hooked) throw new Error("the SDK was not hooked");
  const send = (method: string, request: Message): Promise<Message> => new Promise((resolve, reject) => handlers[method]?.({ request }, (error, response) => (error === undefined || error === null ? resolve(response) : reject(error))));
  const call = async (method: string, request: Message): Promise<Judged> => read(await send(method, request));
  return {
    configure: (levels) => {
      const request = make("ConfigureAnalyzerRequest");
      const map = request["getPolicyconfigMap"]?.() as { readonly set: (name: string, value: Message) => void };
      for (const [name, given] of Object.entries(levels)) {
        const { level, ...options } = typeof given === "string" ? { level: given } : given;
        const config = make("PolicyConfig");
        config["setEnforcementlevel"]?.(levelNumbers.indexOf(level));
        config["setProperties"]?.(Struct.fromJavaScript(options));
        map.set(name, config);
      }
      handlers["configure"]?.({ request }, () => undefined);
      return Object.fromEntries(own.filter(({ name }) => name in levels).map(({ name, enforcementLevel = "advisory" }) => [name, enforcementLevel]));
    },
    analyze: (properties, type = containerType, name = "web", parent = "") => call("analyze", resource("AnalyzeRequest", type, properties, name, parent)),
    leaveOut: (type = containerType, name = "web") => {
      const request = resource("AnalyzeRequest", type, {}, name);
      const provider = make("AnalyzerProviderResource");
      provider["setProperties"]?.(Struct.fromJavaScript({}));
      request["setProvider"]?.(provider);
      return call("analyze", request);
    },
    analyzeStack: (properties = {}, others = []) => {
      const request = make("AnalyzeStackRequest");
      const listed = others.map(({ type, name }) => resource("AnalyzerResource", type, {}, name));
      request["setResourcesList"]?.(listed.length > 0 ? listed : [resource("AnalyzerResource", containerType, properties)]);
      return call("analyzeStack", request);
    },
    remediate: async (properties, type = containerType, parent = "") => {
      const response = await send("remediate", resource("AnalyzeRequest", type, properties, "web", parent));
      const list = (response["getRemediationsList"]?.() ?? []) as readonly Message[];
      return list.map((remediation) => ({ name: String(remediation["getPolicyname"]?.()), properties: (remediation["getProperties"]?.() as { readonly toJavaScript: () => unknown } | undefined)?.toJavaScript() }));
    },
  };
}

export function serveRules(...catalogue: AnyRule[]): Served {
  return serve(createPolicies(catalogue));
}

function configured(request: Message): Iterable<readonly [string, Message]> {
  const map = request["getPolicyconfigMap"]?.() as { readonly entries: () => Iterable<readonly [string, Message]> } | undefined;
  return map?.entries() ?? [];
}

function make(name: string): Message {
  const type = messages[name];
  if (type === undefined) throw new Error(`the SDK has no message ${name}`);
  return new type();
}

function resource(message: string, type: string, properties: object, name = "web", parent = ""): Message {
  const request = make(message);
  request["setType"]?.(type);
  request["setName"]?.(name);
  request["setUrn"]?.(`urn:pulumi:dev::test::${type}::${name}`);
  request["setProperties"]?.(Struct.fromJavaScript(properties));
  const options = make("AnalyzerResourceOptions");
  options["setParent"]?.(parent);
  request["setOptions"]?.(options);
  return request;
}

function read(response: Message): Judged {
  const list = (method: string): readonly Message[] => (response[method]?.() ?? []) as readonly Message[];
  return {
    verdicts: list("getDiagnosticsList").map((diagnostic) => ({ name: String(diagnostic["getPolicyname"]?.()), message: String(diagnostic["getMessage"]?.()), level: Number(diagnostic["getEnforcementlevel"]?.()), urn: String(diagnostic["getUrn"]?.() ?? "") })),
    notApplicable: list("getNotApplicableList").map((entry) => String(entry["getPolicyName"]?.())),
  };
}
