import { readDocument } from "@bulkhead/core";
import { describe, test } from "vitest";
import { networkOf } from "@bulkhead/network-policy";
import { exampleFlows, rules } from "../src/index";
import { casesOf } from "../src/_testing/index";

for (const rule of rules) {
  describe(rule.id, () => {
    for (const { name, run } of casesOf(rule, rules, readDocument, networkOf(exampleFlows))) test(name, run);
  });
}
