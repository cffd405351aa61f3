import { join } from "node:path";
import { rules } from "@bulkhead/rules";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PackProcess, type Resource, startPack } from "../../../test/bench/analyzer-client.ts";
import { emptyAsset, secret } from "../test/sdk";

type Levels = Parameters<PackProcess["configure"]>[0];
const [advisory, mandatory, disabled] = [0, 1, 2];

/** What the engine sends: `all` as an entry of its own, and a level for each policy. */
function engine(changes: Levels = {}, all?: number): Levels {
  const level = (usual: number): { readonly level: number } => ({ level: all ?? usual });
  return {
    bulkhead: level(mandatory), "bulkhead-coverage": level(advisory),
    ...Object.fromEntries(rules.map((rule) => [rule.id, level(rule.preset === "baseline" ? mandatory : advisory)])),
    ...(all === undefined ? {} : { all: { level: all } }),
    ...changes,
  };
}

describe("the shipped pack, as a process", () => {
  let pack: PackProcess;
  beforeAll(async () => {
    pack = await startPack(join(import.meta.dirname, ".."));
    await pack.configureStack({ project: "test", stack: "dev", dryRun: true, tags: { team: "a" } });
  });
  afterAll(() => pack.stop());
  const container = (properties: object): Resource => ({ type: "docker:index/container:Container", name: "web", properties: { name: "web", image: "nginx", ...properties } });
  const said = async (levels: Levels, resource = container({ privileged: true })): Promise<readonly string[]> => {
    await pack.configure(levels);
    return (await pack.analyze(resource)).diagnostics.map(({ policyName, level }) => `${policyName} ${level}`).sort();
  };

  test("all disabled turns everything off, but not a rule that is given a level", async () => {
    expect(await said(engine({}, disabled))).toEqual([]);
    expect(await said(engine({ "no-privileged": { level: mandatory } }, disabled))).toEqual(["no-privileged 1"]);
    expect(await said(engine({ bulkhead: { level: disabled } }))).toEqual([]);
  });

  test("a preset in audit: its rules advise, the others are off", async () => {
    const preset = (name: string, level: number): Levels => ({ bulkhead: { level, properties: { preset: name } } });
    expect(await said(engine(preset("baseline", advisory), advisory))).toEqual(["no-privileged 0"]);
    const restricted = await said(engine(preset("restricted", advisory), advisory));
    expect(restricted).toContain("drop-all-capabilities 0");
    expect(restricted.filter((verdict) => !verdict.endsWith(" 0") || verdict.startsWith("no-latest-tag"))).toEqual([]);
    expect(await said(engine(preset("restricted", mandatory)))).toEqual(restricted.map((verdict) => verdict.replace(/0$/, "1")));
  });

  test("a bad configuration is one refusal, and the rules are applied", async () => {
    await pack.configure(engine({ bulkhead: { level: mandatory, properties: { preset: "basline", presets: 1 } }, "no-privilegd": { level: mandatory }, "no-ssh": { level: advisory, properties: { unknown: "maybe" } } }));
    const stack = await pack.analyze({ type: "pulumi:pulumi:Stack", name: "test", properties: {} });
    expect(stack.diagnostics.map(({ policyName, level }) => [policyName, level])).toEqual([["bulkhead", mandatory]]);
    expect(stack.diagnostics[0]?.message.split("\n").slice(1)).toEqual([
      '  bulkhead.presets: expected "preset" (did you mean that?), found the unknown key "presets"',
      '  bulkhead.preset: expected one of "baseline", "restricted", "strict", found "basline"',
      '  no-privilegd: expected "no-privileged" (did you mean that?), found the unknown key "no-privilegd"',
      '  no-ssh.unknown: expected one of "report", "deny", "ignore", found a string',
    ]);
    expect((await pack.analyze(container({ privileged: true }))).diagnostics.map(({ policyName }) => policyName)).toContain("no-privileged");
  });

  test("an asset that the SDK cannot decode hides nothing, and does not end the preview", async () => {
    const levels = engine({ bulkhead: { level: mandatory, properties: { preset: "baseline" } } });
    expect(await said(levels, container({ privileged: secret(true), envs: [secret("TOKEN=hunter2")], uploads: [{ file: "/a", source: emptyAsset }] }))).toEqual(["no-privileged 1"]);
    const release = { type: "kubernetes:helm.sh/v3:Release", name: "r", properties: { chart: "nginx", valueYamlFiles: [emptyAsset] } };
    expect((await pack.analyze(release)).diagnostics).toEqual([]);
    const { diagnostics } = await pack.analyzeStack([release]);
    expect(diagnostics.map(({ policyName, level }) => [policyName, level])).toEqual([["bulkhead-coverage", advisory]]);
    expect(diagnostics[0]?.message).toContain('Release "r"');
  });

  test("an option counts", async () => {
    const resource = container({ image: "ghcr.io/acme/app:1" });
    const allowing = (...registries: string[]): Levels => engine({ "allowed-registries": { level: mandatory, properties: { registries } } });
    expect(await said(allowing("docker.io"), resource)).toContain("allowed-registries 1");
    expect(await said(allowing("ghcr.io/acme"), resource)).not.toContain("allowed-registries 1");
  });
});
