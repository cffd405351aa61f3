import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StackChange } from "../src";
import { HardenedContainer } from "../src";
import { limitProcesses } from "../src/harden-stack/processes";
import type { Settings } from "../src/harden-stack/options";
import { register } from "./support";

const image = "registry.example.com/app:1.2.3";
const limitType = "pulumi-nodejs:dynamic/bulkhead:PidsLimit";
let transform: pulumi.ResourceTransformation | undefined;
const changes: StackChange[] = [];

beforeEach(() => {
  changes.length = 0;
  vi.spyOn(pulumi.runtime, "getStackResource").mockReturnValue({} as ReturnType<typeof pulumi.runtime.getStackResource>);
  vi.spyOn(pulumi.runtime, "registerStackTransformation").mockImplementation((given) => void (transform = given));
});
afterEach(() => vi.restoreAllMocks());

/** What a program registers, every resource seen by the transformation. */
async function made(args: docker.ContainerArgs, settings: Settings = {}): Promise<readonly (readonly [string, string, unknown, unknown])[]> {
  limitProcesses(64, settings, (_, entries) => changes.push(...entries));
  const transformations = transform === undefined ? [] : [transform];
  const resources = await register(() => void new docker.Container("web", args, { transformations }));
  return resources.map(({ type, name, inputs }) => [type, name, inputs["start"], inputs["mustRun"]]);
}

const container = "docker:index/container:Container";
const limited = [[container, "web", false, false], [limitType, "web", true, true]];
const label = (value: string): docker.ContainerArgs => ({ image, labels: [{ label: "exempt.bulkhead.dev/require-pids-limit", value }] });

describe("a container that this program makes", () => {
  test("is started by its pids limit", async () => {
    expect(await made({ image })).toEqual(limited);
    expect(changes).toEqual([{ resource: `${container} web`, outcome: "changed", path: "start", rules: ["require-pids-limit"], what: "made without being started, and started by a PidsLimit of 64" }]);
  });

  test("is limited once its resource is there, and for its container", async () => {
    limitProcesses(64, {}, () => undefined);
    const resources = await register(() => void new docker.Container("web", { image }, transform === undefined ? {} : { transformations: [transform] }));
    expect(resources.find(({ type }) => type === limitType)?.inputs).toMatchObject({ containerName: "web", limit: 64, container: `urn:pulumi:test::shop::${container}::web` });
  });

  test("that may have ended is not started a second time", async () => {
    expect(await made({ image, mustRun: false })).toEqual([[container, "web", false, false], [limitType, "web", true, false]]);
  });

  test.each<readonly [string, docker.ContainerArgs]>([
    ["is not started", { image, start: false }],
    ["is started by an output", { image, start: pulumi.output(true) }],
    ["ends by itself", { image, attach: true }],
    ["is removed when it ends", { image, rm: true }],
    ["is waited for", { image, wait: true }],
    ["must run, as an output", { image, mustRun: pulumi.output(true) }],
  ])("that %s is left as it is", async (_, args) => {
    const resources = await made(args);
    expect(resources.map(([type]) => type)).toEqual([container]);
    expect(resources[0]?.[3]).not.toBe(false);
    expect(changes).toEqual([]);
  });

  test("that is exempted is left as it is", async () => {
    expect((await made(label("owner=a; expires=never; reason=x"))).map(([type]) => type)).toEqual([container]);
    expect((await made({ image }, { exempt: [{ name: "w*", rules: ["require-pids-limit"], reason: "x" }] })).map(([type]) => type)).toEqual([container]);
    expect(await made(label("owner=a; expires=2001-01-01; reason=x"))).toEqual(limited);
  });
});

test("a hardened container's own is left to it", async () => {
  limitProcesses(64, {}, (_, entries) => changes.push(...entries));
  const resources = await register(() => void new HardenedContainer("web", { image, memory: "64Mi" }, transform === undefined ? {} : { transformations: [transform] }));
  expect(resources.filter(({ type }) => type === limitType).map(({ name, inputs }) => [name, inputs["limit"]])).toEqual([["web", 128]]);
  expect(changes).toEqual([]);
});
