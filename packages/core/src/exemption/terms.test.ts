import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../field";
import { node } from "../node";
import type { ExemptionRequest } from "./helper";
import { exempt, exemptLabels } from "./helper";
import { matchesGlob } from "./glob";
import { readExemptions } from "./read";
import { daysLeft, endOf, readTerms, writeTerms } from "./terms";

const terms = { reason: "moves to its own cluster", owner: "team-a", expires: "2027-03-31" };

describe("the text of an exemption", () => {
  test.each([
    "owner=team-a; expires=2027-03-31; reason=moves to its own cluster",
    "reason=moves to its own cluster;expires=2027-03-31;owner=team-a",
    "  Owner = team-a ;\n expires = 2027-03-31;;\n reason = moves to its\n   own cluster ;",
  ])("%j is read in any order and spacing", (text) => {
    expect(readTerms(text)).toEqual({ terms: text.includes("cluster ;") ? { ...terms, reason: "moves to its own cluster ;" } : terms });
  });

  test("containers narrow it, and a reason may hold signs", () => {
    expect(readTerms("owner=a; expires=2027-03-31; container= web , log* ; reason=see https://x.example/?a=b; then c=d, 50% done; owned by us")).toEqual({
      terms: { owner: "a", expires: "2027-03-31", containers: ["web", "log*"], reason: "see https://x.example/?a=b; then c=d, 50% done; owned by us" },
    });
  });

  test("what follows the reason is never taken for prose where it reads as a key", () => {
    expect(readTerms("owner=a; expires=2027-03-31; reason=x; container=web")).toEqual({ terms: { owner: "a", expires: "2027-03-31", reason: "x", containers: ["web"] } });
    expect(readTerms("owner=a; expires=2027-03-31; reason=x; containers=web")).toEqual({ problem: 'not have the unknown key "containers" (did you mean container?)' });
  });

  test.each([
    ["", "give a reason, and name an owner, and say when it expires"],
    ["until we have time", "be written as `key=value; key=value`, and give a reason, and name an owner, and say when it expires"],
    ["owner=a; expires=2027-03-31; reason=  ", "give a reason"],
    ["owner=; expires=2027-03-31; reason=x", "name an owner"],
    ["owner=a; reason=x", "say when it expires"],
    ["ownr=a; owner=a; expires=2027-03-31; reason=x", 'not have the unknown key "ownr" (did you mean owner?)'],
    ["ticket=7; owner=a; expires=2027-03-31; reason=x", 'not have the unknown key "ticket"'],
    ["owner=a; owner=b; expires=2027-03-31; reason=x", "not say owner twice"],
    ["owner=a; expires=2027-03-31; container=,; reason=x", "name a container under container"],
    ...["2027-02-29", "2027-13-01", "2027-3-1", "31.03.2027", "2027-03-31T00:00:00Z", "someday", "20270331"].map((date) => [`owner=a; expires=${date}; reason=x`, "expire at a date such as 2027-03-31"]),
  ])("%j must %s", (text, problem) => {
    expect(readTerms(text)).toEqual({ problem });
  });

  test("a date holds to the end of its day in UTC", () => {
    const end = Date.UTC(2027, 3, 1);
    expect(endOf("2027-03-31")).toBe(end);
    expect(endOf("2028-02-29")).toBe(Date.UTC(2028, 2, 1));
    expect([end - 1, end, end + 1].map((now) => daysLeft("2027-03-31", now) > 0)).toEqual([true, false, false]);
  });
});

describe("exempt()", () => {
  const request: ExemptionRequest = { rule: ["no-host-path", "no-host-pid"], container: "web", ...terms };

  test("gives annotations, and labels", () => {
    const value = "owner=team-a; expires=2027-03-31; container=web; reason=moves to its own cluster";
    expect(exempt(request)).toEqual({ "exempt.bulkhead.dev/no-host-path": value, "exempt.bulkhead.dev/no-host-pid": value });
    expect(exemptLabels([{ ...terms, rule: "no-host-path" }])).toEqual([{ label: "exempt.bulkhead.dev/no-host-path", value: "owner=team-a; expires=2027-03-31; reason=moves to its own cluster" }]);
  });

  test.each<readonly [string, Partial<ExemptionRequest>, string]>([
    ["no reason", { reason: " " }, "exempt: no-host-path: the exemption must give a reason"],
    ["a wrong date", { expires: "2027-02-30" }, "exempt: no-host-path: the exemption must expire at a date such as 2027-03-31"],
    ["a wrong id", { rule: "No Host" }, 'exempt: expected a rule\'s id, found "No Host"'],
    ["a reason that reads as a key", { reason: "x; container=y" }, "exempt: no-host-path: the exemption must not say container twice"],
    ["a reason that would be cut", { reason: "x; owner=y" }, "exempt: no-host-path: the exemption must not say owner twice"],
    ["an owner that would be cut", { owner: "a;b" }, "exempt: no-host-path: the exemption must be written as `key=value; key=value`"],
    ["a container that would be two", { container: "a,b" }, "exempt: no-host-path: an owner and a container must hold no `;`, no `,` and no space at an end"],
    ["no container", { container: [] }, "exempt: no-host-path: the exemption must name a container under container"],
  ])("refuses %s", (_, wrong, message) => {
    expect(() => exempt({ ...request, ...wrong })).toThrow(message);
  });

  test("refuses two exemptions from one rule", () => {
    expect(() => exempt(request, request)).toThrow("exempt: no-host-path is exempted twice; name its containers in one exemption");
  });

  test("what it writes is read back, whatever the words", () => {
    let seed = 20270331;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const pick = <T>(list: readonly [T, ...T[]]): T => list[random(list.length)] ?? list[0];
    const words = ["a", "b=c", ";", "; d", "x; y=1", "=", ",", "\n", "  ", "é", "\u0007", "owner", "; owner", ";;", "reason=", "2027-03-31", "container=web", "; zebra=7", "%", "\"", "'"] as const;
    let written = 0;
    for (let round = 0; round < 5000; round++) {
      const reason = Array.from({ length: 1 + random(6) }, () => pick(words)).join(pick(["", " "]));
      const containers = random(2) === 0 ? undefined : Array.from({ length: 1 + random(3) }, () => pick(["web", "log-*", "sidecar.1"]));
      const given = { reason, owner: pick(["team-a", "a b", "ops@example.com", "x=y"]), expires: pick(["2027-03-31", "2000-02-29"]), ...(containers === undefined ? {} : { containers }) };
      let text: string;
      try {
        text = writeTerms(given);
      } catch {
        continue;
      }
      written += 1;
      expect(readTerms(text)).toEqual({ terms: { ...given, reason: reason.replace(/[\s\u0007]+/g, " ").trim() } });
    }
    expect(written).toBeGreaterThan(2500);
  });
});

describe("where exemptions stand", () => {
  const key = "exempt.bulkhead.dev/no-host-path";
  const text = "owner=team-a; expires=2027-03-31; reason=moves to its own cluster";
  const resource = { platform: "docker", kind: "Container", name: "web" } as const;
  const read = (value: unknown) => readExemptions(node(value, ["labels"]), resource, 'Container "web"');

  test.each([
    ["a map", { [key]: text, "app.kubernetes.io/name": "x" }, ["labels", key]],
    ["a list of labels", [{ label: "a", value: "b" }, { label: key, value: text }], ["labels", 1, "value"]],
    ["a list of assignments", ["a", `${key}=${text}`], ["labels", 1]],
  ])("in %s", (_, value, path) => {
    expect(read(value)).toEqual({ exemptions: [{ rule: "no-host-path", resource, label: 'Container "web"', path, terms }], holes: [] });
  });

  test("what is no text is a problem, what is not known is open, and where one may stand is a hole", () => {
    expect(read({ [key]: 7 }).exemptions).toMatchObject([{ problem: "be text" }]);
    expect(read([{ label: key }]).exemptions).toMatchObject([{ problem: "give a reason, name an owner and say when it expires" }]);
    expect(read([key]).exemptions).toMatchObject([{ problem: "give a reason, name an owner and say when it expires" }]);
    const [open] = read({ [key]: UNKNOWN }).exemptions;
    expect([open?.problem, open?.terms]).toEqual([undefined, undefined]);
    for (const [value, path] of [[UNKNOWN, ["labels"]], [[UNKNOWN], ["labels", 0]], [[{ label: UNKNOWN, value: text }], ["labels", 0, "value"]]] as const) {
      expect(read(value)).toMatchObject({ exemptions: [], holes: [{ about: ["exemption"], path }] });
    }
    for (const value of [undefined, null, [null, {}, { label: 7 }], { a: UNKNOWN }]) expect(read(value)).toEqual({ exemptions: [], holes: [] });
    for (const value of [7, "x", [7]]) expect(read(value)).toMatchObject({ exemptions: [], holes: [{ about: ["exemption"] }] });
  });
});

test.each([
  ["a*", "abc", true], ["a*", "ba", false], ["*", "", true], ["", "", true], ["", "a", false], ["a?c", "abc", true], ["a?c", "ac", false], ["*a*b*", "xaybz", true], ["*a*b*", "xbya", false],
  ["urn:pulumi:*::shop::docker:*", "urn:pulumi:dev::shop::docker:index/container:Container::web", true], ["a.c", "abc", false], ["*b", "abab", true], [`${"*a".repeat(40)}b`, "a".repeat(4000), false],
])("%j and %j: %j", (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});
