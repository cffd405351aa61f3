import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonReport } from "@bulkhead/core";
import { exempt, exemptLabels } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { afterAll, describe, expect, test } from "vitest";
import type { Judged, Served } from "../test/sdk";
import { containerType, secret, serve, unknownString } from "../test/sdk";
import { createPolicies } from "./policies";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-exemptions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const now = Date.UTC(2027, 0, 1);
const terms = { reason: "builds images", owner: "team-a", expires: "2027-03-31" };
const chosen = rules.filter(({ id, about }) => ["no-privileged", "no-host-pid"].includes(id) || about.includes("exemption"));
const podType = "kubernetes:core/v1:Pod";
const pod = (annotations: unknown): object => ({ metadata: { name: "p", namespace: "shop", annotations }, spec: { containers: [{ name: "a", securityContext: { privileged: true } }] } });
const container = (more: object = {}): object => ({ image: "x", privileged: true, ...more });

function pack(bulkhead: object = {}, levels: object = {}): Served {
  const served = serve(createPolicies(chosen, () => now));
  served.configure({ bulkhead: { level: "mandatory", ...bulkhead }, ...Object.fromEntries(chosen.map(({ id }) => [id, "mandatory"])), ...levels } as Parameters<Served["configure"]>[0]);
  return served;
}
const short = ({ verdicts }: Judged): readonly string[] => verdicts.map(({ name, level, message }) => `${name} ${level} ${message.split("\n")[0] ?? ""}`);
const end = async (served: Served): Promise<Judged> => served.analyzeStack({}, [{ type: podType, name: "web" }, { type: containerType, name: "web" }]);

describe("in code", () => {
  test("an annotation and a label exempt, and every use is said once for the stack", async () => {
    const served = pack();
    expect(short(await served.analyze(pod(exempt({ rule: "no-privileged", ...terms })), podType))).toEqual([]);
    expect(short(await served.analyze(container({ labels: exemptLabels({ rule: "no-privileged", ...terms }) })))).toEqual([]);
    const { verdicts } = await end(served);
    expect(verdicts).toMatchObject([{ name: "bulkhead-coverage", level: 0, message: 'exempted:\n  Container "web", Pod "p" from no-privileged by team-a until 2027-03-31: builds images' }]);
  });

  const component = "bulkhead:index:HardenedContainer";
  const urn = `urn:pulumi:dev::test::${component}::web`;
  const writable = (config: object = {}): Served => {
    const served = serve(createPolicies(rules.filter(({ id, about }) => id === "read-only-root-filesystem" || id === "no-privileged" || about.includes("exemption")), () => now));
    served.configure({ bulkhead: { level: "mandatory", ...config }, ...Object.fromEntries(["read-only-root-filesystem", "no-privileged", ...chosen.map(({ id }) => id)].filter((id) => id !== "no-host-pid").map((id) => [id, "mandatory" as const])) } as Parameters<Served["configure"]>[0]);
    return served;
  };
  const found = 'read-only-root-filesystem 1 Container "web" must have a read-only root filesystem';

  test("a component's inputs exempt what it makes, and nothing else that stands under it", async () => {
    const served = writable();
    await served.analyze({ exemptions: [{ rule: "read-only-root-filesystem", ...terms }, { rule: "no-privileged", ...terms, expires: "never" }] }, component);
    expect(short(await served.analyze({ image: "x" }, containerType, "web", urn))).toEqual([]);
    expect(short(await served.analyze({ driver: "bridge" }, "docker:index/network:Network", "web", urn))).toEqual([]);
    expect(short(await served.analyze({ image: "x", name: "web" }, containerType, "stranger", urn))).toEqual([found]);
    expect(short(await served.analyze({ image: "x" }, containerType, "web", "urn:pulumi:dev::test::acme:index:Other::web"))).toEqual([found]);
    // What no component can weaken is not exempted by one.
    expect(short(await served.analyze({ image: "x", privileged: true }, containerType, "web", urn))).toEqual(['no-privileged 1 Container "web" must not be privileged']);
  });

  test.each([
    ["that are over", { ...terms, expires: "2026-12-31" }, {}, "no-expired-exemption 1"],
    ["that are too long", { ...terms, expires: "never" }, { maxExemptionDays: 90 }, "limit-exemption-length 1"],
    ["that are forbidden in code", terms, { noCodeExemptions: ["read-only-root-filesystem"] }, "no-code-exemption 1"],
    ["that say too little", { reason: "x" }, {}, "valid-exemption 1"],
  ])("a component's exemptions %s exempt nothing", async (_, given, config, rule) => {
    const served = writable(config);
    await served.analyze({ exemptions: [{ rule: "read-only-root-filesystem", ...given }] }, component);
    expect(short(await served.analyze({ image: "x" }, containerType, "web", urn)).map((text) => text.split(" ").slice(0, 2).join(" ")).sort()).toEqual(["read-only-root-filesystem 1", rule].sort());
  });

  test("a secret is read, and a value that is not known is undecided", async () => {
    const served = pack();
    expect(short(await served.analyze(pod(secret(exempt({ rule: "no-privileged", ...terms }))), podType))).toEqual([]);
    expect(short(await served.analyze(pod({ "exempt.bulkhead.dev/no-privileged": unknownString }), podType))).toEqual([
      'no-privileged 1 container "a" of Pod "shop/p" must not be privileged',
      expect.stringMatching(/^bulkhead 0 the exemption from no-privileged on Pod "shop\/p" cannot be judged by limit-exemption-length, no-broad-exemption, no-code-exemption, no-expired-exemption, no-unused-exemption, valid-exemption: metadata\.annotations\["exempt\.bulkhead\.dev\/no-privileged"\] cannot be known yet/),
    ]);
  });

  test.each([
    ["over", { "exempt.bulkhead.dev/no-privileged": "owner=a; expires=2026-12-31; reason=x" }, 'no-expired-exemption 1 the exemption from no-privileged on Pod "shop/p" must be renewed or removed: it expired at the end of 2026-12-31'],
    ["malformed", { "exempt.bulkhead.dev/no-privileged": "please" }, 'valid-exemption 1 the exemption from no-privileged on Pod "shop/p" must be written as `key=value; key=value`, and give a reason, and name an owner, and say when it expires'],
    ["from no rule", { "exempt.bulkhead.dev/no-privilegd": "owner=a; expires=2027-02-01; reason=x" }, 'valid-exemption 1 the exemption from no-privilegd on Pod "shop/p" must name a rule that exists, not "no-privilegd" (did you mean no-privileged?)'],
    ["too long", exempt({ rule: "no-privileged", ...terms, expires: "2027-12-31" }), 'limit-exemption-length 1 the exemption from no-privileged on Pod "shop/p" must expire within 180 days, not on 2027-12-31'],
  ])("one that is %s exempts nothing", async (_, annotations, found) => {
    expect(short(await pack({ maxExemptionDays: 180 }).analyze(pod(annotations), podType))).toEqual(['no-privileged 1 container "a" of Pod "shop/p" must not be privileged', found]);
  });

  test("one that is forbidden exempts nothing, and one in vain is named", async () => {
    const annotations = exempt({ rule: ["no-privileged", "no-host-pid"], ...terms });
    expect(short(await pack({ noCodeExemptions: ["no-privileged"] }).analyze(pod(annotations), podType))).toEqual([
      'no-privileged 1 container "a" of Pod "shop/p" must not be privileged',
      'no-unused-exemption 1 the exemption from no-host-pid on Pod "shop/p" must be removed: there is no finding of no-host-pid that it exempts',
      'no-code-exemption 1 the exemption from no-privileged on Pod "shop/p" must stand in the configuration: it is not allowed in code',
    ]);
  });

  test("what is exempted is not put right", async () => {
    const served = pack({}, { "no-privileged": "remediate" });
    expect(await served.remediate(container({ labels: exemptLabels({ rule: "no-privileged", ...terms }) }))).toEqual([]);
    expect(await served.remediate(container({ labels: exemptLabels({ rule: "no-privileged", ...terms, expires: "2026-12-31" }) }))).toMatchObject([{ name: "no-privileged" }]);
  });
});

describe("in the configuration", () => {
  const entry = { rule: "no-privileged", ...terms };

  test("exempts, and is in the coverage and in the report", async () => {
    const report = join(folder, "report.json");
    const served = pack({ report, exemptions: [{ ...entry, urn: "urn:pulumi:dev::test::docker:*::web" }] });
    expect(short(await served.analyze(container()))).toEqual([]);
    expect((await end(served)).verdicts.map(({ message }) => message)).toEqual(['exempted:\n  Container "web" from no-privileged by team-a until 2027-03-31, in the configuration: builds images']);
    const { summary, exempted } = JSON.parse(readFileSync(report, "utf8")) as JsonReport;
    expect(summary).toMatchObject({ findings: 0, exempted: 1 });
    expect(exempted).toMatchObject([{ rule: "no-privileged", ...terms, source: "configuration", subject: { name: "web", urn: `urn:pulumi:dev::test::${containerType}::web` } }]);
  });

  test("is judged at the end of the stack: over, broad, or in vain", async () => {
    const served = pack({ exemptions: [{ ...entry, name: "web", expires: "2026-12-31" }, { ...entry, name: "*" }, { ...entry, type: "Pod" }] });
    expect(short(await served.analyze(container()))).toEqual([]);
    const judged = await end(served);
    expect(short(judged).filter((line) => !line.startsWith("bulkhead-coverage"))).toEqual([
      "no-expired-exemption 1 exemption 1 of the configuration, from no-privileged, must be renewed or removed: it expired at the end of 2026-12-31",
      "no-broad-exemption 1 exemption 2 of the configuration, from no-privileged, must name a type, a name, a URN, a namespace or a container that it is for; to exempt everything, turn the rule off",
      "no-unused-exemption 1 exemption 3 of the configuration, from no-privileged, must be removed: there is no finding of no-privileged that it exempts",
    ]);
    expect(judged.verdicts[0]?.message).toContain("\n  setting: bulkhead.exemptions[0]\n");
  });

  test("one for another stack may go unsaid", async () => {
    const config = { exemptions: [{ ...entry, urn: "urn:pulumi:prod::*" }] };
    expect(short(await end(pack(config)))).toHaveLength(1);
    expect(short(await end(pack(config, { "no-unused-exemption": { level: "mandatory", unmatched: "ignore" } })))).toEqual([]);
  });

  test("is judged though what says the coverage is off", async () => {
    const served = pack({ exemptions: [{ ...entry, name: "web" }] }, { "bulkhead-coverage": "disabled" });
    await served.analyze({ image: "x" });
    expect(short(await end(served))).toEqual(["no-unused-exemption 1 exemption 1 of the configuration, from no-privileged, must be removed: there is no finding of no-privileged that it exempts"]);
  });

  test("what is wrong is refused with its path, and the rest counts", async () => {
    const served = pack({ exemptions: [{ ...entry, name: "web" }, { ...entry, nam: "web" }], noCodeExemptions: ["no-host-pit"] });
    const { verdicts } = await served.analyze(container());
    expect(verdicts.map(({ message }) => message)).toEqual([[
      "the configuration of the policy pack is refused:",
      '  bulkhead.exemptions[1].nam: expected "name" (did you mean that?), found the unknown key "nam"',
      '  bulkhead.noCodeExemptions: expected "no-host-pid" (did you mean that?), found "no-host-pit"',
    ].join("\n")]);
  });
});
