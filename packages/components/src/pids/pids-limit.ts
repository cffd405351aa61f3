import { join, relative, sep } from "node:path";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { DaemonSettings } from "./daemon";

export interface PidsLimitArgs {
  /** A container that is not started by its own resource: `start: false, mustRun: false`. */
  readonly container: docker.Container;
  /** How many processes the container may have, threads among them. */
  readonly limit: pulumi.Input<number>;
  /** Start the container once it is limited; default true. */
  readonly start?: pulumi.Input<boolean>;
  /** Start the container again when a refresh finds it stopped; default true. False for a job, which ends by itself. */
  readonly mustRun?: pulumi.Input<boolean>;
}

/** The pids limit of one container as a resource: sets it through the Engine API, then starts the container. */
export class PidsLimit extends pulumi.CustomResource {
  declare readonly containerId: pulumi.Output<string>;
  declare readonly limit: pulumi.Output<number>;

  constructor(name: string, { container, limit, start = true, mustRun = true }: PidsLimitArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { type, inputs, options } = shell;
    const properties = { container: container.urn, containerId: container.id, containerName: container.name, limit, start, mustRun, daemon: daemonOf(container) };
    super(type, name, { ...properties, ...inputs }, pulumi.mergeOptions({ deletedWith: container, ...options }, opts));
  }
}

export interface Shell {
  readonly type: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly options: pulumi.CustomResourceOptions;
}

/** In a Node program: a dynamic resource, which needs no plugin of ours to be installed. Its code is a file of this package. */
const dynamicShell: Shell = { type: "pulumi-nodejs:dynamic/bulkhead:PidsLimit", inputs: { __provider: providerText() }, options: {} };

let shell = dynamicShell;

/** The plugin says that it serves the resource itself. */
export function setShell(other: Shell): void {
  shell = other;
}

/** Pulumi's plugin for dynamic resources runs this text in the program's folder. */
function providerText(): string {
  const file = relative(process.cwd(), join(__dirname, "providers.js")).split(sep).join("/");
  return `exports.handler = () => {
  const { dirname, join, resolve } = require("node:path");
  const load = (file) => require(file).pidsLimitProvider;
  try {
    return load(resolve(${JSON.stringify(file)}));
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  return load(join(dirname(require.resolve("@bulkhead/components/package.json")), "dist/pids/providers.js"));
};
`;
}

const plain = ["host", "context", "certPath"] as const;
const material = ["caMaterial", "certMaterial", "keyMaterial"] as const;

type Settings = { [name in keyof DaemonSettings]: pulumi.Input<DaemonSettings[name]> };

/** The settings of the provider that makes the container: an explicit one's, or those of the stack's configuration. */
function daemonOf(container: docker.Container): pulumi.Output<Settings> {
  const provider = container.getProvider("docker:index/container:Container");
  const config = new pulumi.Config("docker");
  if (provider === undefined) return pulumi.output(settingsOf((key) => config.get(key), (key) => config.getSecret(key), config.getObject("sshOpts")));
  // Of a provider that came from another language there is nothing but the reference; the engine knows its settings.
  const found = pulumi.runtime.invokeOutput<{ readonly state: Readonly<Record<string, unknown>> }>("pulumi:pulumi:getResource", { urn: provider.urn });
  return found.apply(({ state }) => settingsOf((key) => state[key], (key) => secret(state[key]), parsed(state["sshOpts"])));
}

function settingsOf(value: (key: string) => unknown, hidden: (key: string) => unknown, sshOpts: unknown): Settings {
  const settings = [...plain.map((key) => [key, value(key)]), ...material.map((key) => [key, hidden(key)]), ["sshOpts", sshOpts]] as const;
  return Object.fromEntries(settings.filter(([, given]) => given !== undefined && given !== "")) as Settings;
}

function secret(value: unknown): unknown {
  return value === undefined ? undefined : pulumi.secret(value);
}

/** A provider's settings that are no texts are kept as JSON. */
function parsed(value: unknown): unknown {
  return typeof value === "string" && value !== "" ? JSON.parse(value) : value;
}
