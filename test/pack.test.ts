import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rules } from "@bulkhead/rules";
import { type PackProcess, type Resource, startPack } from "./bench/analyzer-client.ts";
import { packFolder } from "./e2e/support.ts";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secretKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const good = {
  name: "web", image: "registry.example.com/app:1@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
  user: "10001", readOnly: true, memory: 64, cpus: "0.5", init: true, networksAdvanced: [{ name: "backend" }], capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges"],
  healthcheck: { tests: ["CMD", "/app", "healthy"] }, logDriver: "local", ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 512, hard: 512 }],
};
const container = (properties: object): Resource => ({ type: "docker:index/container:Container", name: "web", properties: { ...good, ...properties } });
const privileged = container({ privileged: true });

describe("the pack over gRPC", () => {
  let pack: PackProcess;
  const levels = (changes: { readonly [name: string]: { readonly level: number; readonly properties?: { readonly [key: string]: unknown } } } = {}): Parameters<PackProcess["configure"]>[0] => ({
    bulkhead: { level: 1 },
    ...Object.fromEntries(rules.map((rule) => [rule.id, { level: rule.preset === "baseline" ? 1 : 0 }])),
    ...changes,
  });
  beforeAll(async () => {
    pack = await startPack(packFolder);
  });
  afterAll(() => pack.stop());
  const said = async (resource: Resource): Promise<readonly string[]> => (await pack.analyze(resource)).diagnostics.map(({ policyName, level }) => `${policyName} ${level}`);

  test("has one policy for each rule, the baseline mandatory and the rest advisory", async () => {
    const policies = await pack.policies();
    for (const rule of rules) expect(policies).toContainEqual({ name: rule.id, level: rule.preset === "baseline" ? 1 : 0 });
    expect(policies).toHaveLength(rules.length + 2);
  });

  test("levels hold: mandatory, advisory, disabled", async () => {
    await pack.configure(levels());
    expect(await said(privileged)).toEqual(["no-privileged 1"]);
    await pack.configure(levels({ "no-privileged": { level: 0 } }));
    expect(await said(privileged)).toEqual(["no-privileged 0"]);
    await pack.configure(levels({ "no-privileged": { level: 2 } }));
    expect(await said(privileged)).toEqual([]);
    await pack.configure(levels({ "no-privileged": { level: 3 } }));
    expect(await said(privileged)).toEqual(["no-privileged 1"]);
  });

  test("a finding is as strict as the strictest rule that it stands for", async () => {
    await pack.configure(levels({ "no-dangerous-capabilities": { level: 0 }, "only-default-capabilities": { level: 1 } }));
    const added = container({ capabilities: { drops: ["ALL"], adds: ["SYS_ADMIN"] } });
    expect(await said(added)).toEqual(["no-dangerous-capabilities 1"]);
    await pack.configure(levels({ "no-dangerous-capabilities": { level: 2 }, "only-default-capabilities": { level: 1 } }));
    expect(await said(added)).toEqual(["only-default-capabilities 1"]);
  });

  test("nothing is called not applicable", async () => {
    await pack.configure(levels());
    expect((await pack.analyze(privileged)).notApplicable).toEqual([]);
    expect((await pack.analyze({ type: "aws:s3/bucket:Bucket", name: "b", properties: {} })).notApplicable).toEqual([]);
  });

  test("an unknown value neither passes nor hides what is known", async () => {
    await pack.configure(levels());
    const { diagnostics } = await pack.analyze(container({ privileged: true, image: unknown, capabilities: { drops: [unknown], adds: ["SYS_ADMIN", unknown] } }));
    expect(diagnostics.filter(({ policyName }) => policyName !== "bulkhead").map(({ policyName, level }) => `${policyName} ${level}`).sort()).toEqual(["no-dangerous-capabilities 1", "no-privileged 1"]);
    const open = diagnostics.filter(({ policyName }) => policyName === "bulkhead");
    expect(open.every(({ level }) => level === 0)).toBe(true);
    expect(open.map(({ message }) => message.split("\n")[0]?.replace(/^.*cannot be judged by (.*?): (\S+) .*$/, "$2: $1")).sort()).toEqual(["capabilities.drops: drop-all-capabilities, drop-net-raw", "image: max-image-age, no-dead-registries, no-latest-tag, no-moved-tag, no-severe-vulnerabilities, require-image-digest, require-scan-evidence"]);
  });

  test("deny and ignore, for all rules and for one", async () => {
    const unset = container({ privileged: unknown });
    await pack.configure(levels({ bulkhead: { level: 1, properties: { unknown: "deny" } } }));
    expect(await said(unset)).toEqual(["no-privileged 1"]);
    await pack.configure(levels({ bulkhead: { level: 1, properties: { unknown: "ignore" } } }));
    expect(await said(unset)).toEqual([]);
    await pack.configure(levels({ bulkhead: { level: 1, properties: { unknown: "ignore" } }, "no-privileged": { level: 1, properties: { unknown: "report" } } }));
    expect(await said(unset)).toEqual(["bulkhead 0"]);
  });

  test("everything that can be unknown, one at a time: a diagnostic, never an error", async () => {
    await pack.configure(levels());
    const bad = container({ privileged: true, pidMode: "host", networkMode: "host", volumes: [{ hostPath: "/run", containerPath: "/run" }], envs: ["A=1"] });
    const reference = (await said(bad)).length;
    for (const key of Object.keys(bad.properties)) {
      const { diagnostics } = await pack.analyze(container({ ...bad.properties, [key]: unknown }));
      expect(diagnostics.filter(({ message }) => message.includes("defect")), key).toEqual([]);
      expect(diagnostics.length, key).toBeGreaterThan(reference - 2);
    }
  });

  test("secrets are judged and never repeated", async () => {
    await pack.configure(levels());
    const secret = (value: unknown): object => ({ [secretKey]: secretSignature, value });
    const { diagnostics } = await pack.analyze(container({ privileged: secret(true), command: secret(["sshd", "hunter2"]), envs: [secret("TOKEN=hunter2")], image: secret("hunter2/hunter2:latest") }));
    expect(diagnostics.map(({ policyName }) => policyName).sort()).toEqual(["no-latest-tag", "no-literal-secrets", "no-privileged", "no-ssh"]);
    expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
  });

  test("two containers of a Deployment are told apart", async () => {
    await pack.configure(levels());
    const { diagnostics } = await pack.analyze({ type: "kubernetes:apps/v1:Deployment", name: "api", properties: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "api" }, spec: { template: { spec: { containers: [{ name: "a", securityContext: { privileged: true } }, { name: "b", securityContext: { privileged: true } }] } } } } });
    expect(diagnostics.filter(({ policyName }) => policyName === "no-privileged").map(({ message }) => message.split("\n")[0])).toEqual(['container "a" of Deployment "api" must not be privileged', 'container "b" of Deployment "api" must not be privileged']);
  });

  test("the stack's policy says once what was not configured", async () => {
    await pack.configure(levels());
    await pack.analyze(container({}));
    await pack.analyze(container({ name: "second" }));
    const { diagnostics } = await pack.analyzeStack([]);
    // Of the images nobody has gathered evidence, which is a finding of the run.
    expect(diagnostics.map(({ policyName, level }) => [policyName, level])).toEqual([["require-evidence-lockfile", 0], ["bulkhead-coverage", 0]]);
    const unset = rules.flatMap((rule) => Object.entries(rule.options ?? {}).filter(([, option]) => option.default === undefined).map(([name]) => `${rule.id} needs the option ${name} and was not applied`));
    expect(unset.length).toBeGreaterThan(3);
    const listed = diagnostics[1]?.message.split("not configured:\n")[1]?.split("\n").map((line) => line.trim()) ?? [];
    // A long list is cut, and says how much was left out.
    const whole = listed.slice(0, -1);
    expect(listed).toEqual([...[...unset].sort().slice(0, whole.length), `and ${unset.length - whole.length} more`]);
    expect(whole.length).toBeGreaterThan(unset.length / 2);
  });
});
