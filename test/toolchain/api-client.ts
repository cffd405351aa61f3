import { readFileSync } from "node:fs";
import { request } from "node:https";

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>>; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

export interface Answer {
  /** 201 made (a dry run too), 200 found or deleted, 403 refused by admission, 404, 409, 422 invalid. */
  readonly status: number;
  /** Why it was refused; empty where it was not. */
  readonly message: string;
  /** What the `Warning` headers say: deprecated fields, and what Pod Security finds in a workload's template, which it does not refuse. */
  readonly warnings: readonly string[];
  readonly object: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string; readonly "certificate-authority-data": string } }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** What `kubernetes.ts` writes: JSON, which is YAML as well. */
export function kubeconfig(server: string, authority: string, token: string): string {
  return JSON.stringify({
    apiVersion: "v1", kind: "Config", "current-context": "bulkhead",
    clusters: [{ name: "bulkhead", cluster: { server, "certificate-authority-data": Buffer.from(authority).toString("base64") } }],
    users: [{ name: "bulkhead", user: { token } }],
    contexts: [{ name: "bulkhead", context: { cluster: "bulkhead", user: "bulkhead" } }],
  });
}

/** A client of the API server that was started here. A refusal is an answer, not an error. Unknown fields are refused. */
export class ApiServer {
  readonly #server: string;
  readonly #authority: string;
  readonly #token: string;
  readonly #resources = new Map<string, ResourceList["resources"]>();

  constructor(file: string, token?: string) {
    const { clusters: [cluster], users: [user] } = JSON.parse(readFileSync(file, "utf8")) as Kubeconfig;
    if (cluster === undefined || user === undefined) throw new Error(`${file}: expected a cluster and a user`);
    this.#server = cluster.cluster.server;
    this.#authority = Buffer.from(cluster.cluster["certificate-authority-data"], "base64").toString();
    this.#token = token ?? user.user.token;
  }

  async create(object: KubernetesObject): Promise<Answer> {
    return this.request("POST", `${await this.#path(object)}?fieldValidation=Strict`, object);
  }

  /** Admission and validation, as for a creation, and nothing is kept. */
  async dryRun(object: KubernetesObject): Promise<Answer> {
    return this.request("POST", `${await this.#path(object)}?fieldValidation=Strict&dryRun=All`, object);
  }

  async get(object: KubernetesObject): Promise<Answer> {
    return this.request("GET", `${await this.#path(object)}/${object.metadata.name}`);
  }

  async delete(object: KubernetesObject): Promise<Answer> {
    return this.request("DELETE", `${await this.#path(object)}/${object.metadata.name}`);
  }

  /** A namespace with the labels of Pod Security; give each its own name, for what is in it outlives it. */
  async createNamespace(name: string, level: PodSecurityLevel, version = "latest"): Promise<void> {
    const label = "pod-security.kubernetes.io/enforce";
    const { status, message } = await this.create({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { [label]: level, [`${label}-version`]: version } } });
    if (status !== 201) throw new Error(`the namespace ${name} was not made: ${message}`);
  }

  /** There is no controller that would end a namespace, so its finalizer is taken off. */
  async deleteNamespace(name: string): Promise<void> {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await this.delete(namespace);
    await this.request("PUT", `/api/v1/namespaces/${name}/finalize`, { ...namespace, spec: { finalizers: [] } });
  }

  request(method: string, path: string, body?: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.#token}`, accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) };
      const sent = request(`${this.#server}${path}`, { method, headers, ca: this.#authority, timeout: 60_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve(answer(response.statusCode ?? 0, Buffer.concat(chunks).toString(), response.headersDistinct["warning"] ?? [])));
      });
      sent.on("timeout", () => sent.destroy(new Error(`no answer to ${method} ${path} in 60 s`)));
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async #path({ apiVersion, kind, metadata }: KubernetesObject): Promise<string> {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = this.#resources.get(base) ?? (await this.#discover(base));
    const resource = known.find((candidate) => candidate.kind === kind && !candidate.name.includes("/"));
    if (resource === undefined) throw new Error(`the API server knows no ${kind} of ${apiVersion}`);
    this.#resources.set(base, known);
    return resource.namespaced ? `${base}/namespaces/${metadata.namespace ?? "default"}/${resource.name}` : `${base}/${resource.name}`;
  }

  async #discover(base: string): Promise<ResourceList["resources"]> {
    const { status, message, object } = await this.request("GET", base);
    if (status !== 200 && status !== 404) throw new Error(`the API server does not say what it knows: ${status} ${message}`);
    return (object as Partial<ResourceList>).resources ?? [];
  }
}

function answer(status: number, text: string, warnings: readonly string[]): Answer {
  const object = text.startsWith("{") ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {};
  const message = status < 400 ? "" : typeof object["message"] === "string" ? object["message"] : text;
  return { status, message, warnings: warnings.map((warning) => warning.replace(/^\d+ \S+ "(.*)"$/s, "$1").replaceAll('\\"', '"')), object, text };
}

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: object;
}

/** The pod that a controller would make of a workload: nothing here makes it, and Pod Security enforces on pods alone. */
export function podOf(workload: KubernetesObject): KubernetesObject {
  const spec = workload["spec"] as { readonly template?: Template; readonly jobTemplate?: { readonly spec: { readonly template: Template } } } | undefined;
  const template = spec?.template ?? spec?.jobTemplate?.spec.template;
  if (template === undefined) throw new Error(`${workload.kind} ${workload.metadata.name} has no template of a pod`);
  const { name, namespace } = workload.metadata;
  return { apiVersion: "v1", kind: "Pod", metadata: { ...template.metadata, name: `${name}-pod`, ...(namespace === undefined ? {} : { namespace }) }, spec: template.spec };
}
