import { basename } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import { PidsLimit } from "./pids-limit";
import { originOf } from "./plugin";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const registered: Registered[] = [];
const promised = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

beforeEach(async () => {
  registered.length = 0;
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, name, inputs: inputs as Registered["inputs"] });
      return { id: `${name}-id`, state: { name: `${name}-name`, ...inputs } as Record<string, unknown> };
    },
    call: () => ({}),
  });
});

async function register(settings: docker.ProviderArgs | undefined, more: { readonly limit?: number; readonly mustRun?: boolean } = {}): Promise<Registered["inputs"]> {
  const provider = settings === undefined ? undefined : new docker.Provider("far", settings);
  const container = new docker.Container("web", { image: "a", start: false, mustRun: false }, provider === undefined ? {} : { provider });
  const made = new PidsLimit("web", { container, limit: 64, ...more });
  await promised(made.urn);
  const found = registered.find(({ type }) => type.endsWith("PidsLimit"));
  if (found === undefined) throw new Error("no PidsLimit");
  expect([found.type, found.name]).toEqual(["pulumi-nodejs:dynamic/bulkhead:PidsLimit", "web"]);
  return found.inputs;
}

describe("the resource in a Node program", () => {
  test("names its container by URN, id and name, and carries a loader and no code", async () => {
    const { __provider: loader, ...inputs } = await register(undefined);
    expect(inputs).toEqual({ container: expect.stringMatching(/docker:index\/container:Container::web$/) as string, containerId: "web-id", containerName: "web-name", limit: 64, start: true, mustRun: true, daemon: {} });
    expect(basename(/resolve\("(.+?)"\)/.exec(loader as string)?.[1] ?? "")).toBe("providers.js");
    expect((loader as string).length).toBeLessThan(600);
  });

  test("a job is not run again", async () => {
    expect(await register(undefined, { mustRun: false })).toMatchObject({ start: true, mustRun: false });
  });

  test("takes the daemon from the container's provider, and hides what is secret", async () => {
    const secret = (value: string): object => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
    const { daemon } = await register({ host: "tcp://far:2376", caMaterial: "a", certMaterial: "b", keyMaterial: "c", sshOpts: ["-v"] });
    const shown = (daemon as { readonly value?: unknown }).value ?? daemon;
    expect(JSON.parse(JSON.stringify(shown).replaceAll(/\{"4dabf18193072939515e22adb298388d":"\w+","value":("\w")\}/g, "$1"))).toEqual({ host: "tcp://far:2376", caMaterial: "a", certMaterial: "b", keyMaterial: "c", sshOpts: ["-v"] });
    expect(JSON.stringify(daemon)).toContain(JSON.stringify(Object.keys(secret(""))[0]));
  });

  test("takes the daemon from the stack's configuration", async () => {
    pulumi.runtime.setAllConfig({ "docker:host": "unix:///run/a.sock", "docker:sshOpts": '["-v"]' });
    const { daemon } = await register(undefined);
    pulumi.runtime.setAllConfig({});
    expect(daemon).toEqual({ host: "unix:///run/a.sock", sshOpts: ["-v"] });
  });
});

test.each([
  ["/home/me/node_modules/@bulkhead/components/plugin", {}],
  ["/home/me/.pulumi/plugins/resource-bulkhead-v1.0.0", {}],
  ["/p/plugins/resource-github.com_example_my_app.git-v1.2.3", { version: "1.2.3", pluginDownloadURL: "git://github.com/example/my_app.git" }],
  ["/p/plugins/resource-github.com_example_app.git_packages_plugin-v0.0.0-xabc/packages/plugin", { version: "0.0.0-xabc", pluginDownloadURL: "git://github.com/example/app.git/packages/plugin" }],
])("a plugin in %s", (folder, options) => {
  expect(originOf(folder)).toEqual(options);
});
