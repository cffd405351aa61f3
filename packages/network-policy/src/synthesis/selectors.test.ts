import { expect, test } from "vitest";
import { exactSelector } from "./selectors";

test("the controller's own selector, where it selects no other pods", () => {
  expect(exactSelector([{ app: "web", tier: "front" }], [{ app: "api" }], { matchLabels: { app: "web" } })).toEqual({ selector: { matchLabels: { app: "web" } }, admits: [] });
});

test("more labels, where it does", () => {
  expect(exactSelector([{ app: "web", version: "v1" }], [{ app: "web", version: "v2" }], { matchLabels: { app: "web" } })).toEqual({ selector: { matchLabels: { app: "web", version: "v1" } }, admits: [] });
});

test("what others have and these have not", () => {
  expect(exactSelector([{ app: "web" }], [{ app: "web", canary: "yes" }], { matchLabels: { app: "web" } })).toEqual({ selector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "canary", operator: "DoesNotExist" }] }, admits: [] });
});

test("several values, of pods that differ", () => {
  expect(exactSelector([{ app: "web", version: "v1" }, { app: "web", version: "v2" }], [{ app: "web", version: "v3" }])).toEqual({ selector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "version", operator: "In", values: ["v1", "v2"] }] }, admits: [] });
});

test("without a base it begins with what says what the pods are, and never with what changes", () => {
  expect(exactSelector([{ "app.kubernetes.io/name": "web", "app.kubernetes.io/version": "1.2", "helm.sh/chart": "web-1", "pod-template-hash": "6b746f74dc", team: "a" }], [])).toEqual({ selector: { matchLabels: { "app.kubernetes.io/name": "web" } }, admits: [] });
  expect(exactSelector([{ "pod-template-hash": "6b746f74dc" }], [])).toEqual({ admits: [] });
});

test("equal labels cannot be told apart, and get equal selectors", () => {
  const [one, two] = [exactSelector([{ app: "web", tier: "x" }], [{ app: "web", tier: "x" }], { matchLabels: { app: "web" } }), exactSelector([{ app: "web", tier: "x" }], [{ app: "web", tier: "x" }], { matchLabels: { tier: "x" } })];
  expect(one).toEqual({ selector: { matchLabels: { app: "web", tier: "x" } }, admits: [0] });
  expect(two).toEqual(one);
});
