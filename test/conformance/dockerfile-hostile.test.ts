import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createEvaluator, dockerfileDocument, dockerfileType, readDocument, resolveRule } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { sharedData } from "../e2e/support.ts";
import { randomDockerfiles } from "./dockerfiles.ts";

const evaluator = createEvaluator(rules.flatMap((rule) => resolveRule(rule, rule.exampleOptions, rule.id).settings ?? []));

/** Whether it could be read; throws where a rule failed. */
function judge(text: string): boolean {
  const result = dockerfileDocument(text);
  if ("error" in result) return false;
  for (const model of readDocument(result.document, { type: dockerfileType, name: "Dockerfile" })) expect(evaluator.evaluate(model).errors.map(({ rule, error }) => `${rule.id}: ${error}`)).toEqual([]);
  return true;
}

const cases = join(sharedData, "buildkit-dockerfile/lint-cases.jsonl");
const corpus = existsSync(cases) ? readFileSync(cases, "utf8").trim().split("\n").map((line) => (JSON.parse(line) as { readonly text: string }).text) : ["FROM scratch\nRUN a && b\n"];

describe("Dockerfiles that nobody wrote for a reader", () => {
  test("random bytes and what is left of changed ones fail no parser and no rule", () => {
    let read = 0;
    const texts = randomDockerfiles(corpus, 7, 2000);
    for (const text of texts) if (judge(text)) read += 1;
    process.stderr.write(`hostile Dockerfiles: ${texts.length} judged by ${rules.length} rules, ${read} of them could be read\n`);
    expect(read).toBeGreaterThan(texts.length / 2);
  });

  const mebibyte = 2 ** 20;
  const fill = (piece: string, line = ""): string => `${line}${piece.repeat(Math.floor((mebibyte - line.length) / piece.length))}\n`;
  const continued = (piece: string): string => fill(`${piece.repeat(Math.max(1, Math.floor(1000 / piece.length)))} \\\n`, "FROM scratch\nRUN ");
  // Where the time grew with the square of the length, these would take hours.
  test.each([
    ["blanks", fill(`FROM scratch\n${" ".repeat(60_000)}x\n`)], ["line ends", fill("\r")], ["continuations", fill("\\\n", "FROM a ")], ["stages", fill("FROM a AS a\n")], ["arguments", fill("ARG A=$A$A\nARG B=${B:-$A}\n")],
    ["commands", continued("rm rm ")], ["brackets", continued("[[[")], ["pipes", continued("| | ")], ["quotes", continued("'\"")], ["substitutions", continued("$(")], ["options", continued("curl -kkkkkkkk! ")], ["downloads", continued("curl x | sh ")],
    ["packages", continued("apt-get install a b=1 && ")], ["flags", fill(`--mount=type=bind,from=a ${"\\\n"}`, "FROM a\nRUN ")], ["nesting", `FROM a:${"${A:-".repeat(10_000)}\n`], ["triggers", `FROM a\n${"ONBUILD ".repeat(5000)}RUN a\n`],
    ["heredocs", fill("RUN <<A <<B\nx\nA\ny\nB\n", "FROM a\n")], ["labels", fill("LABEL org.opencontainers.image.licenses=MIT\n", "FROM a\n")], ["copies", fill("COPY --from=0 a b\n", "FROM a\nFROM b\n")], ["patterns", fill("FROM a${X//*a*a*a*b/x}\n", `ARG X=${"a".repeat(5000)}\n`)],
  ])("a mebibyte of %s is read, or refused, and judged", (_, text) => {
    judge(text);
  });
});
