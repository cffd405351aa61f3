import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage } from "../toolchain/docker.ts";
import { installPackages, pidsTools } from "./pids-support.ts";
import type { Outcome } from "./support.ts";
import { missing, Project, verdicts } from "./support.ts";

const name = `bulkhead-targets-${process.pid}`;
const reason = "gives files of its volume away";
const notMade = "this operation leaves it out (--target or --exclude) and it is not made yet";

/** A weakened container and one that is not, a weakened workload, and a raw container that is judged with them. */
const program = `
  const docker = require("@pulumi/docker");
  const k8s = require("@pulumi/kubernetes");
  const pulumi = require("@pulumi/pulumi");
  const { HardenedContainer, HardenedDeployment } = require("@bulkhead/components");
  const config = new pulumi.Config();
  const base = { image: ${JSON.stringify(imageName)}, command: ["sleep", "1000"], memory: "32Mi" };
  const weakened = config.getBoolean("strong") ? {} : { capabilities: { add: ["CHOWN"], reason: ${JSON.stringify(reason)} } };
  new HardenedContainer("${name}-web", { ...base, ...weakened });
  new HardenedContainer("${name}-db", base);
  const files = new k8s.Provider("files", { renderYamlToDirectory: "rendered" });
  new HardenedDeployment("api", { image: "registry.example.com/api:1", memory: "64Mi", namespace: "shop", ...weakened }, { providers: [files] });
  new docker.Container("raw", { ...base, memory: undefined, name: "${name}-raw", user: "10001", capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges"], privileged: config.getBoolean("privileged") });
`;

const urn = (type: string, of: string): string => `urn:pulumi:test::program::${type}::${of}`;
const docker = "docker:index/container:Container";
const component = urn("bulkhead:index:HardenedContainer", `${name}-web`);
const child = urn(`bulkhead:index:HardenedContainer$${docker}`, `${name}-web`);
const raw = urn(docker, "raw");

describe.skipIf(missing(...pidsTools, "pulumi-resource-kubernetes"))("a part of the stack, previewed with the pack", { timeout: 240_000 }, () => {
  let project: Project;
  beforeAll(async () => {
    project = new Project({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }', "program.js": program });
    installPackages(project.program, "linked");
    await importImage(project.env);
  });
  afterAll(async () => {
    await project.pulumi(["destroy", "--yes", "--skip-preview"]);
    project.remove();
  }, 240_000);

  const judge = (command: "preview" | "up", ...flags: readonly string[]): Promise<Outcome> =>
    project.judge({ config: { bulkhead: { preset: "restricted" } }, command: [command, ...(command === "up" ? ["--yes", "--skip-preview"] : []), ...flags] });
  const coverage = ({ events }: Outcome): string => events.find(({ policyName }) => policyName === "bulkhead-coverage")?.message ?? "";

  describe("before anything is made", () => {
    test("a child without its component is the engine's error, and no rule's: the child keeps the component's exemption", async () => {
      const outcome = await judge("preview", "--target", child);
      expect(verdicts(outcome.events, "mandatory"), outcome.stdout).toEqual([]);
      expect(outcome.stdout).toContain(`depends on '${component}' which was was not specified in --target list`);
      expect(coverage(outcome)).toContain(`from only-allowed-capabilities by program without an end: ${reason}`);
    });

    test("a component with what is below it: the rest is not judged by inputs that it does not have, and that is said", async () => {
      const outcome = await judge("preview", "--target", component, "--target-dependents");
      expect(verdicts(outcome.events, "mandatory"), outcome.stdout).toEqual([]);
      expect(outcome.code, outcome.stdout).toBe(0);
      expect(coverage(outcome)).toContain(`from only-allowed-capabilities by program without an end: ${reason}`);
      expect(coverage(outcome)).toContain(notMade);
    });

    test("all but a child: what there is besides is judged", async () => {
      await project.pulumi(["config", "set", "privileged", "true"]);
      const outcome = await judge("preview", "--exclude", child);
      await project.pulumi(["config", "rm", "privileged"]);
      expect(verdicts(outcome.events, "mandatory"), outcome.stdout).toEqual([`no-privileged ${docker}::raw`]);
    });
  });

  describe("of a stack that is there", () => {
    beforeAll(async () => {
      const { code, stdout } = await judge("up");
      expect(code, stdout).toBe(0);
    }, 240_000);

    test.each<[string, readonly string[]]>([
      ["a child that is weakened", ["--target", child]],
      ["another resource", ["--target", raw]],
      ["all but the component", ["--exclude", component]],
    ])("%s: every exemption holds, and nothing is passed over", async (_, flags) => {
      const outcome = await judge("preview", ...flags);
      expect(verdicts(outcome.events, "mandatory"), outcome.stdout).toEqual([]);
      expect(outcome.code, outcome.stdout).toBe(0);
      for (const exempted of [`Container "${name}-web`, 'Deployment "api"']) expect(coverage(outcome)).toContain(exempted);
      expect(coverage(outcome)).not.toContain(notMade);
    });

    test("a weakening that is taken back in the program alone: what runs on with it is found", async () => {
      await project.pulumi(["config", "set", "strong", "true"]);
      const elsewhere = await judge("preview", "--target", raw);
      expect(verdicts(elsewhere.events, "mandatory"), elsewhere.stdout).toEqual([`only-allowed-capabilities bulkhead:index:HardenedContainer$${docker}::${name}-web`]);
    });
  });
});
