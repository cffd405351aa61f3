import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Instruction } from "../../packages/core/src/dockerfile/instruction";
import { parseDockerfile } from "../../packages/core/src/dockerfile/parse";
import { planBuild } from "../../packages/core/src/dockerfile/stages";
import { formatReference, parseImage } from "../../packages/core/src/image-reference";
import { missing, sharedData, toolPath } from "../e2e/support.ts";
import { run } from "../toolchain/run.ts";
import { randomDockerfiles } from "./dockerfiles.ts";

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

function rowsOf(): readonly Row[] {
  return existsSync(cases) ? readFileSync(cases, "utf8").trim().split("\n").map((line): Row => JSON.parse(line)) : [];
}

function present(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ file }) => existsSync(join(sharedData, file)));
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
  const rows = rowsOf();
  const here = present(rows);

  test("reads every Dockerfile of the table as here: instructions, lines, stages, bases, users and checks", () => {
    const differences: string[] = [];
    const counts = { instructions: 0, stages: 0, errors: 0 };
    for (const { file, error, instructionsError, warnings = [], escape: token, ast = [], stages } of here) {
      const differ = (what: string, expected: unknown, found: unknown): void => {
        if (JSON.stringify(expected) !== JSON.stringify(found)) differences.push(`${file}: ${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
      };
      const result = parseDockerfile(readFileSync(join(sharedData, file), "utf8"));
      if (error !== undefined || "error" in result) {
        counts.errors += 1;
        differ("refused", error !== undefined, "error" in result);
        continue;
      }
      differ("escape", token, result.escape);
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
    process.stderr.write(`BuildKit's parser: ${here.length} Dockerfiles compared (${counts.instructions} instructions, ${counts.stages} stages, ${counts.errors} refused), ${rows.length - here.length} of the table are not here, ${differences.length} differences\n`);
    expect(differences).toEqual([]);
    expect(here.length).toBeGreaterThanOrEqual(50);
  });

});

/** What test/toolchain/go/dockerfile-oracle says. */
interface OracleInstruction {
  readonly instruction: string;
  readonly flags: readonly string[] | null;
  readonly args: readonly string[] | null;
  readonly json: boolean;
  readonly original: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly heredocs: readonly { readonly name: string; readonly expand: boolean; readonly chomp: boolean; readonly content: string }[] | null;
  readonly trigger?: OracleInstruction;
}
interface OracleAnswer {
  readonly error?: string;
  readonly ast?: readonly OracleInstruction[];
  readonly images?: readonly string[];
  readonly user?: string;
  readonly buildError?: string;
}

/** What is none of BuildKit's instructions is compared by its text. */
const known = (keyword: string): string => (/^[A-Z]+$/.test(keyword) ? keyword : "");
const theirs = ({ instruction, flags, args, json, original, startLine, endLine, heredocs, trigger }: OracleInstruction): object => ({
  instruction: known(instruction), flags: flags ?? [], args: args ?? [], json, original, startLine, endLine, heredocs: (heredocs ?? []).map(({ name, expand, chomp, content }) => [name, expand, chomp, content]),
  trigger: trigger === undefined ? undefined : [known(trigger.instruction), trigger.flags ?? [], trigger.args ?? [], trigger.json],
});
const ourOwn = ({ keyword, flags, args, json, original, startLine, endLine, heredocs, trigger }: Instruction): object => ({
  instruction: known(keyword), flags, args, json, original, startLine, endLine, heredocs: heredocs.map(({ name, expands, chomps, content }) => [name, expands, chomps, content]),
  trigger: trigger === undefined ? undefined : [known(trigger.keyword), trigger.flags, trigger.args, trigger.json],
});

/** The name as BuildKit asks a registry for it. */
function asked(name: string): string {
  const image = parseImage(name);
  if (image.kind !== "name") return name;
  const { tag, digest } = image.reference;
  return formatReference({ ...image.reference, ...(tag === undefined && digest === undefined ? { tag: "latest" } : {}) });
}

describe.skipIf(missing("dockerfile-oracle"))("BuildKit itself", () => {
  test("reads generated Dockerfiles as here, and asks for the images that are named here", async () => {
    const corpus = present(rowsOf()).map(({ file }) => readFileSync(join(sharedData, file), "utf8"));
    const texts = randomDockerfiles(corpus, 42, 6000);
    const { stdout, code, stderr } = await run(toolPath("dockerfile-oracle"), [], { input: texts.map((text) => `${JSON.stringify({ text, args: {} })}\n`).join("") });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const answers = stdout.trim().split("\n").map((line): OracleAnswer => JSON.parse(line));
    expect(answers).toHaveLength(texts.length);
    const differences: object[] = [];
    const counts = { refused: 0, instructions: 0, built: 0, images: 0, open: 0 };
    for (const [index, text] of texts.entries()) {
      const { error, ast = [], images = [], user = "", buildError } = answers[index] ?? {};
      const result = parseDockerfile(text);
      const differ = (what: string, expected: unknown, found: unknown): void => void (JSON.stringify(expected) === JSON.stringify(found) || differences.push({ what, text, expected, found }));
      if (error !== undefined || "error" in result) {
        counts.refused += 1;
        differ("refused", error !== undefined, "error" in result);
        continue;
      }
      counts.instructions += ast.length;
      differ("instructions", ast.map(theirs), result.instructions.map(ourOwn));
      if (buildError !== undefined) continue;
      counts.built += 1;
      counts.images += images.length;
      const plan = planBuild(result);
      const named = plan.images.filter(({ kind }) => kind !== "frontend");
      const names = (deferred: boolean): ReadonlySet<string> => new Set(named.filter((image) => deferred || !image.deferred).flatMap(({ name }) => ("text" in name ? [asked(name.text)] : [])));
      const open = named.some(({ name }) => "reason" in name);
      if (open) counts.open += 1;
      // What an ONBUILD names is asked for only by builds upon the image; what depends on what nobody gave is not known here.
      differ("images that it does not ask for", [], [...names(false)].filter((name) => !images.includes(name)));
      if (!open) differ("images that are not named", [], images.filter((name) => !names(true).has(name)));
      const found = plan.target?.user?.name;
      if (found === undefined || "text" in found) differ("user", user, found?.text ?? "");
    }
    process.stderr.write(`BuildKit itself: ${texts.length} Dockerfiles, ${counts.instructions} instructions, ${counts.refused} refused; ${counts.built} built, which ask for ${counts.images} images (${counts.open} with one that is not known here): ${differences.length} differences\n`);
    expect(differences.slice(0, 5)).toEqual([]);
    expect(counts.built).toBeGreaterThan(1000);
  });
});
