import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { type DocumentContent, DocumentError, parseInstant, type Reading, readReport, type SubjectDigest } from "../../packages/image-evidence/src/index";
import { sharedData } from "../e2e/support.ts";

interface Row {
  readonly id: string;
  readonly file: string;
  readonly format: string;
  readonly scanned_at: string | number | null;
  readonly digests: readonly string[];
  readonly decoy_timestamps: { readonly [path: string]: string | number };
  readonly expected: Verdict;
}

type Verdict = "usable" | "no-timestamp" | "no-digest" | "neither";

const folder = join(sharedData, "scan-reports");
const oracle = join(folder, "evidence-cases.jsonl");
const rows = existsSync(oracle) ? readFileSync(oracle, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row) : [];
const present = rows.filter(({ file }) => existsSync(join(folder, file)));
if (rows.length === 0) process.stderr.write("skipped for want of ../shared/data/scan-reports: readings of real reports\n");
for (const { id, file } of rows) if (!existsSync(join(folder, file))) process.stderr.write(`skipped for want of ../shared/data/scan-reports/${file}: ${id}\n`);

/** Where the oracle differs from us, and why ours stays. By id: our verdict, digests or time. */
const differences: { readonly [id: string]: { readonly why: string; readonly verdict?: Verdict; readonly digests?: readonly string[]; readonly time?: string } } = {
  "evidence/001": { why: "RepoDigests holds one empty text: no digest", verdict: "no-digest", digests: [] },
  "evidence/009": { why: "RepoDigests holds one empty text: no digest", verdict: "no-digest", digests: [] },
  "evidence/104": { why: "repoDigests holds the word REDACTED: no digest", verdict: "no-digest", digests: [] },
  "evidence/156": { why: "64 times x is no digest", verdict: "neither", digests: [] },
  "evidence/175": {
    why: "the oracle takes the first property, the DiffID of a layer; the purl and RepoDigest name the image",
    digests: ["sha256:6042500cf4b44023ea1894effe7890666b0c5c7871ed83a97c36c76ae560bb9b"],
  },
  "evidence/130": { why: "the earliest time counts: the start of the scan", time: "2021-04-14T19:45:58Z" },
  "evidence/131": { why: "the earliest time counts: the start of the scan", time: "2021-04-14T19:45:58Z" },
};

/** What counts as a digest for the oracle: of Prisma the config's, which it has no other of; of Aqua that of a local image too. */
function kindsOf(format: string): readonly SubjectDigest["kind"][] {
  if (format.startsWith("twistlock")) return ["config"];
  return format === "aqua" ? ["image", "computed"] : ["image"];
}

function digestsOf({ subjects }: DocumentContent, format: string): readonly string[] {
  return [...new Set(subjects.filter(({ kind }) => kindsOf(format).includes(kind)).map(({ digest }) => digest))];
}

function verdictOf(content: DocumentContent, format: string): Verdict {
  const digest = digestsOf(content, format).length > 0;
  if (content.time === undefined) return digest ? "no-timestamp" : "neither";
  return digest ? "usable" : "no-digest";
}

const milliseconds = (time: string | number): number | undefined => (typeof time === "number" ? time * 1000 : parseInstant(/\dT\d\d:\d\d:\d\d$/.test(time) ? `${time}Z` : time));
const plain = (digest: string): string => `sha256:${digest.replace(/^.*sha256:/, "")}`;

function contentOf(reading: Reading): DocumentContent {
  if (reading.kind === "envelope") throw new Error("an envelope has no content");
  return reading.content;
}

const read = (file: string): Reading => readReport(readFileSync(join(folder, file)), file);

describe.skipIf(present.length === 0)("reports with the scan time and digest by the format's own field", () => {
  const used = new Set<string>();

  for (const row of present) {
    test(`${row.id} ${row.format} ${row.file.split("/").at(-1)}: ${row.expected}`, () => {
      const content = contentOf(read(row.file));
      const difference = differences[row.id];
      if (difference !== undefined) used.add(row.id);
      expect(verdictOf(content, row.format)).toBe(difference?.verdict ?? row.expected);
      expect([...digestsOf(content, row.format)].sort()).toEqual([...(difference?.digests ?? row.digests.map(plain))].sort());
      const time = difference?.time ?? (row.scanned_at === null ? undefined : row.scanned_at);
      if (row.format.startsWith("gitlab") && difference === undefined) expect(parseInstant(content.time ?? "")).toBeLessThanOrEqual(milliseconds(row.scanned_at as string) ?? 0);
      else expect(content.time === undefined ? undefined : parseInstant(content.time)).toBe(time === undefined ? undefined : milliseconds(time));
      for (const decoy of Object.values(row.decoy_timestamps)) expect([content.time === undefined ? undefined : parseInstant(content.time), ...digestsOf(content, row.format)]).not.toContain(milliseconds(decoy) ?? decoy);
    });
  }

  test("are counted", () => {
    process.stderr.write(`scan reports: ${present.length} of ${rows.length} rows compared, ${rows.length - present.length} whose file is not there; ${present.length - used.size} equal, ${used.size} explained differences\n`);
    expect([...used].sort()).toEqual(Object.keys(differences).filter((id) => present.some((row) => row.id === id)).sort());
    expect(present.length).toBeGreaterThan(100);
  });

  test("what is accepted is less than what is there: a digest of a registry and a time that conversion does not set anew", () => {
    const readings = new Map(present.map((row) => [row.id, read(row.file)]));
    const accepted = [...readings].filter(([, { kind }]) => kind === "scan").map(([id]) => id);
    const refusals = new Map<string, number>();
    for (const reading of readings.values()) if (reading.kind === "none") refusals.set(reading.reason, (refusals.get(reading.reason) ?? 0) + 1);
    process.stderr.write(`accepted ${accepted.length} (${accepted.join(", ")}); no evidence: ${[...refusals].sort().map(([reason, count]) => `${reason} ${count}`).join(", ")}\n`);
    for (const id of accepted) expect(present.find((row) => row.id === id)?.expected).toBe("usable");
    expect(accepted.length).toBeGreaterThan(0);
    expect(readings.get("evidence/175")).toMatchObject({ kind: "none", reason: "restamped" });
  });
});

describe.skipIf(present.length === 0)("every file there", () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));

  test("is read, or refused with a place in it: none crashes", () => {
    const kinds = new Map<string, number>();
    for (const file of files) {
      let kind: string;
      try {
        kind = read(file).kind;
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        expect(error.message.startsWith(`${file}: `)).toBe(true);
        kind = "not readable";
      }
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    process.stderr.write(`scan reports: ${files.length} files: ${[...kinds].sort().map(([kind, count]) => `${kind} ${count}`).join(", ")}\n`);
    expect(files.length).toBeGreaterThan(250);
  });
});
