import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packFolder } from "../e2e/support.ts";
import { say } from "../toolchain/run.ts";
import { startPack } from "./analyzer-client.ts";
import { deployment } from "./packs.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

const count = 1000;
const asking = ["policies-match-flows", "no-metadata-egress"] as const;

interface Generated {
  readonly type: string;
  readonly name: string;
  readonly properties: { readonly [key: string]: unknown };
}

/** Workloads in namespaces of ten, each of which lets in two others and is let out to a name server, and policies for that. */
function resources(): readonly Generated[] {
  const kubernetes = (type: string, name: string, properties: object): Generated => ({ type: `kubernetes:${type}`, name, properties: properties as Generated["properties"] });
  const namespaces = Array.from({ length: count / 10 }, (_, index) => kubernetes("core/v1:Namespace", `shop-${index}`, { apiVersion: "v1", kind: "Namespace", metadata: { name: `shop-${index}` } }));
  const all = Array.from({ length: count }, (_, index) => {
    const [namespace, name] = [`shop-${Math.floor(index / 10)}`, `web-${index}`];
    const peer = (step: number): object => ({ podSelector: { matchLabels: { app: `web-${Math.floor(index / 10) * 10 + ((index + step) % 10)}` } } });
    const base = deployment(name);
    const dns = { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }], ports: [{ port: 53, protocol: "UDP" }, { port: 53 }] };
    const spec = { podSelector: { matchLabels: { app: name } }, policyTypes: ["Ingress", "Egress"], ingress: [{ from: [peer(1), peer(2)], ports: [{ port: 8080 }] }], egress: [{ to: [peer(9), peer(8)], ports: [{ port: 8080 }] }, dns] };
    return [
      kubernetes("apps/v1:Deployment", name, { ...base, metadata: { ...(base["metadata"] as object), namespace } }),
      kubernetes("networking.k8s.io/v1:NetworkPolicy", name, { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec }),
    ];
  });
  return [...namespaces, ...all.flat()];
}

/** What those workloads need, and no more. */
function lockfile(): unknown {
  const named = (index: number): object => ({ namespace: `shop-${Math.floor(index / 10)}`, kind: "Deployment", name: `web-${index}` });
  const edges = Array.from({ length: count }, (_, index) => [1, 2].map((step) => ({ from: named(Math.floor(index / 10) * 10 + ((index + step) % 10)), to: named(index), protocol: "TCP", port: 8080, first: "2026-01-05", last: "2026-05-29" })));
  return { version: 1, edges: edges.flat(), workloads: [] };
}

/**
 * The end of a stack of 1,000 workloads under 1,000 policies, with 2,000 accepted flows: with the rules that ask who may talk to
 * whom, and without them. Each pack is asked again and again about what it was shown once; the first time, which loads the
 * evaluator and the lockfile, is said apart.
 */
export async function stack(folder: string): Promise<readonly Comparison[]> {
  const file = join(folder, "bulkhead.flows.json");
  writeFileSync(file, JSON.stringify(lockfile()));
  const all = resources();
  const started = async (level: number): Promise<{ readonly measure: () => Promise<number>; readonly stop: () => Promise<void> }> => {
    const pack = await startPack(packFolder);
    await pack.configure({ all: { level: 2 }, bulkhead: { level: 1, properties: { flows: { lockfile: file } } }, "require-network-policy": { level: 1 }, ...Object.fromEntries(asking.map((name) => [name, { level }])) });
    for (const resource of all) await pack.analyze(resource);
    const listed = all.map(({ type, name }) => ({ type, name, properties: {} }));
    return {
      stop: pack.stop,
      measure: async () => {
        const begin = performance.now();
        const { diagnostics } = await pack.analyzeStack(listed);
        const took = performance.now() - begin;
        const found = diagnostics.filter(({ policyName }) => asking.some((name) => name === policyName));
        if (found.length > 0) throw new Error(`${found.length} findings, such as ${found[0]?.message}`);
        return took;
      },
    };
  };
  const [on, off] = [await started(1), await started(2)];
  try {
    say(`AnalyzeStack of ${count} workloads, the first time: ${Math.round(await on.measure())} ms with ${asking.join(" and ")}, ${Math.round(await off.measure())} ms without`);
    return [await compare(`AnalyzeStack of ${count} workloads, ${count} policies, ${count * 2} accepted flows`, "ms", { name: `with ${asking.join(" and ")}`, measure: on.measure }, { name: "with require-network-policy alone", measure: off.measure }, 10)];
  } finally {
    await Promise.all([on.stop(), off.stop()]);
  }
}
