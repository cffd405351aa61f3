import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../arguments/shape";
import { bytesOf, coresOf } from "../arguments/values";
import type { Exemption, ReadWeakening } from "../arguments/weakening";
import { exemptionsOf, joinExemptions } from "../arguments/weakening";
import { rulesAgainstCapabilities } from "../posture/capabilities";
import { dockerWeakenings } from "../posture/docker-weakenings";
import { defaultCpu, defaultScratchSize, defaultUser } from "../posture/hardenings";
import { healthcheckInputs, volumeInputs } from "./container-inputs";
import type { HardenedServiceArgs, ServiceSettings } from "./service-args";
import { readServiceArgs } from "./service-args";

/** A tmpfs of a service belongs to root. Without the sticky bit, which the provider does not read back: every refresh would find a change. */
const anyoneWrites = 0o777;

/** A service of a swarm with the posture of a `HardenedContainer`, as far as a service can have it. Its child is a `docker.Service` of the same name. */
export class HardenedService extends pulumi.ComponentResource {
  /** The service's id. */
  public readonly serviceId: pulumi.Output<string>;
  /** The service's name, by which those on its networks reach it. */
  public readonly serviceName: pulumi.Output<string>;

  constructor(name: string, args: HardenedServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = readServiceArgs(args, `${name}: args`);
    const exemptions = serviceExemptions(settings);
    super("bulkhead:index:HardenedService", name, { ...args, ...(exemptions.length === 0 ? {} : { exemptions }) }, opts);
    const service = new docker.Service(name, serviceInputs(settings), { parent: this });
    this.serviceId = service.id;
    this.serviceName = service.name;
    this.registerOutputs({ serviceId: this.serviceId, serviceName: this.serviceName });
  }
}

export function serviceInputs(settings: ServiceSettings): docker.ServiceArgs {
  const { image, command, entrypoint, environment, workingDirectory, healthcheck, labels, networks = [], secrets, publish = [], replicas = 1, stopTimeout = 10, user = defaultUser, group = user, runAsRoot, capabilities, writableRootFilesystem } = settings;
  const limits = { memoryBytes: whenKnown(settings.memory, bytesOf), nanoCpus: whenKnown(settings.cpu ?? defaultCpu, (amount) => Math.round(coresOf(amount) * 1e9)) };
  const scratch = (settings.scratch ?? []).map(({ path, size = defaultScratchSize }) => ({ type: "tmpfs", target: path, tmpfsOptions: { sizeBytes: bytesOf(size), mode: anyoneWrites } }));
  return {
    ...(labels === undefined ? {} : { labels: Object.entries(labels).map(([label, value]) => ({ label, value })) }),
    mode: { replicated: { replicas } },
    taskSpec: {
      containerSpec: {
        image, init: true, readOnly: writableRootFilesystem === undefined,
        user: runAsRoot === undefined ? `${user}:${group}` : "0:0",
        capDrops: ["ALL"], ...(capabilities === undefined ? {} : { capAdds: capabilities.add.map((capability) => `CAP_${capability}`) }),
        stopGracePeriod: `${stopTimeout}s`,
        ...(command === undefined ? {} : { args: [...command] }), ...(entrypoint === undefined ? {} : { commands: [...entrypoint] }),
        ...(environment === undefined ? {} : { env: environment }), ...(workingDirectory === undefined ? {} : { dir: workingDirectory }),
        ...(healthcheck === undefined ? {} : { healthcheck: healthcheckInputs(healthcheck) }),
        mounts: [...scratch, ...(volumeInputs(settings) ?? [])],
        ...(secrets === undefined ? {} : { secrets: secrets.map(({ secret, name, file }) => ({ secretId: secret, secretName: name, fileName: file, fileUid: runAsRoot === undefined ? String(user) : "0", fileGid: runAsRoot === undefined ? String(group) : "0", fileMode: 0o400 })) }),
      },
      resources: { limits },
      // The window is said as the provider reads it back: left out, every update would update the service.
      restartPolicy: { condition: "on-failure", maxAttempts: 5, delay: "5s", window: "0s" },
      logDriver: { name: "json-file", options: { "max-size": "10m", "max-file": "3" } },
      ...(networks.length === 0 ? {} : { networksAdvanceds: networks.map((id) => ({ id })) }),
    },
    ...(publish.length === 0 ? {} : { endpointSpec: { ports: publish.map(({ port, publishedPort, protocol = "tcp" }) => ({ targetPort: port, protocol, publishMode: "ingress", ...(publishedPort === undefined ? {} : { publishedPort }) })) } }),
  };
}

export function serviceExemptions(settings: ServiceSettings): readonly Exemption[] {
  const given: (readonly [ReadWeakening | undefined, readonly string[]])[] = [
    [settings.capabilities, rulesAgainstCapabilities(settings.capabilities?.add ?? [])],
    [settings.writableRootFilesystem, dockerWeakenings.writableRootFilesystem.rules],
    [settings.runAsRoot, dockerWeakenings.runAsRoot.rules],
    ...(settings.publish ?? []).map((publish) => [publish, dockerWeakenings.publishEverywhere.rules] as const),
  ];
  return joinExemptions(given.flatMap(([weakening, rules]) => (weakening === undefined ? [] : exemptionsOf(weakening, rules, settings.owner))));
}
