import type { Address, AnyRule, ExamplePair, Fragment, Model, Platform } from "@bulkhead/core";
import { composeType, dockerfileType, isObject, readDocument } from "@bulkhead/core";
import { digest, imageEnd } from "./examples";
import { goodStacks } from "./example-stacks";

/** A container that satisfies the whole catalogue. */
export const goodContainer: Fragment = {
  name: "web",
  image: `registry.example.com/app:1.2.3@${digest}`,
  resources: { limits: { cpu: "500m", memory: "128Mi", "ephemeral-storage": "1Gi" } },
  readinessProbe: { httpGet: { path: "/ready", port: 8080 } },
  livenessProbe: { httpGet: { path: "/live", port: 8080 } },
  securityContext: {
    allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true,
    capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" },
  },
};

/** A pod spec that satisfies the whole catalogue, without its containers. */
export const goodPod: Fragment = { automountServiceAccountToken: false, serviceAccountName: "api", hostUsers: false, runtimeClassName: "gvisor" };

/** Metadata of a workload that satisfies the whole catalogue. */
export const goodMetadata: Fragment = { name: "api", namespace: "shop", labels: { team: "shop" }, annotations: { "example.com/contact": "shop" } };

/** What a Job and a CronJob say beside their pods. */
export const goodJob: Fragment = { activeDeadlineSeconds: 600, ttlSecondsAfterFinished: 3600 };
export const goodCron: Fragment = { schedule: "0 0 * * *", startingDeadlineSeconds: 300, concurrencyPolicy: "Forbid" };

/** Inputs of a docker.Container that satisfy the whole catalogue. */
export const goodDocker: Fragment = {
  name: "web",
  image: `registry.example.com/app:1.2.3@${digest}`,
  user: "10001:10001", readOnly: true, memory: 128, cpus: "0.5", init: true, networksAdvanced: [{ name: "backend" }],
  capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges:true"],
  healthcheck: { tests: ["CMD", "/app", "healthy"] }, logDriver: "local", runtime: "runsc", labels: [{ label: "team", value: "shop" }],
  ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 512, hard: 512 }],
};

/** Inputs of a docker.Service that satisfy the whole catalogue, and what is merged into them. */
export function goodService(fragment: Fragment): Fragment {
  const containerSpec = { image: goodDocker["image"], user: "10001:10001", readOnly: true, init: true, capDrops: ["ALL"], healthcheck: goodDocker["healthcheck"] };
  const taskSpec = { containerSpec, resources: { limits: { memoryBytes: 134217728, nanoCpus: 500000000 } }, networksAdvanceds: [{ name: "backend" }], logDriver: { name: "local" } };
  return merge({ name: "web", labels: goodDocker["labels"], taskSpec }, fragment) as Fragment;
}

/** A service of a compose file that satisfies the whole catalogue. */
export const goodCompose: Fragment = {
  image: `registry.example.com/app:1.2.3@${digest}`,
  user: "10001:10001", read_only: true, init: true, mem_limit: "128m", cpus: 0.5, pids_limit: 128, networks: ["backend"],
  cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"],
  healthcheck: { test: ["CMD", "/app", "healthy"] }, logging: { driver: "local" }, runtime: "runsc", labels: { team: "shop" },
  ulimits: { nofile: { soft: 1024, hard: 4096 }, nproc: 512 },
};

/** A compose file with one service. */
export function composeFile(service: unknown): Fragment {
  return { services: { web: service }, networks: { backend: { internal: true } } };
}

const base = `registry.example.com/base:1.2.3@${digest}`;

/** A Dockerfile that satisfies the whole catalogue, with more `steps` in its last stage, or with other `instructions`. */
export function dockerfileOf({ steps = [], instructions, ...more }: Fragment): Fragment {
  const good = [`FROM ${base} AS build`, "WORKDIR /src", "COPY go.mod main.go ./", "RUN compile ./...", `FROM ${base}`, "COPY --from=build /src/app /app"];
  return { ...structuredClone(more), instructions: structuredClone(instructions) ?? [...good, ...(steps as readonly string[]), ...imageEnd, 'ENTRYPOINT ["/app"]'] };
}

/** A compose file with a service that is given a secret from a file. */
export function withSecretFile(file: string): Fragment {
  return { ...composeFile({ ...goodCompose, secrets: ["db"] }), secrets: { db: { file } } };
}

/** Objects are merged key by key, null removes a key, everything else replaces. */
export function merge(base: unknown, fragment: unknown): unknown {
  if (!isObject(base) || !isObject(fragment)) return structuredClone(fragment);
  const result: Record<string, unknown> = structuredClone({ ...base });
  for (const [key, value] of Object.entries(fragment)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

/** Whether a fragment belongs to the container, the pod or is a document of its own. */
export function placeOf(rule: AnyRule, pair: ExamplePair): "container" | "pod" | "document" | "stack" {
  if (pair.on !== undefined) return pair.on;
  if (rule.inventory === true) return "stack";
  return rule.about.some((about) => about === "container" || about === "image") ? "container" : "pod";
}

export interface ExampleDocument {
  readonly name: string;
  readonly value: unknown;
  readonly address: Address;
}

/** The documents of an example, new ones each time: a stack, or one. */
export function exampleDocuments(rule: AnyRule, platform: Platform, pair: ExamplePair, fragment: Fragment): readonly ExampleDocument[] {
  if (placeOf(rule, pair) === "stack") return stackDocuments(platform, fragment);
  return [{ name: "example", ...exampleDocument(rule, platform, pair, fragment) }];
}

/** A Deployment, the inputs of a docker.Container, a compose file, or the fragment itself. */
function exampleDocument(rule: AnyRule, platform: Platform, pair: ExamplePair, fragment: Fragment): Omit<ExampleDocument, "name"> {
  const place = placeOf(rule, pair);
  if (place === "document") return { value: structuredClone(fragment), address: pair.kind === undefined ? {} : { type: pair.kind, name: "example" } };
  if (platform === "docker") return { value: merge(goodDocker, fragment), address: { type: "docker:index/container:Container", name: "web" } };
  if (platform === "compose") return { value: composeFile(merge(goodCompose, fragment)), address: { type: composeType } };
  if (platform === "dockerfile") return { value: dockerfileOf(fragment), address: { type: dockerfileType, name: "Dockerfile" } };
  const container = place === "container" ? merge(goodContainer, fragment) : structuredClone(goodContainer);
  const spec = { ...(merge(merge(goodPod, pair.pod ?? {}), place === "pod" ? fragment : {}) as Fragment), containers: [container] };
  return { value: { apiVersion: "apps/v1", kind: "Deployment", metadata: structuredClone(goodMetadata), spec: { template: { spec } } }, address: {} };
}

export function exampleModels(rule: AnyRule, platform: Platform, pair: ExamplePair, fragment: Fragment): readonly Model[] {
  return exampleDocuments(rule, platform, pair, fragment).flatMap(({ value, address }) => readDocument(value, address));
}

/** The documents of a stack, a fragment merged into one that satisfies the whole catalogue; of Pulumi resources those with a type and properties. */
export function stackDocuments(platform: Platform, fragment: Fragment): readonly ExampleDocument[] {
  const documents = Object.entries(merge(goodStacks[platform], fragment) as Fragment);
  return documents.map(([name, document]) => {
    const { type, properties } = document as { readonly type?: unknown; readonly properties?: unknown };
    return typeof type === "string" ? { name, value: properties, address: { type, name } } : { name, value: document, address: {} };
  });
}
