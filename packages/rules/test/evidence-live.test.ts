import type { EvidenceLock, EvidenceSource, EvidenceStatus, Finding, Undecided } from "@bulkhead/core";
import { createEvaluator, inventoryPart, readDocument, resolveRule } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { digest, digestOf, exampleEvidence, exampleSource } from "../src/example-evidence";
import { rules } from "../src/index";

const now = Date.parse("2026-06-01T00:00:00Z");
const judging = ["require-scan-evidence", "no-severe-vulnerabilities", "require-image-signature", "require-provenance", "max-image-age", "no-moved-tag", "allowed-base-images", "exposed-vulnerable-workload"];
const settings = rules.filter(({ id }) => [...judging, "require-evidence-lockfile"].includes(id)).flatMap((rule) => resolveRule(rule, rule.exampleOptions, rule.id).settings ?? []);
const missing: EvidenceStatus = { kind: "missing", file: "bulkhead.evidence.json" };
const containerOf = (image: string) => [{ kind: "Pod", apiVersion: "v1", metadata: { name: "a" }, spec: { hostNetwork: true, containers: [{ name: "a", image }] } }] as const;

interface Judged {
  readonly findings: readonly Finding[];
  readonly undecided: readonly Undecided[];
  readonly rules: readonly string[];
}

function judge(evidence: EvidenceSource, image: string): Judged {
  const evaluator = createEvaluator(settings, { now, evidence });
  const models = containerOf(image).flatMap((document) => readDocument(document));
  const parts = models.flatMap((model) => inventoryPart(model) ?? []);
  const outcomes = [...models.map((model) => evaluator.raw(model)), ...evaluator.evaluateInventory(parts).map(({ outcome }) => outcome), evaluator.evaluateConfiguration()];
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  return { findings, undecided: outcomes.flatMap((outcome) => outcome.undecided), rules: findings.map(({ rule }) => rule.id).sort() };
}

describe("registries that are asked during the run", () => {
  test.each([["a tag", "registry.example.com/app:1.2.3", judging], ["a digest", `registry.example.com/app@${digest}`, judging.filter((id) => id !== "no-moved-tag")]])("where %s could not be asked for every rule that needs it is broken, although the lockfile would do", (_, image, broken) => {
    const source: EvidenceSource = { ...exampleEvidence, ask: (name) => `${name}: its registry could not be asked: status 429` };
    const { rules: found, findings, undecided } = judge(source, image);
    expect(found).toEqual([...broken].sort());
    for (const { message } of findings) expect(message).toContain(`${image}: its registry could not be asked: status 429`);
    expect(undecided).toEqual([]);
  });

  test("a missing lockfile is no finding, and an image is judged by what the registry has", () => {
    expect(judge({ ...exampleEvidence, status: missing }, `registry.example.com/app@${digest}`).rules).toEqual(["require-evidence-lockfile"]);
    expect(judge({ ...exampleEvidence, status: missing, ask: () => undefined }, `registry.example.com/app@${digest}`).rules).toEqual([]);
    const { findings } = judge({ ...exampleEvidence, status: missing, ask: () => undefined, refusals: () => ["untrusted-signer"] }, `registry.example.com/app@${digestOf("unsigned")}`);
    expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining("its registry and the lockfile have no signature of registry.example.com/app@sha256:756e7369676e... that counts (attached and not taken: untrusted-signer)")]);
  });

  test("a tag is judged by what it names now, and by no-moved-tag where that is not what was locked", () => {
    const image = "registry.example.com/app:1";
    const lock: EvidenceLock = {
      schemaVersion: 1, images: { [digest]: exampleEvidence.image(digest) ?? {}, [digestOf("vulnerable")]: exampleEvidence.image(digestOf("vulnerable")) ?? {} },
      references: { [image]: { digest, resolvedAt: "2026-05-20T04:00:00Z", moved: { digest: digestOf("vulnerable"), seenAt: "2026-06-01T00:00:00Z" } } },
    };
    const source = exampleSource(lock, { release: { kind: "key", key: digestOf("release key") } });
    expect(judge(source, image).rules).toEqual(["no-moved-tag"]);
    const { findings, rules: found } = judge({ ...source, ask: () => undefined }, image);
    expect(found).toEqual(["exposed-vulnerable-workload", "no-moved-tag", "no-severe-vulnerabilities"]);
    expect(findings.find(({ rule }) => rule.id === "no-moved-tag")?.message).toContain(`locked to on 2026-05-20, ${digest.slice(0, 19)}..., and not ${image} (${digestOf("vulnerable").slice(0, 19)}..., which the tag names now)`);
  });

  test("all images of a document are announced together, before the first is asked for; an image id as it is", () => {
    const said: string[] = [];
    const source: EvidenceSource = { ...exampleEvidence, ask: (name) => void said.push(`ask ${name}`), expect: (names) => void said.push(`expect ${names.join(" ")}`) };
    const evaluator = createEvaluator(settings.filter(({ rule }) => rule.id === "require-scan-evidence"), { now, evidence: source });
    const pod = { kind: "Pod", apiVersion: "v1", metadata: { name: "a" }, spec: { containers: [{ name: "a", image: "debian" }, { name: "b", image: `quay.io/b:1@${digest}` }] } };
    for (const model of readDocument(pod)) evaluator.raw(model);
    for (const model of readDocument({ image: digest, name: "a" }, { type: "docker:index/container:Container", name: "a" })) evaluator.raw(model);
    expect(said).toEqual([`expect docker.io/library/debian:latest quay.io/b@${digest}`, "ask docker.io/library/debian:latest", `ask quay.io/b@${digest}`, `expect ${digest}`, `ask ${digest}`]);
  });
});
