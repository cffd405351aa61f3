import { describe, expect, test } from "vitest";
import type { Labels, Selector } from "../../packages/network-policy/src/index";
import { calicoPolicies, createObserver, learn, selects } from "../../packages/network-policy/src/index";
import { selectorText } from "../../packages/network-policy/src/synthesis/calico";
import { missing, toolPath } from "../e2e/support.ts";
import { run } from "../toolchain/run.ts";
import { random } from "./generator.ts";
import { generateCluster } from "./network-clusters.ts";

interface Question {
  readonly selector: string;
  readonly labels: readonly Labels[];
}
interface Answer {
  readonly selects?: readonly boolean[];
  readonly error?: string;
}

/** Calico's own parser and evaluation of selectors (test/toolchain/go/calico-selector). */
async function ask(questions: readonly Question[]): Promise<readonly Answer[]> {
  const { stdout, code, stderr } = await run(toolPath("calico-selector"), [], { input: questions.map((question) => `${JSON.stringify(question)}\n`).join("") });
  if (code !== 0) throw new Error(stderr);
  const answers = stdout.trim().split("\n").map((line) => JSON.parse(line) as Answer);
  if (answers.length !== questions.length) throw new Error(`${answers.length} answers to ${questions.length} questions`);
  return answers;
}

const keys = ["app", "tier", "app.kubernetes.io/name", "a_b-c.d"] as const;
const values = ["a", "b", "v1.2", "1", ""] as const;

/** Keys and values that labels may have, in every form of a selector. */
function generate(seed: number): { readonly selector: Selector; readonly labels: readonly Labels[] } {
  const next = random(seed);
  const below = (count: number): number => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const labels = (): Labels => Object.fromEntries(Array.from({ length: below(4) }, () => [pick(keys), pick(values)]));
  const expression = (): NonNullable<Selector["matchExpressions"]>[number] => {
    const operator = pick(["In", "NotIn", "Exists", "DoesNotExist"] as const);
    return { key: pick(keys), operator, ...(operator === "In" || operator === "NotIn" ? { values: Array.from({ length: 1 + below(3) }, () => pick(values)) } : {}) };
  };
  const [matchLabels, matchExpressions] = [below(3) > 0 ? labels() : undefined, below(2) > 0 ? Array.from({ length: below(3) }, expression) : undefined];
  return { selector: { ...(matchLabels === undefined ? {} : { matchLabels }), ...(matchExpressions === undefined ? {} : { matchExpressions }) }, labels: Array.from({ length: 12 }, labels) };
}

describe.skipIf(missing("calico-selector"))("what is written for Calico, as Calico reads it", () => {
  test("a selector selects the same labels in both languages", async () => {
    const generated = Array.from({ length: 3000 }, (_, seed) => generate(seed + 1));
    const answers = await ask(generated.map(({ selector, labels }) => ({ selector: selectorText(selector), labels })));
    let selected = 0;
    for (const [index, { selector, labels }] of generated.entries()) {
      const ours = labels.map((own) => selects(selector, own));
      selected += ours.filter(Boolean).length;
      expect([selectorText(selector), answers[index]]).toEqual([selectorText(selector), { selects: ours }]);
    }
    process.stderr.write(`Calico: ${generated.length} selectors on ${generated.length * 12} sets of labels, ${selected} selected, 0 differ\n`);
    expect(selected).toBeGreaterThan(generated.length);
  });

  test("every selector of what is learned can be read, and selects a workload", async () => {
    const questions = Array.from({ length: 500 }, (_, seed) => {
      const { flows, cluster } = generateCluster(seed + 1);
      const observer = createObserver(cluster);
      for (const flow of flows) observer.add(flow);
      const policies = calicoPolicies(learn({ observations: observer.finish(), inventory: cluster, options: { backEnd: "calico" } }).plan);
      const ends = policies.flatMap(({ spec: { selector, ingress = [], egress = [] } }) => [{ selector }, ...ingress.flatMap(({ source }) => source ?? []), ...egress.flatMap(({ destination }) => destination ?? [])]);
      return [
        ...ends.flatMap(({ selector }) => (selector === undefined ? [] : [{ selector, labels: cluster.workloads.map(({ labels }) => labels) }])),
        ...ends.flatMap((end) => ("namespaceSelector" in end && end.namespaceSelector !== undefined ? [{ selector: end.namespaceSelector, labels: cluster.namespaces.map(({ name }) => ({ "projectcalico.org/name": name })) }] : [])),
      ];
    }).flat();
    const answers = await ask(questions);
    expect(questions.filter((_, index) => answers[index]?.selects?.includes(true) !== true)).toEqual([]);
    expect(questions.length).toBeGreaterThan(1000);
  });

  test("what is no selector is refused", async () => {
    expect(await ask([{ selector: "app = 'a'", labels: [{}] }, { selector: "app in 'a'", labels: [{}] }])).toEqual([{ error: expect.any(String) }, { error: expect.any(String) }]);
  });
});
