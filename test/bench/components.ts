import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../e2e/support.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

const count = 1000;

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: object;
}
type Class = new (name: string, args: object) => unknown;

/** 1,000 HardenedDeployments, and the same objects without a component, each with mocks in place of the engine. */
export async function components(): Promise<readonly Comparison[]> {
  const require = createRequire(join(root, "packages/components/package.json"));
  const pulumi = require("@pulumi/pulumi") as typeof import("@pulumi/pulumi");
  const k8s = require("@pulumi/kubernetes") as typeof import("@pulumi/kubernetes");
  const { HardenedDeployment } = require("@bulkhead/components") as { readonly HardenedDeployment: Class };
  const classes: { readonly [type: string]: Class } = {
    "kubernetes:core/v1:ServiceAccount": k8s.core.v1.ServiceAccount, "kubernetes:networking.k8s.io/v1:NetworkPolicy": k8s.networking.v1.NetworkPolicy, "kubernetes:core/v1:Service": k8s.core.v1.Service,
    "kubernetes:apps/v1:Deployment": k8s.apps.v1.Deployment, "kubernetes:policy/v1:PodDisruptionBudget": k8s.policy.v1.PodDisruptionBudget,
  } as never;
  const run = async (program: () => void): Promise<readonly Registered[]> => {
    const found: Registered[] = [];
    const newResource = ({ type, name, inputs }: Registered) => {
      found.push({ type, name, inputs });
      return { id: name, state: inputs };
    };
    await pulumi.runtime.setMocks({ call: () => ({}), newResource }, "bench", "bench", false);
    program();
    await (pulumi.runtime as unknown as { readonly waitForRPCs: () => Promise<void> }).waitForRPCs();
    return found;
  };
  const args = { image: "registry.example.com/shop/web:1.4.2", memory: "128Mi", namespace: "shop", ports: [{ port: 8080 }] };
  const children = (await run(() => void new HardenedDeployment("web", args))).filter(({ type }) => type in classes);
  // Time of the processor: the mocks' server and its client are in this process, and wait for each other.
  const time = (program: () => void, expected: number) => async (): Promise<number> => {
    const begin = process.cpuUsage();
    const { length } = await run(program);
    if (length !== expected) throw new Error(`${length} registrations, not ${expected}`);
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1e6;
  };
  const hardened = time(() => {
    for (let index = 0; index < count; index++) new HardenedDeployment(`web${index}`, args);
  }, count * (children.length + 1));
  const raw = time(() => {
    for (let index = 0; index < count; index++) for (const { type, name, inputs } of children) new (classes[type] as Class)(`${name}${index}`, inputs);
  }, count * children.length);
  return [await compare(`constructing 1,000 HardenedDeployments of ${children.length} children`, "s", { name: "components", measure: hardened }, { name: "the children alone", measure: raw }, 3, 1.5)];
}
