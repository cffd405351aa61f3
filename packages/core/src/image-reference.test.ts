import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { familiarName, formatReference, parse, parseAnyReference, parseDockerRef, parseImage, parseNormalizedNamed, type ReferenceResult } from "./image-reference";
import { matchesRegistry, parseRegistryPattern } from "./registry-pattern";

const cases = join(import.meta.dirname, "../../../../shared/data/distribution-reference/cases.jsonl");
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

describe.skipIf(!existsSync(cases))("distribution/reference's own cases", () => {
  const rows = existsSync(cases) ? readFileSync(cases, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row) : [];
  for (const row of rows) {
    test(JSON.stringify(row.input.length > 80 ? `${row.input.slice(0, 80)}...` : row.input), () => {
      expect(shown(parse(row.input, sha256))).toEqual(expected(row, "parse"));
      expect(shown(parseNormalizedNamed(row.input, sha256))).toEqual(expected(row, "normalized"));
      expect(shown(parseDockerRef(row.input, sha256))).toEqual(expected(row, "dockerRef"));
      expect(anyShown(row.input)).toEqual(expected(row, "any"));
    });
  }
});

describe("parseImage", () => {
  test("accepts every digest algorithm that Docker links", () => {
    expect(parseImage(`app@sha512:${"a".repeat(128)}`)).toMatchObject({ kind: "name", reference: { domain: "docker.io", path: "library/app", implicitDomain: true } });
  });

  test("takes a bare id and a digest alone for an image id", () => {
    expect(parseImage("a".repeat(64))).toEqual({ kind: "id", id: `sha256:${"a".repeat(64)}` });
    expect(parseImage(`sha256:${"b".repeat(64)}`).kind).toBe("id");
  });

  test.each(["a".repeat(16_000), "a-".repeat(8000), "a.".repeat(8000), "a/".repeat(8000), `${"a".repeat(8000)}:${"b".repeat(8000)}`, `${"[".repeat(16_000)}`])("refuses 16 KB in no time (%#)", (input) => {
    const start = performance.now();
    expect(parseImage(input).kind).toBe("invalid");
    expect(performance.now() - start).toBeLessThan(200);
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

  test.each(["", "library", "https://ghcr.io", "ghcr.io/Acme", "*", "*.*.com", "ghcr.io//x", "ghcr.*"])("%j is no pattern", (pattern) => {
    expect(parseRegistryPattern(pattern)).toHaveProperty("error");
  });
});
