import { createRequire } from "node:module";
import { afterEach, describe, expect, test } from "vitest";
import { hookSdk } from "./sdk";

const { Server } = createRequire(createRequire(import.meta.url).resolve("@pulumi/policy"))("@grpc/grpc-js") as { readonly Server: { readonly prototype: { addService: unknown } } };
const { prototype } = Server;
const { addService } = prototype;
const hooks = { configured: () => new Map(), concerns: () => true, skipped: new Set<string>() };
afterEach(() => {
  prototype.addService = addService;
});

describe("an SDK that is not built as expected", () => {
  test("is not hooked, and that is told", () => {
    prototype.addService = undefined;
    expect(hookSdk(hooks)).toBe(false);
    expect(prototype.addService).toBeUndefined();
  });

  test("serves a service that is no analyzer as it is, and the hook is gone", () => {
    const served: unknown[] = [];
    const original = (_service: unknown, implementation: unknown): void => void served.push(implementation);
    prototype.addService = original;
    expect(hookSdk(hooks)).toBe(true);
    const implementation = { analyze: () => undefined };
    (prototype.addService as typeof original)({}, implementation);
    expect(prototype.addService).toBe(original);
    expect(served[0]).toBe(implementation);
  });
});

describe("an answer that is given at once", () => {
  test("is of the SDK's own class: a pack may resolve another copy of @pulumi/pulumi, which gRPC would refuse", () => {
    class AnalyzeResponse {}
    class RemediateResponse {}
    const served: { readonly [method: string]: (call: object, callback: (error: unknown, response: unknown) => void) => void }[] = [];
    prototype.addService = (_service: unknown, implementation: (typeof served)[number]): void => void served.push(implementation);
    hookSdk({ ...hooks, concerns: () => false });
    const never = (): never => {
      throw new Error("not asked");
    };
    (prototype.addService as (service: object, implementation: object) => void)({ analyze: { responseType: AnalyzeResponse }, remediate: { responseType: RemediateResponse } }, { configure: never, analyze: never, analyzeStack: never, remediate: never });
    const answers: unknown[] = [];
    for (const method of ["analyze", "remediate"]) served[0]?.[method]?.({ request: { getType: () => "aws:s3/bucket:Bucket" } }, (_error, response) => answers.push(response));
    expect(answers).toEqual([expect.any(AnalyzeResponse), expect.any(RemediateResponse)]);
  });
});
