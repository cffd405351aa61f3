import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exempt, exemptLabels } from "@bulkhead/core";
import type { JsonReport } from "@bulkhead/core";
import { afterAll, describe, expect, test } from "vitest";
import { missing, Project, verdicts, yamlTools } from "./support.ts";

const projects: Project[] = [];
afterAll(() => {
  for (const made of projects) made.remove();
});
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const terms = { reason: "builds images", owner: "team-a", expires: inDays(30) };

const containerType = "docker:index/container:Container";
const image = `registry.example.com/app:1@sha256:${"a".repeat(64)}`;
const docker = (name: string, properties: object): object => ({ type: containerType, properties: { name, image, privileged: true, ...properties }, options: { provider: "${provider}" } });
const pod = (name: string, annotations: object): object => ({ type: "kubernetes:core/v1:Pod", properties: { metadata: { name, namespace: "shop", annotations }, spec: { containers: [{ name: "a", image, securityContext: { privileged: true } }] } } });
function project(resources: object): Project {
  const made = new Project({ "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "yaml", resources: { provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } }, ...resources } }) });
  projects.push(made);
  return made;
}
const about = ["valid-exemption", "no-expired-exemption", "no-unused-exemption", "no-broad-exemption", "limit-exemption-length", "no-code-exemption"];
const only = { all: "disabled", "bulkhead-coverage": "advisory", "no-privileged": "mandatory", ...Object.fromEntries(about.map((rule) => [rule, "mandatory"])) };

describe.skipIf(missing(...yamlTools))("exemptions on the command line of Pulumi", () => {
  test("in code and in the configuration: nothing is refused, every use is said, and the report has them", async () => {
    const stack = project({ label: docker("label", { labels: exemptLabels({ rule: "no-privileged", ...terms }) }), annotation: pod("annotation", exempt({ rule: "no-privileged", ...terms })), configured: docker("configured", {}) });
    const report = join(stack.folder, "report.json");
    const exemptions = [{ rule: "no-privileged", ...terms, urn: `urn:pulumi:test::program::${containerType}::configured` }];
    const { code, events } = await stack.judge({ config: { ...only, bulkhead: { report, exemptions, maxExemptionDays: 90 } } });
    expect(verdicts(events)).toEqual(["bulkhead-coverage pulumi:pulumi:Stack::program-test"]);
    expect(events[0]?.message).toContain(`Container "configured" from no-privileged by team-a until ${terms.expires}, in the configuration: builds images`);
    expect(code).toBe(0);
    const { exempted } = JSON.parse(readFileSync(report, "utf8")) as JsonReport;
    expect(exempted.map(({ subject, source, owner }) => [subject.name, source, owner]).sort()).toEqual([["annotation", "code", "team-a"], ["configured", "configuration", "team-a"], ["label", "code", "team-a"]]);
  });

  test("what is over, too long, forbidden or in vain is refused, and what it was for as well", async () => {
    const over = "owner=team-a; expires=2020-01-01; reason=x";
    const stack = project({ over: pod("over", { "exempt.bulkhead.dev/no-privileged": over }), long: pod("long", exempt({ rule: "no-privileged", ...terms, expires: inDays(400) })), vain: pod("vain", exempt({ rule: "no-host-pid", ...terms })) });
    const { code, events } = await stack.judge({ config: { ...only, "no-host-pid": "mandatory", bulkhead: { maxExemptionDays: 90, exemptions: [{ rule: "no-privileged", ...terms, name: "*" }] } } });
    const type = "kubernetes:core/v1:Pod";
    expect(verdicts(events, "mandatory")).toEqual([`limit-exemption-length ${type}::long`, "no-broad-exemption pulumi:pulumi:Stack::program-test", `no-expired-exemption ${type}::over`, `no-unused-exemption ${type}::vain`].sort());
    expect(code).not.toBe(0);
    const forbidden = await stack.judge({ config: { ...only, bulkhead: { noCodeExemptions: ["*"] } } });
    expect(verdicts(forbidden.events, "mandatory")).toEqual(["long", "over", "vain"].flatMap((name) => [`no-code-exemption ${type}::${name}`, `no-privileged ${type}::${name}`]).concat(`no-expired-exemption ${type}::over`).sort());
  });
});
