import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Instruction } from "../../packages/core/src/dockerfile/instruction";
import { parseDockerfile } from "../../packages/core/src/dockerfile/parse";
import { planBuild } from "../../packages/core/src/dockerfile/stages";
import { sharedData } from "../e2e/support.ts";

const cases = join(sharedData, "buildkit-dockerfile/parse-cases.jsonl");

interface Row {
  readonly file: string;
  readonly error?: string;
  readonly instructionsError?: string;
  readonly warnings?: readonly string[];
  readonly escape?: string;
  readonly ast?: readonly object[];
  readonly stages?: readonly { readonly base: string; readonly name: string; readonly platform: string; readonly lastUser: string; readonly healthcheck: string }[] | null;
}

/** An instruction as the table has it: what is empty is left out. */
function printed({ keyword, flags, args, json, original, startLine, endLine, heredocs }: Instruction): object {
  return {
    instruction: keyword, ...(flags.length === 0 ? {} : { flags }), ...(args.length === 0 ? {} : { args }), ...(json ? { json } : {}), original, startLine, endLine,
    ...(heredocs.length === 0 ? {} : { heredocs: heredocs.length }),
  };
}

/** The table's own words for a check: `[CMD-SHELL curl ...]`. */
function healthcheck(instructions: readonly Instruction[]): string {
  const last = instructions.findLast(({ keyword }) => keyword === "HEALTHCHECK");
  if (last === undefined) return "";
  const [type = "", ...words] = last.args;
  return `[${[type.toUpperCase() === "CMD" && !last.json ? "CMD-SHELL" : type.toUpperCase(), ...words].join(" ")}]`;
}

describe.skipIf(!existsSync(cases))("BuildKit's parser", () => {
  const rows = existsSync(cases) ? readFileSync(cases, "utf8").trim().split("\n").map((line): Row => JSON.parse(line)) : [];
  const present = rows.filter(({ file }) => existsSync(join(sharedData, file)));

  test("reads every Dockerfile of the table as here: instructions, lines, stages, bases, users and checks", () => {
    const differences: string[] = [];
    const counts = { instructions: 0, stages: 0, errors: 0 };
    for (const { file, error, instructionsError, warnings = [], escape, ast = [], stages } of present) {
      const differ = (what: string, expected: unknown, found: unknown): void => {
        if (JSON.stringify(expected) !== JSON.stringify(found)) differences.push(`${file}: ${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
      };
      const result = parseDockerfile(readFileSync(join(sharedData, file), "utf8"));
      if (error !== undefined || "error" in result) {
        counts.errors += 1;
        differ("refused", error !== undefined, "error" in result);
        continue;
      }
      differ("escape", escape, result.escape);
      differ("empty continuations", warnings.length, result.emptyContinuations.length);
      differ("instructions", ast, result.instructions.map(printed));
      counts.instructions += ast.length;
      // What its next step refuses has no stages there.
      if (instructionsError !== undefined) continue;
      const plan = planBuild(result);
      const found = plan.stages.map(({ from, name, instructions }) => ({
        base: from.args[0] ?? "", healthcheck: healthcheck(instructions), lastUser: instructions.findLast(({ keyword }) => keyword === "USER")?.args[0] ?? "",
        name, platform: from.flags.find((flag) => flag.startsWith("--platform="))?.slice("--platform=".length) ?? "",
      }));
      differ("stages", stages, found);
      counts.stages += found.length;
    }
    process.stderr.write(`BuildKit's parser: ${present.length} Dockerfiles compared (${counts.instructions} instructions, ${counts.stages} stages, ${counts.errors} refused), ${rows.length - present.length} of the table are not here, ${differences.length} differences\n`);
    expect(differences).toEqual([]);
    expect(present.length).toBeGreaterThanOrEqual(50);
  });

});
