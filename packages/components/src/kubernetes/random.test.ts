import { describe, expect, test } from "vitest";
import { judge } from "../../test/judge";
import { randomArguments, workloadKinds } from "../../test/random-arguments";
import { random } from "../../../../test/conformance/generator";
import { planWorkload, workloadInputs } from "./workload";

const seed = Number(process.env["BULKHEAD_SEED"] ?? 20_261_124);

function inputsOf(kind: (typeof workloadKinds)[number], args: object) {
  const type = `${kind === "Job" || kind === "CronJob" ? "batch" : "apps"}/v1`;
  return { type: `kubernetes:${type}:${kind}`, name: "web", inputs: { apiVersion: type, kind, ...workloadInputs(planWorkload(kind, "web", args)) } };
}

describe(`random valid arguments (BULKHEAD_SEED=${seed})`, () => {
  test("1,000 workloads: no finding under restricted", () => {
    const next = random(seed);
    for (let index = 0; index < 1000; index++) {
      const kind = workloadKinds[index % workloadKinds.length] ?? "Job";
      const args = randomArguments(next, kind, false);
      expect(judge([inputsOf(kind, args)], "restricted"), `seed ${seed}, case ${index}: ${JSON.stringify(args)}`).toEqual({ findings: [], exempted: [], undecided: [] });
    }
  });

  test("500 workloads with weakenings: no finding under restricted, and no exemption is in vain", () => {
    const next = random(seed + 1);
    for (let index = 0; index < 500; index++) {
      const kind = workloadKinds[index % workloadKinds.length] ?? "Job";
      const args = randomArguments(next, kind, true);
      const where = `seed ${seed + 1}, case ${index}: ${JSON.stringify(args)}`;
      expect(judge([inputsOf(kind, args)], "restricted").findings, where).toEqual([]);
      const { findings, exempted } = judge([inputsOf(kind, args)], "strict");
      expect(findings.filter((finding) => /exemption/.test(finding)), where).toEqual([]);
      expect(exempted, where).toEqual([...new Set(planWorkload(kind, "web", args).exemptions.map(({ rule }) => rule))].sort());
    }
  });
});
