import type { AnyRule, ExamplePair, Fragment, Platform } from "@bulkhead/core";
import { exempt } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { goodContainer, goodDocker, goodMetadata, goodPod, merge, placeOf } from "../../rules/src/example-documents";
import type { Served } from "../test/sdk";
import { containerType, secret, serveRules, unknownString } from "../test/sdk";

const deploymentType = "kubernetes:apps/v1:Deployment";
const deployment = (pod: Fragment, container: Fragment): Fragment => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: goodMetadata,
  spec: { selector: { matchLabels: { app: "api" } }, template: { metadata: { labels: { app: "api" } }, spec: { ...pod, containers: [container] } } },
});
const isFixable = (rule: AnyRule, platform: Platform): boolean => rule.fix !== undefined && (rule.fixOn ?? [platform]).includes(platform);
/** Bad examples of a platform's fixable rules that are part of a workload, with where they go. */
const faults = (platform: "kubernetes" | "docker"): readonly { readonly rule: AnyRule; readonly place: string; readonly pair: ExamplePair; readonly bad: Fragment }[] =>
  rules.filter((rule) => isFixable(rule, platform)).flatMap((rule) => ([rule.examples[platform] ?? []].flat() as readonly ExamplePair[]).flatMap((pair) => ([pair.bad].flat() as readonly Fragment[]).map((bad) => ({ rule, place: placeOf(rule, pair), pair, bad })))).filter(({ place }) => place !== "document");

const build = (platform: "kubernetes" | "docker", chosen: ReturnType<typeof faults>): object => {
  const all = (place: string, base: Fragment): Fragment => chosen.filter((fault) => fault.place === place || platform === "docker").reduce((sum, { bad }) => merge(sum, bad) as Fragment, base);
  return platform === "docker" ? all("container", goodDocker) : deployment(all("pod", chosen.reduce((sum, { pair }) => merge(sum, pair.pod ?? {}) as Fragment, goodPod)), all("container", goodContainer));
};
const serveAll = (): Served => {
  const pack = serveRules(...rules);
  pack.configure(Object.fromEntries([["bulkhead", "mandatory"], ["allowed-registries", { level: "remediate", registries: ["registry.example.com"] }], ...rules.filter(({ id }) => id !== "allowed-registries").map(({ id, exampleOptions }) => [id, exampleOptions === undefined ? "remediate" : { level: "remediate", ...exampleOptions }])]) as Parameters<Served["configure"]>[0]);
  return pack;
};

/** What is refused after everything was put right once, beyond what the examples are a part of; a second time changes nothing. */
async function leftAfter(pack: Served, properties: object, type: string, within: readonly string[]): Promise<{ readonly fixed: object; readonly left: readonly string[] }> {
  const fixed = (await pack.remediate(properties, type)).at(-1)?.properties as object | undefined;
  expect(fixed, "something was put right").toBeDefined();
  expect(await pack.remediate(fixed ?? {}, type), "a second time").toEqual([]);
  return { fixed: fixed ?? {}, left: (await pack.analyze(fixed ?? {}, type)).verdicts.map(({ name }) => name).filter((name) => !within.includes(name)).sort() };
}

describe.each([["kubernetes", deploymentType], ["docker", containerType]] as const)("every fixable rule at the level remediate, %s", (platform, type) => {
  const pack = serveAll();
  const all = faults(platform);

  test("has examples", () => expect(all.length).toBeGreaterThan(20));

  test.each(all.map((fault, index) => [`${fault.rule.id} ${index}`, fault] as const))("%s is put right, once", async (_, fault) => {
    expect((await leftAfter(pack, build(platform, [fault]), type, fault.pair.within ?? [])).left).toEqual([]);
  });

  test("all faults at once are put right, whatever the order of the rules", async () => {
    const within = all.flatMap(({ pair }) => pair.within ?? []);
    const { fixed } = await leftAfter(pack, build(platform, all), type, within);
    const reversed = serveRules(...[...rules].reverse());
    reversed.configure(Object.fromEntries([["bulkhead", "mandatory"], ...rules.map(({ id }) => [id, "remediate"])]) as Parameters<Served["configure"]>[0]);
    expect(await leftAfter(reversed, build(platform, all), type, within)).toMatchObject({ left: [] });
    expect((await pack.analyze(fixed, type)).verdicts.map(({ name }) => name).filter((name) => !within.includes(name))).toEqual([]);
  });
});

describe("what is secret or unknown", () => {
  const pack = serveAll();

  test("stays so, next to what is put right", async () => {
    const container = { ...goodContainer, image: unknownString, env: [{ name: "A", value: secret("hunter2") }], securityContext: { ...(goodContainer["securityContext"] as object), privileged: secret(true), capabilities: { drop: ["ALL"], add: ["SYS_ADMIN", unknownString] } }, ports: [{ containerPort: 80, hostPort: 80 }, { containerPort: 81, hostPort: 3 }] };
    const remediated = await pack.remediate(deployment({ ...goodPod, securityContext: { sysctls: [{ name: "kernel.msgmax", value: secret("1") }, { name: unknownString, value: "1" }, { name: "kernel.sem", value: "2" }] } }, container), deploymentType);
    const { containers: [fixed], securityContext } = (remediated.at(-1) as unknown as { readonly properties: { readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Fragment[]; readonly securityContext: Fragment } } } } }).properties.spec.template.spec;
    expect(fixed).toEqual({
      ...goodContainer, image: unknownString, env: [{ name: "A", value: secret("hunter2") }], ports: [{ containerPort: 80 }, { containerPort: 81 }],
      securityContext: { ...(goodContainer["securityContext"] as object), capabilities: { drop: ["ALL"], add: ["SYS_ADMIN", unknownString] } },
    });
    expect(securityContext).toEqual({ sysctls: [{ name: unknownString, value: "1" }] });
  });

  test("below something unknown nothing is written", async () => {
    expect(await pack.remediate(deployment(goodPod, { ...goodContainer, securityContext: unknownString }), deploymentType)).toEqual([]);
  });
});

describe("what is exempt", () => {
  const exempted = (expires: string): Fragment => ({
    ...deployment(goodPod, { ...goodContainer, securityContext: { ...(goodContainer["securityContext"] as object), privileged: true } }),
    metadata: { name: "api", namespace: "shop", annotations: exempt({ rule: "no-privileged", owner: "team-a", reason: "a test", expires }) },
  });

  test("is left as it is", async () => {
    const pack = serveAll();
    expect(await pack.remediate(exempted("2999-01-01"), deploymentType)).toEqual([]);
    expect((await pack.analyze(exempted("2999-01-01"), deploymentType)).verdicts.map(({ name }) => name)).not.toContain("no-privileged");
  });

  test("is put right once the exemption is over", async () => {
    expect((await serveAll().remediate(exempted("2001-01-01"), deploymentType)).map(({ name }) => name)).toEqual(["no-privileged"]);
  });
});
