import { describe, test } from "vitest";
import { rules } from "../src/index";
import { casesOf } from "../src/_testing/index";

for (const rule of rules) {
  describe(rule.id, () => {
    for (const { name, run } of casesOf(rule, rules)) test(name, run);
  });
}
