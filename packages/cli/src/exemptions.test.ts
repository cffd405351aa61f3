import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli, pod, privileged } from "../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const judging = ["no-privileged", "valid-exemption", "no-expired-exemption", "no-unused-exemption", "no-broad-exemption", "limit-exemption-length", "no-code-exemption"].flatMap((id) => ["--rule", id]);
const annotated = (text: string, container = privileged): string => pod("a", container).replace("  name: a\n", `  name: a\n  annotations:\n    exempt.bulkhead.dev/no-privileged: ${text}\n`);
const terms = "owner=team-a; expires=2027-03-31; reason=builds images";
const config = (more = "", scope = "name: a"): string => `exemptions:\n  - { rule: no-privileged, owner: team-a, expires: 2027-03-31, reason: builds images, ${scope} }\n${more}`;
const at = (now: string, ...args: readonly string[]): readonly string[] => ["check", ...judging, "--now", now, ...args];

describe("exemptions", () => {
  test("in code: a finding is exempted, counted and listed", () => {
    const folder = cli.folder({ "a.yaml": annotated(terms) });
    const ran = cli.run(folder, at("2027-03-31", "a.yaml"));
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toContain('Exempted\n  container "web" of Pod "a" must not be privileged\n    a.yaml:12:9  spec.containers[0].securityContext.privileged  no-privileged\n    by team-a until 2027-03-31, in code: builds images\n');
    expect(ran.stdout).toContain("no findings, 0 undecided, 1 exempted");
    expect(JSON.parse(cli.run(folder, at("2027-03-31", "--format", "json", "a.yaml")).stdout)).toMatchObject({
      summary: { findings: 0, exempted: 1 },
      exempted: [{ rule: "no-privileged", subject: { kind: "Pod", name: "a", container: "web" }, location: { file: "a.yaml", line: 12 }, reason: "builds images", owner: "team-a", expires: "2027-03-31", source: "code" }],
    });
  });

  test("in a state: a component's inputs exempt its children", () => {
    const urn = "urn:pulumi:dev::shop::bulkhead:index:HardenedContainer::web";
    const state = (exemptions: unknown): string => JSON.stringify({ version: 3, deployment: { resources: [
      { urn, type: "bulkhead:index:HardenedContainer", inputs: { image: "x", exemptions } },
      { urn: "urn:pulumi:dev::shop::bulkhead:index:HardenedContainer$docker:index/container:Container::web", type: "docker:index/container:Container", parent: urn, inputs: { image: "x", name: "web", readOnly: false } },
    ] } });
    const folder = cli.folder({ "a.json": state([{ rule: "read-only-root-filesystem", reason: "builds images", owner: "team-a", expires: "never" }]), "b.json": state(undefined) });
    const ran = cli.run(folder, ["check", "--rule", "read-only-root-filesystem", "--rule", "valid-exemption", "--now", "2027-03-31", "a.json"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toContain("by team-a without an end, in code: builds images");
    expect(cli.run(folder, ["check", "--rule", "read-only-root-filesystem", "--now", "2027-03-31", "b.json"]).code).toBe(1);
  });

  test("--now decides, to the millisecond, and the same time gives the same bytes", () => {
    const folder = cli.folder({ "a.yaml": annotated(terms) });
    const codes = ["2027-03-31", "2027-03-31T23:59:59.999Z", "2027-04-01T00:00:00Z", "2027-04-01"].map((now) => cli.run(folder, at(now, "a.yaml")).code);
    expect(codes).toEqual([0, 0, 1, 1]);
    const over = cli.run(folder, at("2027-04-01", "a.yaml")).stdout;
    expect(over).toContain('a.yaml:6:5  metadata.annotations["exempt.bulkhead.dev/no-privileged"]');
    expect(over).toContain('the exemption from no-privileged on Pod "a" must be renewed or removed: it expired at the end of 2027-03-31');
    expect(cli.run(folder, at("2027-04-01", "a.yaml")).stdout).toBe(over);
    expect(cli.run(folder, at("2027-02-30", "a.yaml"))).toMatchObject({ code: 2, stderr: expect.stringContaining('bulkhead: --now: expected a date such as 2027-03-31 or 2027-03-31T12:00:00Z, found "2027-02-30"') });
  });

  test("of the configuration, and what is wrong with one stands at its line", () => {
    const folder = cli.folder({ "a.yaml": pod("a", privileged), "b.yaml": pod("b"), "c.yaml": config(), "broad.yaml": config("", "name: '*'"), "idle.yaml": config("  - { rule: no-privileged, owner: o, expires: 2027-03-31, reason: r, name: b }\n") });
    expect(cli.run(folder, at("2027-01-01", "--config", "c.yaml", "a.yaml"))).toMatchObject({ code: 0, stderr: "" });
    expect(cli.run(folder, at("2027-04-01", "--config", "c.yaml", "a.yaml")).stdout).toContain("exemption 1 of the configuration, from no-privileged, must be renewed or removed: it expired at the end of 2027-03-31\n              c.yaml:2:5  exemptions[0]");
    const broad = cli.run(folder, at("2027-01-01", "--config", "broad.yaml", "a.yaml"));
    expect([broad.code, broad.stdout]).toEqual([1, expect.stringContaining("exemption 1 of the configuration, from no-privileged, must name a type, a name, a URN, a namespace or a container")]);
    const idle = cli.run(folder, at("2027-01-01", "--config", "idle.yaml", "a.yaml", "b.yaml"));
    expect([idle.code, idle.stdout]).toEqual([1, expect.stringContaining("exemption 2 of the configuration, from no-privileged, must be removed: there is no finding of no-privileged that it exempts\n              idle.yaml:3:5  exemptions[1]")]);
    expect(idle.stdout).toContain("1 finding (1 low)");
  });

  test("what the configuration allows in code", () => {
    const folder = cli.folder({ "a.yaml": annotated(terms), "c.yaml": "maxExemptionDays: 30\nnoCodeExemptions: [no-privileged]\n" });
    const found = cli.run(folder, at("2027-01-01", "--config", "c.yaml", "a.yaml"));
    expect(found.code).toBe(1);
    for (const text of ["must expire within 30 days, not on 2027-03-31", "must stand in the configuration: it is not allowed in code", "must not be privileged"]) expect(found.stdout).toContain(text);
  });

  test("of a rule about the whole stack are judged once all files are read", () => {
    const rules = ["--rule", "require-network-policy", "--rule", "no-unused-exemption", "--closed-world", "--now", "2027-01-01"];
    const exempted = (labels: string): string => pod("a").replace("  name: a\n", `  name: a\n  namespace: shop\n  labels: ${labels}\n  annotations:\n    exempt.bulkhead.dev/require-network-policy: ${terms}\n`);
    const policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: p, namespace: shop }\nspec: { podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress, Egress] }\n";
    const folder = cli.folder({ "a.yaml": exempted("{ app: db }"), "used.yaml": exempted("{ app: web }"), "policy.yaml": policy });
    expect(cli.run(folder, ["check", ...rules, "policy.yaml", "a.yaml"])).toMatchObject({ code: 0, stdout: expect.stringContaining("1 exempted") });
    const idle = cli.run(folder, ["check", ...rules, "policy.yaml", "used.yaml"]);
    expect([idle.code, idle.stdout]).toEqual([1, expect.stringContaining('the exemption from require-network-policy on Pod "shop/a" must be removed')]);
  });

  test.each([
    [config("", "nam: a"), 'c.yaml:2:87: exemptions[0].nam: expected "name" (did you mean that?), found the unknown key "nam"'],
    ["exemptions: {}\n", "c.yaml:1:1: exemptions: expected a list of exemptions, found an object"],
    ["exemption: []\n", 'c.yaml:1:1: exemption: expected "exemptions" (did you mean that?), found the unknown key "exemption"'],
    ["exemptions:\n  - rule: no-privilegd\n    owner: a\n    reason: b\n    expires: 2027-13-01\n    name: c\n", 'c.yaml:2:5: exemptions[0].rule: expected "no-privileged" (did you mean that?), found "no-privilegd"\nc.yaml:5:5: exemptions[0].expires: expected a date such as 2027-03-31, found "2027-13-01"'],
    ["noCodeExemptions: [valid-exemption]\n", 'c.yaml:1:1: noCodeExemptions: expected a rule that can be exempted, found "valid-exemption"'],
  ])("%j is refused", (content, message) => {
    expect(cli.run(cli.folder({ "a.yaml": pod("a"), "c.yaml": content }), at("2027-01-01", "--config", "c.yaml", "a.yaml"))).toMatchObject({ code: 2, stdout: "", stderr: `${message}\n` });
  });

  test("what is exempted is not fixed", () => {
    const folder = cli.folder({ "a.yaml": annotated(terms.replace("2027", "2999")) });
    expect(cli.run(folder, ["fix", "--rule", "no-privileged", "a.yaml"])).toMatchObject({ code: 0, stdout: "nothing to fix\n" });
  });
});
