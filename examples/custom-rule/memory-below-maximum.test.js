const { test } = require("node:test");
const { casesOf } = require("@bulkhead/rules/testing");
const memoryBelowMaximum = require("./memory-below-maximum");

for (const { name, run } of casesOf(memoryBelowMaximum)) test(name, run);
