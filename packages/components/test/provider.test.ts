import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { getPulumiComponents } from "@pulumi/pulumi/provider/experimental";
import { beforeAll, describe, expect, test } from "vitest";
import * as components from "../dist/index.js";
import { ComponentProvider } from "../dist/provider.js";

const folder = join(import.meta.dirname, "../plugin");
const provider = new ComponentProvider(folder);

interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly plain?: boolean;
  readonly description?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
}
interface Definition {
  readonly description?: string;
  readonly properties: { readonly [name: string]: Property };
  readonly inputProperties?: { readonly [name: string]: Property };
  readonly requiredInputs?: readonly string[];
}
interface Schema {
  readonly version: string;
  readonly resources: { readonly [type: string]: Definition };
  readonly types: { readonly [type: string]: Definition };
}

describe("the schema", () => {
  let schema: Schema;
  let all: readonly (readonly [string, Definition])[];
  beforeAll(async () => {
    schema = JSON.parse(await provider.getSchema()) as Schema;
    all = [...Object.entries(schema.resources), ...Object.entries(schema.types)];
  });
  const members = ([type, { properties, inputProperties = {} }]: readonly [string, Definition]): readonly (readonly [string, Property])[] => Object.entries({ ...inputProperties, ...properties }).map(([name, property]) => [`${type}.${name}`, property]);

  test("has every component that is exported, and the package's version", () => {
    const names = getPulumiComponents(components).map(({ name }) => `bulkhead:index:${name}`);
    expect(Object.keys(schema.resources)).toEqual(names.sort());
    const manifest = JSON.parse(readFileSync(join(folder, "../package.json"), "utf8")) as { readonly version: string };
    const plugin = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly name: string; readonly version: string };
    expect([schema.version, provider.version, plugin.version]).toEqual([manifest.version, manifest.version, manifest.version]);
    expect(plugin.name).toBe("bulkhead");
  });

  test("describes everything", () => {
    expect(all.filter(([, { description }]) => description === undefined).map(([type]) => type)).toEqual([]);
    expect(all.flatMap(members).filter(([, { description }]) => description === undefined).map(([name]) => name)).toEqual([]);
  });

  test("says of everything what it is: nothing of any type, no fraction, no type that is not there", () => {
    const kinds = (property: Property): readonly string[] => [property.$ref ?? property.type ?? "nothing", ...[property.items, property.additionalProperties].flatMap((inner) => (inner === undefined ? [] : kinds(inner)))];
    const found = new Set(all.flatMap(members).flatMap(([, property]) => kinds(property)));
    const known = new Set(["string", "integer", "boolean", "array", "object", ...Object.keys(schema.types).map((type) => `#/types/${type}`)]);
    expect([...found].filter((kind) => !known.has(kind))).toEqual([]);
  });

  test("has no argument for what is never weakened", () => {
    const names = all.flatMap(members).map(([name]) => name.split(".")[1] ?? "");
    expect(names.filter((name) => /^(privileged|pidMode|ipcMode|networkMode|hostNetwork|hostPID|hostIPC|hostPath|devices|securityOpts|securityContext|userNsMode|usernsMode)$/.test(name))).toEqual([]);
  });

  test("optional and plain as the classes have it", () => {
    const { inputProperties = {}, requiredInputs, properties } = schema.resources["bulkhead:index:HardenedContainer"] ?? { properties: {} };
    expect(requiredInputs).toEqual(["image", "memory"]);
    const { image, memory, pidsLimit, user, networks, labels, scratch } = inputProperties;
    expect([image, memory, pidsLimit, user, networks, labels, scratch].map((property) => property?.plain ?? false)).toEqual([false, false, false, true, true, true, true]);
    expect([networks?.items?.plain, labels?.additionalProperties?.plain, scratch?.items?.$ref]).toEqual([undefined, undefined, "#/types/bulkhead:index:Scratch"]);
    expect(Object.keys(properties)).toEqual(["containerId", "containerName"]);
  });
});

describe("construct", () => {
  beforeAll(async () => {
    await pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: { name, ...(inputs as object) } }), call: () => ({}) }, "shop", "test");
  });
  const least = { image: "registry.example.com/app:1", memory: "64Mi" };
  const known = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

  test("gives the outputs that the schema names", async () => {
    const { urn, state } = await provider.construct("web", "bulkhead:index:HardenedContainer", least, {});
    expect(await known(pulumi.output(urn))).toMatch(/bulkhead:index:HardenedContainer::web$/);
    expect(await known(pulumi.output(state))).toEqual({ containerId: "web-id", containerName: "web" });
  });

  test.each([
    ["an argument that does not exist", { ...least, privileged: true }, /^web: args\.privileged: expected one of image, .*, found the unknown argument "privileged"$/],
    ["memory without a unit", { ...least, memory: 64 }, /^web: args\.memory: expected an amount with its unit, such as 128Mi or 1Gi, found 64$/],
    ["a weakening without its reason", { ...least, runAsRoot: {} }, /^web: args\.runAsRoot\.reason: expected some text, found nothing$/],
  ])("%s is the resource's own error, without a value of its own beside it", async (_, inputs, message) => {
    const error: unknown = await provider.construct("web", "bulkhead:index:HardenedContainer", inputs, {}).catch((reason: unknown) => reason);
    expect(pulumi.InputPropertiesError.isInstance(error)).toBe(true);
    expect((error as pulumi.InputPropertiesError).message).toMatch(message);
    expect((error as pulumi.InputPropertiesError).errors).toEqual([]);
  });

  test("a type that is not there", async () => {
    await expect(provider.construct("web", "bulkhead:index:Container", least, {})).rejects.toThrow("unknown resource type bulkhead:index:Container; expected one of bulkhead:index:HardenedContainer, ");
  });
});
