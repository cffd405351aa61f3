import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missing, Project, verdicts, yamlTools } from "./support.ts";

const containerType = "docker:index/container:Container";
const [app, tool, locked] = ["registry.example.com/team/app:1", "registry.example.com/team/tool:1", "registry.example.com/team/locked:1"];
const digest = `sha256:${"a".repeat(64)}`;
const scannedAt = new Date(Date.now() - 86_400_000).toISOString();
const scan = { scanner: { name: "trivy", version: "0.70.0" }, scannedAt, vulnerabilities: {}, origin: { format: "trivy-json", name: "report.json", document: digest, trust: "local" } };
const resolved = { digest, resolvedAt: scannedAt };
/** It knows the tag that is built, too: of the image before. */
const lock = { schemaVersion: 1, references: { [app]: resolved, [locked]: resolved }, images: { [digest]: { createdAt: scannedAt, scans: [scan] } } };

/** Containers by name, with their images and what they depend on, beside an image that is built under a tag. */
function project(): Project {
  const container = (name: string, image: string, dependsOn: readonly string[] = []) => ({ type: containerType, properties: { name, image }, options: { provider: "${provider}", ...(dependsOn.length === 0 ? {} : { dependsOn }) } });
  const resources = {
    provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } },
    build: { type: "docker:index/remoteImage:RemoteImage", properties: { name: app, build: { context: "." } }, options: { provider: "${provider}" } },
    literal: container("literal", app, ["${build}"]), output: container("output", "${build.repoDigest}"),
    other: container("other", tool, ["${build}"]), good: container("good", locked),
  };
  return new Project({ "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "yaml", resources }), Dockerfile: "FROM scratch\nUSER 10001\n", "bulkhead.evidence.json": JSON.stringify(lock) });
}

describe.skipIf(missing(...yamlTools))("a program that builds an image and runs it", () => {
  let made: Project;
  beforeAll(() => void (made = project()));
  afterAll(() => made?.remove());

  test("is undecided about it by its tag as by its output, and refused for a tag that nobody builds or locks", async () => {
    const on = (more: object = {}): object => ({ enforcementLevel: "mandatory", ...more });
    const config = { all: "disabled", "require-scan-evidence": on(), "no-severe-vulnerabilities": on(), "max-image-age": on(), "no-moved-tag": on() };
    const { events, code } = await made.judge({ config });
    expect(code).not.toBe(0);
    expect(verdicts(events, "mandatory")).toEqual([`require-scan-evidence ${containerType}::other`]);
    const advice = (name: string): string => events.filter(({ resourceUrn = "", enforcementLevel }) => resourceUrn.endsWith(`::${name}`) && enforcementLevel === "advisory").map(({ message }) => message).join("\n");
    expect(advice("literal")).toContain("cannot be judged by max-image-age, no-moved-tag, no-severe-vulnerabilities, require-scan-evidence: image names an image that is built here");
    expect(advice("output")).toContain("require-scan-evidence: image cannot be known yet, so there is no digest to judge it by");
    expect(advice("good")).toBe("");
    const strict = await made.judge({ config: { ...config, bulkhead: { unknown: "deny" } } });
    expect(verdicts(strict.events, "mandatory")).toContain(`require-scan-evidence ${containerType}::literal`);
  }, 240_000);
});
