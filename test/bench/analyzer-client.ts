/** Starts a policy pack as the engine's language host does, and calls it over gRPC. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

export interface Diagnostic {
  readonly policyName: string;
  readonly message: string;
  /** pulumirpc.EnforcementLevel: 0 advisory, 1 mandatory, 2 disabled, 3 remediate. */
  readonly level: number;
}

export interface Response {
  readonly diagnostics: readonly Diagnostic[];
  /** Names of the policies that the pack says do not apply. */
  readonly notApplicable: readonly string[];
}

export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly properties: { readonly [key: string]: unknown };
}

/** What a policy pack serves; levels are advisory 0, mandatory 1, disabled 2. */
export interface PackProcess {
  /** Milliseconds from start to the port on standard output. */
  readonly startMilliseconds: number;
  readonly policies: () => Promise<readonly { readonly name: string; readonly level: number }[]>;
  /** What the engine says about the stack before anything else. */
  readonly configureStack: (stack: { readonly project: string; readonly stack: string; readonly dryRun: boolean; readonly tags?: { readonly [name: string]: string } }) => Promise<void>;
  readonly configure: (policies: { readonly [name: string]: { readonly level: number; readonly properties?: { readonly [key: string]: unknown } } }) => Promise<void>;
  readonly analyze: (resource: Resource) => Promise<Response>;
  readonly analyzeStack: (resources: readonly Resource[]) => Promise<Response>;
  /** Milliseconds of processor time that the pack has used since its start. Only of one that was started with a meter. */
  readonly processor: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** Answers with the processor time of the process that it is loaded into, each time that it is asked. */
const meter = `data:text/javascript,${encodeURIComponent('process.on("message", () => process.send(process.cpuUsage()));')}`;

/** A protobuf message of the SDK's generated code, which has no types: a class of getters and setters by name. */
type Message = { readonly [method: string]: (...args: readonly unknown[]) => unknown };
type MessageClass = new () => Message;
type Method = (request: Message, callback: (error: Error | null, response: Message) => void) => void;

/** @throws Error when the pack ends, or prints something else, before its port. */
export async function startPack(folder: string, { metered = false }: { readonly metered?: boolean } = {}): Promise<PackProcess> {
  const require = createRequire(join(folder, "package.json"));
  const sdk = createRequire(require.resolve("@pulumi/pulumi"));
  const start = performance.now();
  const child = spawn(process.execPath, [...(metered ? ["--import", meter] : []), require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:1", folder], { cwd: folder, stdio: ["ignore", "pipe", "pipe", ...(metered ? (["ipc"] as const) : [])] });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the pack has no output");
  const port = await new Promise<number>((resolve, reject) => {
    let output = "";
    let errors = "";
    stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("\n")) resolve(Number(output.split("\n")[0]));
    });
    child.on("exit", (code) => reject(new Error(`the pack ended with ${code} before its port: ${errors}`)));
  });
  const startMilliseconds = performance.now() - start;
  const grpc = sdk("@grpc/grpc-js") as { readonly credentials: { readonly createInsecure: () => unknown } };
  const messages = sdk("./proto/analyzer_pb.js") as { readonly [name: string]: MessageClass };
  const { AnalyzerClient } = sdk("./proto/analyzer_grpc_pb.js") as { readonly AnalyzerClient: new (address: string, credentials: unknown) => { readonly [method: string]: Method } & { readonly close: () => void } };
  const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js") as { readonly Empty: MessageClass };
  const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb.js") as { readonly Struct: { readonly fromJavaScript: (value: unknown) => unknown } };
  const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const make = (name: string): Message => {
    const type = messages[name];
    if (type === undefined) throw new Error(`the SDK has no message ${name}`);
    return new type();
  };
  const call = (method: string, request: Message): Promise<Message> => new Promise((resolve, reject) => client[method]?.call(client, request, (error, response) => (error === null ? resolve(response) : reject(error))));
  const fill = (request: Message, { type, name, properties }: Resource): Message => {
    request["setType"]?.(type);
    request["setName"]?.(name);
    request["setUrn"]?.(`urn:pulumi:dev::bench::${type}::${name}`);
    request["setProperties"]?.(Struct.fromJavaScript(properties));
    request["setOptions"]?.(make("AnalyzerResourceOptions"));
    return request;
  };
  return {
    startMilliseconds,
    policies: async () => {
      const info = await call("getAnalyzerInfo", new Empty());
      const list = (info["getPoliciesList"]?.() ?? []) as readonly Message[];
      return list.map((policy) => ({ name: String(policy["getName"]?.()), level: Number(policy["getEnforcementlevel"]?.()) }));
    },
    configureStack: async ({ project, stack, dryRun, tags = {} }) => {
      const request = make("AnalyzerStackConfigureRequest");
      request["setProject"]?.(project);
      request["setStack"]?.(stack);
      request["setDryRun"]?.(dryRun);
      const map = request["getTagsMap"]?.() as { readonly set: (name: string, value: string) => void };
      for (const [name, value] of Object.entries(tags)) map.set(name, value);
      await call("configureStack", request);
    },
    configure: async (policies) => {
      const request = make("ConfigureAnalyzerRequest");
      const map = request["getPolicyconfigMap"]?.() as { readonly set: (name: string, value: Message) => void };
      for (const [name, { level, properties }] of Object.entries(policies)) {
        const config = make("PolicyConfig");
        config["setEnforcementlevel"]?.(level);
        config["setProperties"]?.(Struct.fromJavaScript(properties ?? {}));
        map.set(name, config);
      }
      await call("configure", request);
    },
    analyze: async (resource) => readResponse(await call("analyze", fill(make("AnalyzeRequest"), resource))),
    analyzeStack: async (resources) => {
      const request = make("AnalyzeStackRequest");
      request["setResourcesList"]?.(resources.map((resource) => fill(make("AnalyzerResource"), resource)));
      return readResponse(await call("analyzeStack", request));
    },
    processor: () => new Promise((resolve, reject) => {
      if (!metered) throw new Error("the pack was started without a meter");
      child.once("message", (message) => {
        const { user, system } = message as NodeJS.CpuUsage;
        resolve((user + system) / 1000);
      });
      child.send("processor", (error) => (error === null ? undefined : reject(error)));
    }),
    stop: () => new Promise((resolve) => {
      client.close();
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.on("exit", () => resolve());
      child.kill("SIGKILL");
    }),
  };
}

function readResponse(response: Message): Response {
  const list = (method: string): readonly Message[] => (response[method]?.() ?? []) as readonly Message[];
  return {
    diagnostics: list("getDiagnosticsList").map((diagnostic) => ({
      policyName: String(diagnostic["getPolicyname"]?.()), message: String(diagnostic["getMessage"]?.()), level: Number(diagnostic["getEnforcementlevel"]?.()),
    })),
    notApplicable: list("getNotApplicableList").map((entry) => String(entry["getPolicyName"]?.())),
  };
}
