"use strict";
// What PULUMI_LANGUAGE_NODEJS_RUN_PATH names. The language host that can be built is older than the CLI: it starts a
// policy pack as a plugin in the program's folder, where the pack would not find its package.json.
const { existsSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join, resolve } = require("node:path");

const args = process.argv.slice(2);
const from = (folder, name) => require(createRequire(join(resolve(folder), "package.json")).resolve(name));

if (args.includes("--monitor")) {
  from(process.cwd(), "@pulumi/pulumi/cmd/run");
} else {
  const [folder, ...rest] = args;
  if (folder !== undefined && existsSync(join(folder, "PulumiPolicy.yaml"))) {
    process.chdir(folder);
    process.argv = [process.argv[0], process.argv[1], ...rest, resolve(folder)];
    from(folder, "@pulumi/pulumi/cmd/run-policy-pack");
  } else {
    from(folder ?? process.cwd(), "@pulumi/pulumi/cmd/run-plugin");
  }
}
