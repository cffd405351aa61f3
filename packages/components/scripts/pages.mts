/** Writes docs/<component>.md and docs/README.md: the inputs that each component sends, the rules that they satisfy, and every weakening with its exemption. `--check` says which are stale. Needs the compiled package and its schema. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DockerWeakening } from "../src/posture/docker-weakenings.ts";
import type { Hardening } from "../src/posture/hardenings.ts";
import type { KubernetesWeakening } from "../src/posture/kubernetes-weakenings.ts";

interface Property {
  readonly description?: string;
}
interface Schema {
  readonly resources: { readonly [token: string]: { readonly description?: string; readonly inputProperties: { readonly [name: string]: Property }; readonly requiredInputs?: readonly string[] } };
}
interface Child {
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly [key: string]: unknown };
}
interface Page {
  readonly name: string;
  readonly platform: "docker" | "kubernetes";
  /** The least that one writes. */
  readonly args: object;
}

const folder = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const pulumi = require("@pulumi/pulumi") as typeof import("@pulumi/pulumi");
const components = require("../dist/index.js") as { readonly [name: string]: new (name: string, args: object) => object };
const { hardenings } = require("../dist/posture/hardenings.js") as { readonly hardenings: readonly Hardening[] };
const { dockerWeakenings } = require("../dist/posture/docker-weakenings.js") as { readonly dockerWeakenings: { readonly [name: string]: DockerWeakening } };
const { kubernetesWeakenings } = require("../dist/posture/kubernetes-weakenings.js") as { readonly kubernetesWeakenings: readonly KubernetesWeakening[] };
const schema = JSON.parse(readFileSync(join(folder, "plugin/schema.json"), "utf8")) as Schema;

const least = { image: "registry.example.com/shop/web:1.4.2@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", memory: "128Mi" };
const more: { readonly [name: string]: object } = { HardenedCronJob: { ...least, schedule: "0 3 * * *" }, IsolatedNamespace: {}, LinkGuard: { image: "registry.example.com/tools/socat:1.8.0", target: "db", port: 5432, clientNetwork: "web-db", targetNetwork: "web-db-guarded" }, PrivateNetwork: {} };
const dockerOnes = ["HardenedContainer", "HardenedService", "LinkGuard", "PrivateNetwork"];
const pages = Object.keys(schema.resources).map((token): Page => {
  const name = token.split(":")[2] ?? token;
  return { name, platform: dockerOnes.includes(name) ? "docker" : "kubernetes", args: more[name] ?? least };
}).sort((a, b) => a.platform.localeCompare(b.platform) || a.name.localeCompare(b.name));

/** What a service of a swarm cannot be given by `@pulumi/docker`, or has by itself. */
const notOfServices: ReadonlySet<string> = new Set(["no-new-privileges", "pids-limit", "ulimits", "private-network"]);

/** Its scratch space can never be run, and its ports are never low. */
const argumentsOfContainers: ReadonlySet<string> = new Set([dockerWeakenings["executableScratch"]?.argument ?? "", dockerWeakenings["publishLow"]?.argument ?? ""]);

/** What the component asks the engine to make, its own registration left out. */
async function childrenOf({ name, args }: Page): Promise<readonly Child[]> {
  const made: Child[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name: child, inputs }) => {
      made.push({ type, name: child, inputs: inputs as Child["inputs"] });
      return { id: `${child}-id`, state: { name: child, ...(inputs as object) } };
    },
    call: () => ({}),
  }, "shop", "dev", false);
  const Component = components[name];
  if (Component === undefined) throw new Error(`the schema has a component ${name}, which the package does not export`);
  new Component("web", args);
  await new Promise(setImmediate);
  await pulumi.runtime.disconnect();
  return made.filter(({ type }) => !type.startsWith("bulkhead:") && !type.startsWith("pulumi:pulumi:")).sort((a, b) => `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`));
}

async function render(page: Page): Promise<string> {
  const { name, platform, args } = page;
  const { description = "", inputProperties, requiredInputs = [] } = schema.resources[`bulkhead:index:${name}`] ?? { inputProperties: {} };
  const weakens = platform === "docker" ? Object.values(dockerWeakenings) : kubernetesWeakenings;
  const has = (argument: string): boolean => inputProperties[argument.split(/[[ ]/)[0] ?? ""] !== undefined;
  const weakenings = name === "IsolatedNamespace" || name === "PrivateNetwork" ? [] : weakens.filter(({ argument }) => has(argument) && !(name === "HardenedService" && argumentsOfContainers.has(argument)));
  const satisfied = weakenings.length === 0 && name !== "LinkGuard" ? [] : hardenings.filter(({ id, rules }) => rules[platform].length > 0 && !(name === "HardenedService" && notOfServices.has(id)));
  const children = await childrenOf(page);
  return `${[
    "<!-- Generated by scripts/pages.mts. -->",
    `# ${name}`, "", description.trim(), "",
    "```ts", `new ${name}("web", ${JSON.stringify(args, null, 2)});`, "```", "",
    "## What it makes", "",
    ...children.flatMap(({ type, name: child, inputs }) => [`\`${type}\` \`${child}\``, "", "```json", JSON.stringify(inputs["__provider"] === undefined ? inputs : { ...inputs, __provider: "(its code)" }, null, 2), "```", ""]),
    ...(satisfied.length === 0 ? [] : ["## Hardenings", "", "| default | what it does | rules that it satisfies |", "|---|---|---|", ...satisfied.map(({ id, what, rules }) => `| ${id} | ${what} | ${rules[platform].join(", ")} |`), ""]),
    ...(weakenings.length === 0 ? [] : [
      "## Weakenings", "", "Each needs a `reason`, and may name an `owner` (else the component's `owner`, else the project) and the day that it `expires` (else `never`). It becomes an exemption from its rules on what the component makes.", "",
      "| argument | what it lets the container do | exempts from |", "|---|---|---|",
      ...weakenings.map(({ argument, what, rules }) => `| \`${argument}\` | ${what} | ${rules.map((rule) => (typeof rule === "string" ? rule : rule.rule)).join(", ")} |`), "",
    ]),
    "## Arguments", "", "| argument | |", "|---|---|",
    ...Object.entries(inputProperties).map(([argument, { description: says = "" }]) => `| \`${argument}\`${requiredInputs.includes(argument) ? " (required)" : ""} | ${says.replace(/\s+/g, " ").replaceAll("|", "\\|").trim()} |`), "",
  ].join("\n")}`;
}

const files = new Map<string, string>();
for (const page of pages) files.set(`${fileOf(page.name)}.md`, await render(page));
files.set("README.md", ["<!-- Generated by scripts/pages.mts. -->", "# Components", "", "| component | platform |", "|---|---|", ...pages.map(({ name, platform }) => `| [${name}](${fileOf(name)}.md) | ${platform === "docker" ? "Docker" : "Kubernetes"} |`), "| [hardenStack](harden-stack.md) | both |", "| [PidsLimit](pids-limit.md) | Docker |", ""].join("\n"));

let stale = 0;
for (const [name, text] of files) {
  const file = join(folder, "docs", name);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  stale += 1;
  if (process.argv.includes("--check")) process.stderr.write(`packages/components/docs/${name} is not what the components say: npm run generate\n`);
  else writeFileSync(file, text);
}
if (process.argv.includes("--check") && stale > 0) process.exitCode = 1;

function fileOf(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
