/** `npm run new-rule -- FAMILY/ID`: writes a rule file from a template. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const name = process.argv[2] ?? "";
const match = /^([a-z]+)\/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(name);
if (match === null) {
  process.stderr.write(`expected FAMILY/ID such as container/no-foo, found ${JSON.stringify(name)}\n`);
  process.exit(2);
}
const [, family, id] = match;
const file = join(dirname(fileURLToPath(import.meta.url)), "../src", `${family}/${id}.ts`);
if (existsSync(file)) {
  process.stderr.write(`${file} exists already\n`);
  process.exit(2);
}
mkdirSync(dirname(file), { recursive: true });
writeFileSync(
  file,
  `import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "${id}",
  title: "",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: {},
  why: "",
  remediation: "",
  whenNot: "",
  about: "container",
  reads: ({ privileged }) => ({ privileged: exact(privileged) }),
  check: ({ privileged }) => (privileged === true ? "" : undefined),
  fix: ({ privileged }) => privileged.to(undefined),
  examples: {
    kubernetes: { bad: {}, good: {} },
    docker: { bad: {}, good: {} },
    compose: { bad: {}, good: {} },
  },
});
`,
);
process.stdout.write(`${file}\nFill it in, then: npm run generate && npm test\n`);
