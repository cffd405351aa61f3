import { createReadStream, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Flow, FlowEnd, Learned, Observations } from "../../packages/network-policy/src/index";
import { edgeName, kubernetesPolicies, learn, observeOriented, Orienter, planPolicies, readFlows, verify } from "../../packages/network-policy/src/index";
import { sharedData } from "../e2e/support.ts";
import type { Outside, PodEnd } from "./reachability.ts";
import { reaches } from "./reachability.ts";

const folder = join(sharedData, "hubble-flows/testdata");
const captures = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")).sort() : [];
if (captures.length === 0) process.stderr.write("skipped for want of ../shared/data/hubble-flows: the replay of real flows\n");

interface Capture {
  readonly flows: readonly Flow[];
  readonly observations: Observations;
  readonly learned: Learned;
}

async function capture(name: string): Promise<Capture> {
  const reading = readFlows(name, createReadStream(join(folder, name)));
  const flows: Flow[] = [];
  const orienter = new Orienter();
  for await (const flow of reading.flows) {
    flows.push(flow);
    orienter.add(flow);
  }
  const observations = observeOriented(orienter.finish());
  // Also the namespaces of Kubernetes itself: most of these captures show nothing else.
  const options = { isolates: () => true };
  return { flows, observations, learned: learn({ observations, readings: [reading.summary()], options }) };
}

const podName = ({ namespace = "", pod = "" }: FlowEnd): string => `${namespace}/${pod}`;

/** A pod by the labels that flows show of it, whatever was concluded from them; undefined where none does. */
function endOf(end: FlowEnd, labelsOf: ReadonlyMap<string, PodEnd["labels"]>): PodEnd | Outside | undefined {
  const { namespace, pod, ip = "" } = end;
  if (namespace === undefined || (pod === undefined && end.labels === undefined)) return { ip };
  const labels = end.labels ?? labelsOf.get(podName(end));
  return labels === undefined ? undefined : { namespace, labels, ip, ports: [] };
}

describe.skipIf(captures.length === 0)("real flows, played through an evaluator of its own", () => {
  test.each(captures)("%s: every request that was let through still is", async (name) => {
    const { flows, observations, learned } = await capture(name);
    const namespaces = Object.fromEntries([...new Set(observations.workloads.map(({ namespace }) => namespace))].map((namespace) => [namespace, { "kubernetes.io/metadata.name": namespace }]));
    const requests = flows.filter(({ direction, verdict, protocol, source, destination }) => direction === "request" && verdict === "forwarded" && protocol !== "ICMP" && source.entity !== "host" && destination.entity !== "host");
    const labelsOf = new Map(flows.flatMap(({ source, destination }) => [source, destination]).flatMap((end) => (end.labels === undefined ? [] : [[podName(end), end.labels] as const])));
    const judged = requests.map(({ source, destination, protocol, port = 0, at }) => ({ from: endOf(source, labelsOf), to: endOf(destination, labelsOf), protocol, port, at }));
    const passes = ({ from, to, protocol }: (typeof judged)[number], port: number): boolean | undefined => (from === undefined || to === undefined ? undefined : reaches(from, to, port, protocol, learned.policies, namespaces));
    const denied = judged.filter((request) => passes(request, request.port) === false);
    const unlabelled = judged.filter((request) => passes(request, request.port) === undefined);
    const { verification: { slack, declared }, plan } = learned;
    process.stderr.write(`network learn ${name}: ${requests.length} requests in ${observations.edges.length} edges, ${learned.policies.length} policies, ${denied.length} denied, ${unlabelled.length} with a pod that has no label in any flow; slack ${slack.length}, ${declared.length} of it for name resolution; ${plan.unsafe.length} not expressed safely\n`);
    expect(denied.map(({ at }) => at)).toEqual([]);
    // What no selector can name is said to be denied, and nothing else is.
    expect(learned.verification.denied.filter(({ edge }) => !plan.unsafe.some(({ what, reason }) => what === edgeName(edge) && reason.includes("no label that stays")))).toEqual([]);
    expect(learned.verification.denied.length > 0).toBe(unlabelled.length > 0);
    // A port that nobody has used is open to nobody.
    expect(judged.filter((request) => passes(request, 4) === true).map(({ at }) => at)).toEqual([]);
    expect(slack.filter((edge) => !declared.includes(edge))).toEqual([]);
  });

  test("all of them at once, with nothing let through that is not", async () => {
    const orienter = new Orienter();
    for (const name of captures) for await (const flow of readFlows(name, createReadStream(join(folder, name))).flows) orienter.add(flow);
    const observations = observeOriented(orienter.finish());
    const plan = planPolicies(observations, undefined, { isolates: () => true });
    const { denied, slack } = verify({ policies: kubernetesPolicies(plan), observations, inventory: undefined, declared: plan.declared });
    process.stderr.write(`network learn, all captures: ${observations.edges.length} edges, ${plan.subjects.length} workloads, slack ${slack.length}\n`);
    expect(observations.edges.length).toBeGreaterThan(20);
    expect(denied.map(({ edge }) => edgeName(edge)).filter((name) => !plan.unsafe.some(({ what }) => what === name))).toEqual([]);
    expect(slack.filter((edge) => !plan.declared.has(edge))).toEqual([]);
  });
});
