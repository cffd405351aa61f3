import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../field";
import { node } from "../node";
import { labelsField, selectorField, selects } from "./selector";

const matched = (selector: unknown, labels: unknown): boolean | undefined => selects(selectorField(node(selector)), labelsField(node(labels)));
const expression = (key: unknown, operator: unknown, values?: unknown): object => ({ matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }] });
const web = { app: "web", tier: "front" };

describe("a label selector decides as k8s.io/apimachinery does", () => {
  test.each([
    ["nothing selects everything", {}, {}, true],
    ["left out, it selects everything", undefined, web, true],
    ["matchLabels, equal", { matchLabels: { app: "web" } }, web, true],
    ["matchLabels, another value", { matchLabels: { app: "db" } }, web, false],
    ["matchLabels, no such key", { matchLabels: { team: "a" } }, web, false],
    ["matchLabels, all of them", { matchLabels: { app: "web", tier: "back" } }, web, false],
    ["matchLabels and matchExpressions are one list", { matchLabels: { app: "web" }, ...expression("tier", "Exists") }, web, true],
    ["In, a member", expression("app", "In", ["db", "web"]), web, true],
    ["In, no member", expression("app", "In", ["db"]), web, false],
    ["In, no such key", expression("team", "In", ["a"]), web, false],
    ["NotIn, a member", expression("app", "NotIn", ["web"]), web, false],
    ["NotIn, no member", expression("app", "NotIn", ["db"]), web, true],
    ["NotIn, no such key", expression("team", "NotIn", ["a"]), web, true],
    ["Exists", expression("app", "Exists"), web, true],
    ["Exists, no such key", expression("team", "Exists"), web, false],
    ["Exists, with an empty value", expression("app", "Exists"), { app: "" }, true],
    ["DoesNotExist", expression("app", "DoesNotExist"), web, false],
    ["DoesNotExist, no such key", expression("team", "DoesNotExist"), web, true],
    ["pods without labels", { matchLabels: { app: "web" } }, undefined, false],
    ["pods without labels, and NotIn", expression("app", "NotIn", ["web"]), undefined, true],
  ])("%s", (_, selector, labels, expected) => {
    expect(matched(selector, labels)).toBe(expected);
  });

  test.each([
    ["a value that is not known", { matchLabels: { app: UNKNOWN } }, web],
    ["a selector that is not known", UNKNOWN, web],
    ["a key that is not known", expression(UNKNOWN, "Exists"), web],
    ["an operator that is not known", expression("app", UNKNOWN), web],
    ["a member that is not known", expression("app", "In", ["db", UNKNOWN]), web],
    ["labels that are not known", { matchLabels: { app: "web" } }, UNKNOWN],
    ["a label that is not known", { matchLabels: { app: "web" } }, { app: UNKNOWN }],
    ["what the API server refuses: In without values", expression("app", "In", []), web],
    ["what the API server refuses: Exists with values", expression("app", "Exists", ["web"]), web],
    ["what the API server refuses: a number as a label", { matchLabels: { app: "1" } }, { app: 1 }],
  ])("%s leaves it open", (_, selector, labels) => {
    expect(matched(selector, labels)).toBeUndefined();
  });

  test("what is not known does not hide what is", () => {
    expect(matched({ matchLabels: { app: "db", tier: UNKNOWN } }, web)).toBe(false);
    expect(matched({ matchLabels: { app: "web" }, ...expression("tier", "DoesNotExist") }, { app: UNKNOWN, tier: "front" })).toBe(false);
    expect(matched(expression("app", "Exists"), { app: UNKNOWN })).toBe(true);
    expect(matched({}, UNKNOWN)).toBe(true);
  });
});
