import { createEvaluator, readDocument, resolveRule } from "@bulkhead/core";
import { expect, test } from "vitest";
import { rules } from "../src/index";

const evaluator = createEvaluator(rules.filter(({ id }) => id === "no-sensitive-host-path" || id === "no-runtime-socket").flatMap((rule) => resolveRule(rule, undefined, rule.id).settings ?? []));

function verdict(folder: string | undefined, source: string): string {
  const document = { services: { web: { image: "app", volumes: [{ type: "bind", source, target: "/x" }] } } };
  const outcomes = readDocument(document, { type: "compose", ...(folder === undefined ? {} : { folderOf: () => folder }) }).map(evaluator.evaluate);
  return [...outcomes.flatMap(({ findings }) => findings.map(({ rule }) => rule.id)), ...outcomes.flatMap(({ undecided }) => undecided.map(({ rule }) => `${rule.id}?`))].join(" ");
}
const sensitive = "no-sensitive-host-path";

test.each([
  // What is the project's own, wherever somebody keeps it.
  ["/home/ann/shop", ".", ""], ["/home/ann/shop", "./data", ""], ["/home/ann/shop/deploy", "../src", ""], ["/home/ann", "./data", ""], ["/root/shop/deploy", "../src", ""], ["/root", "./data", ""], ["/usr/src/app", "./x", ""],
  ["/etc/compose/shop", "../shared", ""], ["/srv/shop", "../other", ""], ["/home/ann/.config/shop", "./x", ""], ["C:\\Users\\ann\\shop", "..\\other", ""],
  // What is the host's, or somebody's whole home.
  ["/srv/shop", "../../etc", sensitive], ["/srv/shop", "../..", `${sensitive} no-runtime-socket`], ["/srv/shop", "../../../../../proc/1", sensitive], ["/home/ann/shop", "..", sensitive], ["/home/ann/shop", "../..", sensitive],
  ["/home/ann/shop", "../../bob/x", sensitive], ["/home/ann/shop", "../.ssh", sensitive], ["/home/ann", "./.aws", sensitive], ["/home/ann", ".", sensitive], ["/root", ".", sensitive], ["/etc/shop", "../passwd", sensitive], ["/", "./etc", sensitive],
  ["/home/ann/.config/shop", "../../.ssh/id", sensitive], ["/srv/shop", "../../run", "no-runtime-socket"], ["/run/user/1000", "./docker.sock", "no-runtime-socket"],
  // From a folder that is not known it may be either.
  [undefined, "./etc", ""], [undefined, "../x", `${sensitive}? no-runtime-socket?`], [undefined, "../docker.sock", `no-runtime-socket ${sensitive}?`],
])("from %s, %s", (folder, source, expected) => {
  expect(verdict(folder, source).split(" ").sort()).toEqual(expected.split(" ").sort());
});
