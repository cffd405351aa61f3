import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "./argument-error";
import { anyText, input, integer, listOf, mapOf, object, oneOf, optional, text } from "./shape";
import { absolutePath, bytesOf, capability, coresOf, cpu, image, mebibytesOf, memory, port, size } from "./values";
import { annotationsOf, exemptionsOf, weakening } from "./weakening";

const refused = (reader: (value: unknown, path: string) => unknown, value: unknown): string => {
  try {
    reader(value, "web: args");
  } catch (error) {
    if (error instanceof ArgumentError) return error.message;
    throw error;
  }
  return "accepted";
};

describe("an object", () => {
  const args = object({ image: input(image), memory: input(memory), ports: optional(listOf(object({ port: input(port) }))), mode: optional(oneOf("a", "b")), environment: optional(mapOf(input(anyText))) });

  test("is read key by key, and null is as if it was not given", () => {
    expect(args({ image: "app:1", memory: "64Mi", ports: [{ port: 80 }], mode: null }, "web: args")).toEqual({ image: "app:1", memory: "64Mi", ports: [{ port: 80 }] });
  });

  test.each<readonly [unknown, string]>([
    [undefined, "web: args: expected an object, found nothing"],
    [[], "web: args: expected an object, found an empty list"],
    [{ image: "", memory: "64Mi" }, "web: args.image: expected an image reference such as registry.example.com/app:1.4.2@sha256:..., found an empty text"],
    [{ memory: "64Mi" }, "web: args.image: expected an image reference such as registry.example.com/app:1.4.2@sha256:..., found nothing"],
    [{ image: "a", memory: "64Mi", privileged: true }, 'web: args.privileged: expected one of image, memory, ports, mode, environment, found the unknown argument "privileged"'],
    [{ image: "a", memory: "64Mi", ports: { port: 80 } }, "web: args.ports: expected a list, found an object"],
    [{ image: "a", memory: "64Mi", ports: [{ port: 80 }, { port: 70_000 }] }, "web: args.ports[1].port: expected a whole number from 1 to 65535, found 70000"],
    [{ image: "a", memory: "64Mi", mode: "c" }, 'web: args.mode: expected one of a, b, found "c"'],
    [{ image: "a", memory: "64Mi", environment: { KEY: 7 } }, "web: args.environment.KEY: expected a text, found a value of type number"],
  ])("%j is refused", (value, message) => {
    expect(refused(args, value)).toBe(message);
  });

  test("what is not known yet is read once it is", async () => {
    const read = args({ image: pulumi.output("app:1"), memory: Promise.resolve("128Mi") }, "web: args");
    await expect(new Promise((resolve) => pulumi.output(read.image).apply(resolve))).resolves.toBe("app:1");
    await expect(new Promise((resolve) => pulumi.output(read.memory).apply(resolve))).resolves.toBe("128Mi");
  });
});

describe("values", () => {
  test.each<readonly [(value: unknown, path: string) => unknown, unknown, string]>([
    [size, "128", "an amount with its unit"], [size, "128m", "an amount with its unit"], [size, 128, "an amount with its unit"], [memory, "1Mi", "at least 6Mi"],
    [cpu, "1000Mi", "an amount of CPU"], [cpu, "0", "an amount of CPU"], [cpu, 1, "an amount of CPU"],
    [capability, "ALL", "a single capability"], [capability, "NET_BIND", "a capability of Linux"], [capability, "SYS_ADMIN", "isolated from the host"], [capability, "CAP_NET_ADMIN", "isolated from the host"],
    [absolutePath, "tmp", "an absolute path"], [absolutePath, "/", "below the root"], [absolutePath, "/a/../etc", "an absolute path"], [absolutePath, "/a:exec", "an absolute path"], [absolutePath, "/a,b", "an absolute path"],
    [image, " ", "an image reference"], [text, "  ", "some text"], [integer(1, 9), 1.5, "a whole number from 1 to 9"], [integer(1, 9), "1", "a whole number from 1 to 9"],
  ])("%o refuses %j", (reader, value, expected) => {
    expect(refused(reader, value)).toContain(expected);
  });

  test.each(["/tmp", "/tmp/", "//tmp", "/./tmp", "/tmp//", "/tmp/."])("the path %s is /tmp", (path) => {
    expect(absolutePath(path, "x")).toBe("/tmp");
  });

  test.each(["//", "/.", "/./"])("the path %s is the root", (path) => {
    expect(refused(absolutePath, path)).toContain("a path below the root");
  });

  test("amounts", () => {
    expect([bytesOf("1Ki"), bytesOf("1.5Gi"), bytesOf("500M"), mebibytesOf("128Mi"), mebibytesOf("500M")]).toEqual([1024, 1_610_612_736, 500_000_000, 128, 476]);
    expect([coresOf("500m"), coresOf("0.5"), coresOf("2")]).toEqual([0.5, 0.5, 2]);
    expect(capability("CAP_NET_BIND_SERVICE", "x")).toBe("NET_BIND_SERVICE");
  });

  test("a text that may be a secret is never shown", () => {
    expect(refused(mapOf(input(anyText)), { TOKEN: ["hunter2"] })).not.toContain("hunter2");
  });
});

describe("a weakening", () => {
  test.each<readonly [unknown, string]>([
    [{}, "web: args.reason: expected some text, found nothing"],
    [{ reason: "x", until: "y" }, 'web: args.until: expected one of reason, owner, expires, found the unknown argument "until"'],
    [{ reason: "a; owner=b" }, 'web: args.reason: expected a reason without a ";", found "a; owner=b"'],
    [{ reason: "x", expires: "2027-02-30" }, 'web: args.expires: expected a date such as 2027-03-31, found "2027-02-30"'],
    [true, "web: args: expected an object, found true"],
  ])("%j is refused", (value, message) => {
    expect(refused(weakening, value)).toBe(message);
  });

  test("is an exemption from each rule that its default satisfies, which the pack reads as it was meant", async () => {
    const { readTerms } = await import("@bulkhead/core");
    const exemptions = exemptionsOf(weakening({ reason: "binds\n port 80", expires: "2027-03-31" }, "x"), ["drop-all-capabilities"], "team-a");
    expect(exemptions).toEqual([{ rule: "drop-all-capabilities", reason: "binds port 80", owner: "team-a", expires: "2027-03-31" }]);
    const [key, value] = Object.entries(annotationsOf(exemptions))[0] ?? [];
    expect(key).toBe("exempt.bulkhead.dev/drop-all-capabilities");
    expect(readTerms(value ?? "")).toEqual({ terms: { reason: "binds port 80", owner: "team-a", expires: "2027-03-31" } });
  });

  test("of one container names it, as the pack reads it", async () => {
    const { readTerms } = await import("@bulkhead/core");
    const exemptions = exemptionsOf(weakening({ reason: "x", owner: "a" }, "x"), ["of-one", "of-all"], undefined);
    const found = annotationsOf(exemptions, (rule) => (rule === "of-one" ? "web" : undefined));
    expect(Object.values(found).map((value) => readTerms(value))).toEqual([{ terms: { reason: "x", owner: "a", expires: "never", containers: ["web"] } }, { terms: { reason: "x", owner: "a", expires: "never" } }]);
  });

  test("without a date it never ends", () => {
    expect(exemptionsOf(weakening({ reason: "x", owner: "a" }, "x"), ["r"], undefined)).toEqual([{ rule: "r", reason: "x", owner: "a", expires: "never" }]);
  });
});
