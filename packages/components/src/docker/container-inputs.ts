import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../arguments/shape";
import { bytesOf, coresOf, mebibytesOf } from "../arguments/values";
import type { Exemption, ReadWeakening } from "../arguments/weakening";
import { exemptionsOf, joinExemptions } from "../arguments/weakening";
import { inputsFor, merge } from "../posture/compose";
import { rulesAgainstCapabilities } from "../posture/capabilities";
import { dockerWeakenings } from "../posture/docker-weakenings";
import type { Hardening } from "../posture/hardenings";
import { defaultCpu, defaultScratchSize, defaultUser, hardenings } from "../posture/hardenings";
import type { ContainerSettings } from "./container-args";
import { isEverywhere, isLow } from "./container-args";
import type { CpuInputs } from "./cpu";
import { cpuInputs } from "./cpu";

/** The inputs of the `docker.Container` that a component makes, but for its networks. `chosen` is for proving that each hardening counts. */
export function containerInputs(settings: ContainerSettings, chosen: readonly Hardening[] = hardenings): docker.ContainerArgs {
  const has = (id: Hardening["id"]): boolean => chosen.some((hardening) => hardening.id === id);
  const { command, entrypoint, environment, workingDirectory, healthcheck, labels, stopTimeout = 10 } = settings;
  const memory = whenKnown(settings.memory, mebibytesOf);
  const { networkMode: _, ...posture } = inputsFor("docker", chosen);
  const inputs = merge(posture, {
    image: settings.image,
    // Started once its pids limit is set, by what sets it.
    start: false, mustRun: false,
    ...(has("memory-limit") ? { memory, memorySwap: memory } : {}),
    ...(has("cpu-limit") ? cpuLimit(settings.cpu ?? defaultCpu) : {}),
    command, entrypoints: entrypoint, workingDir: workingDirectory,
    envs: environment === undefined ? undefined : Object.entries(environment).map(([name, value]) => whenKnown(value, (known) => `${name}=${known}`)),
    labels: labels === undefined ? undefined : Object.entries(labels).map(([label, value]) => ({ label, value })),
    healthcheck: healthcheck === undefined ? undefined : healthcheckInputs(healthcheck),
    stopTimeout, destroyGraceSeconds: stopTimeout,
    tmpfs: scratchInputs(settings), mounts: volumeInputs(settings), ports: portInputs(settings),
    ...weakened(settings, has),
  });
  return inputs as unknown as docker.ContainerArgs;
}

/** What is not satisfied, by rule; the pack reads it from the component's own inputs, as a changed label would replace the container. */
export function containerExemptions(settings: ContainerSettings): readonly Exemption[] {
  const { owner, publish = [], scratch = [] } = settings;
  const given: (readonly [ReadWeakening | undefined, readonly string[]])[] = [
    [settings.capabilities, rulesAgainstCapabilities(settings.capabilities?.add ?? [])],
    [settings.writableRootFilesystem, dockerWeakenings.writableRootFilesystem.rules],
    [settings.runAsRoot, dockerWeakenings.runAsRoot.rules],
    // One that publishes a port is no back end, and may be on a network that leads outside.
    [publish.length > 0 ? undefined : settings.internet, dockerWeakenings.internet.rules],
    [publish.length > 0 ? undefined : settings.leadingNetworks, dockerWeakenings.leadingNetworks.rules],
    [settings.restartAlways, dockerWeakenings.restartAlways.rules],
    ...scratch.map(({ executable }) => [executable, dockerWeakenings.executableScratch.rules] as const),
    ...publish.flatMap(({ interface: ip, hostPort, ...terms }) => {
      const { reason } = terms;
      if (reason === undefined) return [];
      const rules = [...(isEverywhere(ip) ? dockerWeakenings.publishEverywhere.rules : []), ...(isLow(hostPort) ? dockerWeakenings.publishLow.rules : [])];
      return [[{ ...terms, reason }, rules] as const];
    }),
  ];
  return joinExemptions(given.flatMap(([weakening, rules]) => (weakening === undefined ? [] : exemptionsOf(weakening, rules, owner))));
}

/** Plain where the amount is. */
function cpuLimit(amount: pulumi.Input<string>): { readonly [key in keyof CpuInputs]: pulumi.Input<CpuInputs[key]> } {
  if (typeof amount === "string") return cpuInputs(coresOf(amount));
  const later = pulumi.output(amount).apply((known) => cpuInputs(coresOf(known)));
  return { cpus: later.apply(({ cpus }) => cpus), cpuPeriod: later.apply(({ cpuPeriod }) => cpuPeriod), cpuQuota: later.apply(({ cpuQuota }) => cpuQuota) };
}

function weakened({ user = defaultUser, group = user, runAsRoot, capabilities, writableRootFilesystem, restart, restartAlways }: ContainerSettings, has: (id: Hardening["id"]) => boolean): { readonly [key: string]: unknown } {
  return {
    ...(runAsRoot !== undefined ? { user: "0:0" } : has("non-root-user") ? { user: `${user}:${group}` } : {}),
    // With the prefix, as the daemon gives them back: another text would replace the container with every update.
    ...(capabilities === undefined ? {} : { capabilities: { adds: capabilities.add.map((name) => `CAP_${name}`) } }),
    ...(writableRootFilesystem === undefined ? {} : { readOnly: false }),
    // Null takes the maximum back, which Docker refuses beside any other policy.
    ...(restart === "no" ? { restart: "no", maxRetryCount: null } : {}),
    ...(restartAlways === undefined ? {} : { restart: "unless-stopped", maxRetryCount: null }),
  };
}

function scratchInputs({ scratch, user = defaultUser, group = user, runAsRoot }: ContainerSettings): { readonly [path: string]: string } | undefined {
  const owner = runAsRoot === undefined ? `uid=${user},gid=${group},mode=0700` : "mode=0700";
  return scratch === undefined || scratch.length === 0 ? undefined : Object.fromEntries(scratch.map(({ path, size = defaultScratchSize, executable }) => [path, `rw,${executable === undefined ? "noexec" : "exec"},nosuid,nodev,size=${bytesOf(size)},${owner}`]));
}

export function volumeInputs({ volumes }: Pick<ContainerSettings, "volumes">): { type: string; source: pulumi.Input<string>; target: string; readOnly: boolean }[] | undefined {
  return volumes?.map(({ volume, path, readOnly = false }) => ({ type: "volume", source: volume, target: path, readOnly }));
}

function portInputs({ publish }: ContainerSettings): readonly object[] | undefined {
  return publish?.map(({ port, hostPort, protocol = "tcp", interface: ip = "127.0.0.1" }) => ({ internal: port, ...(hostPort === undefined ? {} : { external: hostPort }), protocol, ip }));
}

export function healthcheckInputs({ command, interval = "30s", timeout = "5s", retries = 3, startPeriod = "0s" }: NonNullable<ContainerSettings["healthcheck"]>): { tests: string[]; interval: string; timeout: string; retries: number; startPeriod: string } {
  return { tests: ["CMD", ...command], interval, timeout, retries, startPeriod };
}
