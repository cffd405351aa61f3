import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { familiarName, formatReference, parse, parseAnyReference, parseDockerRef, parseImage, parseNormalizedNamed, type ReferenceResult, tagNameOnly } from "./image-reference";
import { matchesRegistry, parseRegistryPattern } from "./registry-pattern";

const data = join(import.meta.dirname, "../../../../shared/data/distribution-reference");
const cases = join(data, "cases.jsonl");
const regexpCases = join(data, "regexp-cases.jsonl");
const sha256 = { sha256: 64 };

interface Row {
  readonly input: string;
  readonly [form: string]: unknown;
}

/** The oracle's fields, or "error". */
function shown(result: ReferenceResult): unknown {
  if ("error" in result) return "error";
  const { reference } = result;
  const { domain, path, tag, digest } = reference;
  const name = domain === "" ? path : `${domain}/${path}`;
  return { domain, path, name, familiarName: familiarName(reference), string: formatReference(reference), ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

function expected(row: Row, form: string): unknown {
  const value = row[form] as { readonly error?: string };
  return value.error === undefined ? value : "error";
}

function anyShown(input: string): unknown {
  const parsed = parseAnyReference(input, sha256);
  if (parsed.kind === "invalid") return "error";
  if (parsed.kind === "id") return { digest: parsed.id, string: parsed.id };
  return shown(parsed);
}

/** The rows of a file of the oracle; none where it is absent, which the suites below count as a skip. */
function rowsOf<T>(file: string): readonly T[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as T) : [];
}

const short = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);

describe("distribution/reference's own cases", () => {
  const rows = rowsOf<Row>(cases);

  test.skipIf(!existsSync(cases))("are all there", () => {
    expect(rows.length).toBeGreaterThanOrEqual(202);
  });

  for (const row of rows) {
    test(short(row.input), () => {
      expect(shown(parse(row.input, sha256))).toEqual(expected(row, "parse"));
      expect(shown(parseNormalizedNamed(row.input, sha256))).toEqual(expected(row, "normalized"));
      expect(shown(parseDockerRef(row.input, sha256))).toEqual(expected(row, "dockerRef"));
      expect(anyShown(row.input)).toEqual(expected(row, "any"));
      const normalized = parseNormalizedNamed(row.input, sha256);
      expect("error" in normalized ? undefined : formatReference(tagNameOnly(normalized.reference))).toBe(row["tagNameOnly"]);
    });
  }
});

interface RegexpRow {
  readonly test: string;
  readonly input: string;
  readonly match: boolean;
  readonly subs: readonly string[] | null;
}

describe("distribution/reference's own cases of its regular expressions", () => {
  const rows = rowsOf<RegexpRow>(regexpCases);

  test.skipIf(!existsSync(regexpCases))("are all there", () => {
    expect(rows.length).toBeGreaterThanOrEqual(48);
  });

  for (const row of rows) {
    test(`${row.test} ${short(row.input)}`, () => {
      const result = parse(row.input, sha256);
      const reference = "error" in result ? undefined : result.reference;
      const bare = reference?.tag === undefined && reference?.digest === undefined;
      const isName = row.test === "TestFullNameRegexp";
      const match = reference !== undefined && (bare || !isName);
      expect(match).toBe(row.match);
      if (reference === undefined || !match || row.subs === null) return;
      const { domain, path, tag = "", digest = "" } = reference;
      expect(isName ? [domain, path] : [formatReference({ domain, path, implicitDomain: false }), tag, digest]).toEqual(row.subs);
    });
  }
});

// Not in the files above; the results are those of the library (v0.6.0).
describe("registries that are no domain names", () => {
  test.each(["my_host.com/app", "blog.foo.co_m/bar/baz"])("%s is a name without a registry, and no image", (input) => {
    const path = input;
    expect(parseNormalizedNamed(input, sha256)).toEqual({ reference: { domain: "", path, implicitDomain: false } });
    expect(parseDockerRef(input, sha256)).toEqual({ reference: { domain: "", path, tag: "latest", implicitDomain: false } });
    expect(parseImage(input)).toEqual({ kind: "invalid", reason: "the registry is not a domain name" });
  });
});

describe("parseImage", () => {
  test("accepts every digest algorithm that Docker links", () => {
    expect(parseImage(`app@sha512:${"a".repeat(128)}`)).toMatchObject({ kind: "name", reference: { domain: "docker.io", path: "library/app", implicitDomain: true } });
  });

  test("takes a bare id and a digest alone for an image id", () => {
    expect(parseImage("a".repeat(64))).toEqual({ kind: "id", id: `sha256:${"a".repeat(64)}` });
    expect(parseImage(`sha256:${"b".repeat(64)}`).kind).toBe("id");
  });

  const sizes = (size: number): readonly string[] => ["a", "a-", "a.", "a_", "a/", "-", "[", "[:", ":", "@", "a:", "A", "a@sha256:"].flatMap((unit) => {
    const body = unit.repeat(size).slice(0, size - 4);
    return [`${body}!`, `a/${body}!`, `a.b/${body}`.slice(0, size)];
  });

  test.each(sizes(16_000))("refuses 16 KB in no time (%#)", (input) => {
    const start = performance.now();
    expect(parseImage(input).kind).toBe("invalid");
    expect(performance.now() - start).toBeLessThan(200);
  });

  // The largest inputs that are looked at: 25 quadratic scans of 4096 characters would take longer than this.
  test.each(sizes(4096))("reads 4 KB in linear time (%#)", (input) => {
    expect(input.length).toBeLessThanOrEqual(4096);
    const start = performance.now();
    for (let run = 0; run < 25; run++) parseImage(input);
    expect(performance.now() - start).toBeLessThan(300);
  });
});

describe("matchesRegistry", () => {
  const matches = (image: string, pattern: string): boolean => {
    const parsed = parseImage(image);
    if (parsed.kind !== "name") throw new Error(`not a name: ${image}`);
    return matchesRegistry(parsed.reference, pattern);
  };

  test.each([
    ["nginx", "docker.io"], ["nginx", "docker.io/library"], ["ghcr.io/acme/app:1", "ghcr.io/acme"], ["ghcr.io/acme/app", "ghcr.io/acme/app"],
    ["GHCR.io/acme/app", "ghcr.io"], ["a.b.example.com/x", "*.example.com"], ["localhost:5000/x", "localhost:5000"], ["index.docker.io/library/nginx", "docker.io"],
  ])("%s is from %s", (image, pattern) => {
    expect(matches(image, pattern)).toBe(true);
  });

  test.each([
    ["gcr.io.evil.com/app", "gcr.io"], ["ghcr.io/acme-evil/app", "ghcr.io/acme"], ["ghcr.io/acme", "ghcr.io/acme/app"], ["ghcr.io:443/acme/app", "ghcr.io"],
    ["example.com/x", "*.example.com"], ["evilexample.com/x", "*.example.com"], ["nginx", "ghcr.io"], ["localhost/x", "localhost:5000"], ["acme/app", "docker.io/library"],
  ])("%s is not from %s", (image, pattern) => {
    expect(matches(image, pattern)).toBe(false);
  });

  test.each(["", "library", "https://ghcr.io", "ghcr.io/Acme", "*", "*.*.com", "ghcr.io//x", "ghcr.*", "ghcr.io/a..b", "*.[::1]", "index.docker.io"])("%j is no pattern", (pattern) => {
    expect(parseRegistryPattern(pattern)).toHaveProperty("error");
  });

  /** The same question asked of whole labels and whole components, as lists. */
  const listed = (domain: readonly string[], path: readonly string[], pattern: { readonly domain: readonly string[]; readonly path: readonly string[] }): boolean => {
    const [first, ...rest] = pattern.domain;
    const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((part, index) => part === b[index]);
    const host = first === "*" ? domain.length > rest.length && same(domain.slice(-rest.length), rest) : same(domain, pattern.domain);
    return host && same(path.slice(0, pattern.path.length), pattern.path);
  };

  test("agrees with a comparison part by part on every pair of small names", () => {
    const labels = ["a", "b", "ab"];
    const hosts = labels.flatMap((x) => labels.flatMap((y) => [[x, y], ...labels.map((z) => [z, x, y])]));
    const paths = [["a"], ["ab"], ["a", "b"], ["a-b"], ["b", "a", "ab"]];
    const patterns = [...hosts, ...hosts.map((host) => ["*", ...host])].flatMap((domain) => [[], ...paths].map((path) => ({ domain, path })));
    const wrong: string[] = [];
    let matched = 0;
    for (const pattern of patterns) {
      const text = [pattern.domain.join("."), ...pattern.path].join("/");
      for (const host of hosts) {
        for (const path of paths) {
          const result = matchesRegistry({ domain: host.join("."), path: path.join("/"), implicitDomain: false }, text);
          if (result) matched += 1;
          if (result !== listed(host, path, pattern)) wrong.push(`${host.join(".")}/${path.join("/")} ${text}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(matched).toBeGreaterThan(500);
  });

  test.each(["a", "a-", "a.", "-", "*.", "[:", "a/", "a_", "a.b/a-", "a.b/_"])("takes linear time for 16 KB of %j", (unit) => {
    const text = unit.repeat(16_000).slice(0, 16_000);
    const start = performance.now();
    for (const pattern of [text, `${text}!`, `a.b/${text}!`]) matchesRegistry({ domain: text, path: text, implicitDomain: false }, pattern);
    expect(performance.now() - start).toBeLessThan(200);
  });
});
