import { expect, test } from "vitest";
import type { Drift, Field } from "@bulkhead/core";
import { createObserver, edgeName, learn, writeFlowsLock } from "../../packages/network-policy/src/index";
import { stackOf } from "../../packages/network-policy/test/stack.ts";
import { generateCluster } from "./network-clusters.ts";

const clusters = 2_000;

interface Outcome {
  readonly said: readonly string[];
  readonly undecided: number;
}

/** What the rule about accepted flows says of the workloads of a cluster, and of policies beside them. */
function judge(seed: number, change: (documents: readonly object[]) => readonly object[] = (documents) => documents): Outcome & { readonly inseparable: ReadonlySet<string>; readonly edges: number; readonly policies: readonly object[] } {
  const { cluster, flows } = generateCluster(seed);
  const observer = createObserver(cluster);
  for (const flow of flows) observer.add(flow);
  const observations = observer.finish();
  const { policies, verification, plan } = learn({ observations, inventory: cluster });
  const denied = new Set(verification.denied.map(({ edge }) => edgeName(edge)));
  const lock: unknown = JSON.parse(writeFlowsLock(observations.edges.filter((edge) => !denied.has(edgeName(edge))), observations.workloads));
  const template = (kind: string, labels: object, ports: readonly object[]): object => {
    const pod = { metadata: { labels }, spec: { containers: [{ name: "main", ports }] } };
    return kind === "Pod" ? pod : { spec: { template: pod } };
  };
  const documents = [
    ...cluster.namespaces.map(({ name }) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    ...cluster.workloads.map(({ namespace, kind, name, labels, ports }) => {
      const { metadata, ...rest } = template(kind, labels, ports.map((port) => ({ name: port.name, containerPort: port.port, protocol: port.protocol }))) as { readonly metadata?: object };
      return { apiVersion: kind === "Pod" ? "v1" : kind === "Job" ? "batch/v1" : "apps/v1", kind, metadata: { ...metadata, name, namespace }, ...rest };
    }),
  ];
  const all = change(policies);
  const stack = stackOf([...documents, ...all], { flows: lock });
  const subjects = [
    ...cluster.workloads.map(({ name }) => stack.one("workload", name)),
    ...all.map((policy) => stack.one("trafficPolicy", (policy as { readonly metadata: { readonly name: string } }).metadata.name)),
  ];
  const fields: readonly Field<readonly Drift[]>[] = subjects.map((subject) => stack.drift(subject));
  return {
    policies, edges: observations.edges.length,
    inseparable: new Set(plan.inseparable.flat().map(({ name }) => name)),
    said: fields.flatMap((field, index) => (field.state === "value" ? field.value.map(({ kind, text }) => `${kind} ${subjects[index]?.label}: ${text}`) : [])),
    undecided: fields.filter(({ state }) => state === "unknown").length,
  };
}

test("what is learned and locked does not differ, but where no label tells workloads apart", () => {
  const different: string[] = [];
  let [edges, undecided, named] = [0, 0, 0];
  for (let seed = 1; seed <= clusters; seed++) {
    const outcome = judge(seed);
    edges += outcome.edges;
    undecided += outcome.undecided;
    for (const text of outcome.said) {
      if ([...outcome.inseparable].some((name) => text.includes(name))) named++;
      else different.push(`${seed}: ${text}`);
    }
  }
  process.stderr.write(`policies-match-flows: ${clusters} generated clusters, ${edges} accepted flows, ${undecided} undecided, ${named} findings, all of workloads that no label tells apart\n`);
  expect(different.slice(0, 5)).toEqual([]);
  expect(undecided).toBe(0);
  expect(edges).toBeGreaterThan(clusters);
}, 300_000);

test("a policy that is taken away is missed, where flows need it", () => {
  let [needed, missed] = [0, 0];
  for (let seed = 1; seed <= clusters / 10; seed++) {
    for (const policy of judge(seed).policies) {
      const { said } = judge(seed, (policies) => policies.filter((one) => JSON.stringify(one) !== JSON.stringify(policy)));
      const { spec } = policy as { readonly spec: { readonly ingress?: readonly unknown[]; readonly egress?: readonly unknown[] } };
      if ((spec.ingress?.length ?? 0) + (spec.egress?.length ?? 0) === 0) continue;
      needed++;
      if (said.some((text) => text.startsWith("denied "))) missed++;
    }
  }
  process.stderr.write(`policies-match-flows: ${missed} of ${needed} policies with rules are missed when they are taken away\n`);
  expect(needed).toBeGreaterThan(100);
  expect(missed).toBe(needed);
}, 300_000);
