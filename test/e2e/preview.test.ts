import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { missing, Project, root, testPack, toolPath, typescriptTools, verdicts, yamlTools } from "./support.ts";

const projects: Project[] = [];
const project = (source: ConstructorParameters<typeof Project>[0]): Project => {
  const made = new Project(source);
  projects.push(made);
  return made;
};
afterAll(() => {
  for (const made of projects) made.remove();
});

const digest = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const image = `registry.example.com/app:1@${digest}`;
const planted = [
  "no-dangerous-capabilities kubernetes:argoproj.io/v1alpha1:Rollout::canary",
  "no-host-network docker:index/network:Network::backend",
  "no-host-network kubernetes:batch/v1:CronJob::report",
  "no-host-pid docker:index/container:Container::cache",
  "no-privileged kubernetes:apps/v1:Deployment::web",
  "no-runtime-socket kubernetes:apps/v1:DaemonSet::agent",
];
const registries = { "allowed-registries": { registries: ["registry.example.com"] } };

/** A YAML program of resources. */
const yaml = (resources: object): { readonly [name: string]: string } => ({
  "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "yaml", resources: { provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } }, ...resources } }),
});
const typescript = (text: string): { readonly [name: string]: string } => ({
  "Pulumi.yaml": "name: program\nruntime: nodejs\n",
  "package.json": '{"name": "program", "main": "index.ts"}',
  "tsconfig.json": readFileSync(join(root, "examples/insecure/tsconfig.json"), "utf8"),
  "index.ts": text,
});
const docker = (properties: object): object => ({ type: "docker:index/container:Container", properties, options: { provider: "${provider}" } });

/** Of strict, and found without being asked for: a container has no pids limit unless a resource gives it one. */
const unlimited = "require-pids-limit docker:index/container:Container::cache";
/** The host's network, which is planted, leads to the instance metadata whatever a policy says. */
const reached = "no-metadata-egress kubernetes:batch/v1:CronJob::report";
/** The same of the images, of which nobody has gathered evidence. */
const unproven = "require-evidence-lockfile pulumi:pulumi:Stack::insecure-test";

describe.skipIf(missing(...typescriptTools))("a TypeScript program", () => {
  const insecure = project(join(root, "examples/insecure"));

  test("every planted fault is refused, under its rule, at its resource, and nothing else is", async () => {
    const { code, events } = await insecure.judge({ config: registries });
    expect(verdicts(events, "mandatory")).toEqual(planted);
    expect(verdicts(events, "advisory")).toEqual(["bulkhead-coverage pulumi:pulumi:Stack::insecure-test", reached, unproven, unlimited]);
    expect(code).not.toBe(0);
  });

  test("advisory everywhere, it succeeds and says the same", async () => {
    const { code, events } = await insecure.judge({ config: { ...registries, all: "advisory" } });
    expect(verdicts(events, "mandatory")).toEqual([]);
    expect(verdicts(events).filter((verdict) => !verdict.startsWith("bulkhead-coverage"))).toEqual([...planted, reached, unproven, unlimited].sort());
    expect(code).toBe(0);
  });

  test("a level for one rule, and one that is off", async () => {
    const { events } = await insecure.judge({ config: { "no-host-network": "advisory", "no-privileged": "disabled", "no-latest-tag": { enforcementLevel: "mandatory" } } });
    expect(verdicts(events, "advisory").filter((verdict) => verdict.startsWith("no-"))).toEqual([...planted.filter((verdict) => verdict.startsWith("no-host-network")), reached]);
    expect(verdicts(events).some((verdict) => verdict.startsWith("no-privileged"))).toBe(false);
  });

  test("at the level remediate it is put right where a fix is safe, and refused where none is", async () => {
    const { code, events, remediated } = await insecure.judge({ config: { ...registries, all: "remediate" } });
    expect(remediated).toEqual(planted.filter((verdict) => !verdict.startsWith("no-runtime-socket")));
    expect(verdicts(events, "mandatory")).toEqual([...planted.filter((verdict) => verdict.startsWith("no-runtime-socket")), unproven, unlimited]);
    expect(code).not.toBe(0);
  });

  test("unknown values: what is known is refused, what is not is named", async () => {
    const unknown = project(typescript(`
      import * as docker from "@pulumi/docker";
      import * as k8s from "@pulumi/kubernetes";
      const provider = new docker.Provider("docker", { disableDockerDaemonCheck: true });
      const pulled = new docker.RemoteImage("pulled", { name: "${image}" }, { provider });
      new docker.Container("web", { name: "web", image: pulled.imageId, privileged: true }, { provider });
      new k8s.core.v1.Pod("late", { metadata: { name: "late" }, spec: { containers: pulled.imageId.apply((id) => [{ name: "a", image: id }]) } });
    `));
    const { events, code } = await unknown.judge();
    expect(verdicts(events, "mandatory")).toEqual(["no-privileged docker:index/container:Container::web"]);
    expect(code).not.toBe(0);
    const advisories = events.filter((event) => event.policyName === "bulkhead" && event.enforcementLevel === "advisory").map((event) => event.message);
    expect(advisories.some((message) => /the image of Container "web" cannot be judged by .*no-latest-tag.*: image cannot be known yet/.test(message))).toBe(true);
    expect(advisories.some((message) => /Pod "late" cannot be judged by .*no-privileged.*: spec\.containers cannot be known yet/.test(message))).toBe(true);
    const denied = await unknown.judge({ config: { bulkhead: { unknown: "deny" } } });
    expect(verdicts(denied.events, "mandatory")).toContain("no-privileged kubernetes:core/v1:Pod::late");
    expect(verdicts(denied.events)).toContain("no-latest-tag docker:index/container:Container::web");
  });

  test("secrets appear nowhere", async () => {
    const secret = "hunter2-7f3a91";
    const leaky = project(typescript(`
      import * as pulumi from "@pulumi/pulumi";
      import * as docker from "@pulumi/docker";
      import * as k8s from "@pulumi/kubernetes";
      const secret = pulumi.secret("${secret}");
      const provider = new docker.Provider("docker", { disableDockerDaemonCheck: true, registryAuth: [{ address: "http://registry.example.com", username: "u", password: secret }] });
      new docker.Volume("share", { name: "share", driverOpts: { type: "cifs", o: pulumi.interpolate\`username=u,password=\${secret}\` } }, { provider });
      new k8s.Provider("cluster", { kubeconfig: pulumi.interpolate\`apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster:\n    server: https://127.0.0.1:1\n    insecure-skip-tls-verify: true\ncontexts: []\nusers:\n- name: u\n  user:\n    token: \${secret}\n\` });
      new docker.Container("web", { name: "web", image: "nginx", privileged: true, envs: [pulumi.interpolate\`TOKEN=\${secret}\`], command: ["sshd", secret] }, { provider });
      new k8s.core.v1.Pod("pod", { metadata: { name: "pod" }, spec: { hostPID: true, containers: [{ name: "a", image: "nginx", args: ["/usr/sbin/sshd", secret], env: [{ name: "TOKEN", value: secret }] }] } });
    `));
    const report = join(leaky.folder, "report.json");
    const { events, everything } = await leaky.judge({ config: { bulkhead: { report } } });
    expect(verdicts(events)).toContain("no-ssh kubernetes:core/v1:Pod::pod");
    expect(verdicts(events)).toContain("no-ssh docker:index/container:Container::web");
    for (const verdict of ["no-volume-credentials docker:index/volume:Volume::share", "require-verified-registry pulumi:providers:docker::docker", "require-verified-cluster pulumi:providers:kubernetes::cluster"]) expect(verdicts(events)).toContain(verdict);
    // The program's own SDK logs its inputs at debug level; the CLI shows that only with --debug.
    expect(everything.split("\n").filter((line) => line.includes(secret) && !line.includes('"severity":"debug"'))).toEqual([]);
    const written = readFileSync(report, "utf8");
    expect(written).not.toContain(secret);
    expect((JSON.parse(written) as { readonly findings: readonly { readonly rule: string }[] }).findings.map((finding) => finding.rule)).toContain("no-host-pid");
  });
});

describe.skipIf(missing(...yamlTools))("a YAML program", () => {
  test("the hardened example passes the restricted preset without a word", async () => {
    const { code, events } = await project(join(root, "examples/hardened-yaml")).judge({ config: { bulkhead: { preset: "restricted" } } });
    expect(events).toEqual([]);
    expect(code).toBe(0);
  });

  test("a fault is refused, and a preset turns the rest off", async () => {
    const program = project(yaml({ web: docker({ name: "web", image, privileged: true }) }));
    const baseline = await program.judge({ config: { bulkhead: { preset: "baseline" } } });
    expect(verdicts(baseline.events)).toEqual(["no-privileged docker:index/container:Container::web"]);
    const restricted = await program.judge({ config: { bulkhead: { preset: "restricted" } } });
    expect(verdicts(restricted.events, "mandatory").map((verdict) => verdict.split(" ")[0])).toEqual(["drop-all-capabilities", "no-privilege-escalation", "no-privileged", "run-as-non-root"]);
    const insisted = await program.judge({ config: { bulkhead: { preset: "restricted", levels: { "drop-all-capabilities": "advisory" } }, "run-as-non-root": "disabled" } });
    expect(verdicts(insisted.events, "mandatory").map((verdict) => verdict.split(" ")[0])).toEqual(["no-privilege-escalation", "no-privileged"]);
    expect(verdicts(insisted.events, "advisory").map((verdict) => verdict.split(" ")[0])).toEqual(["drop-all-capabilities"]);
  });

  test("an option of a rule counts", async () => {
    const program = project(yaml({ web: docker({ name: "web", image, capabilities: { adds: ["CHOWN"], drops: ["ALL"] } }) }));
    const names = async (capabilities: readonly string[]): Promise<readonly string[]> => (await program.judge({ config: { "only-allowed-capabilities": { capabilities } } })).events.map((event) => event.policyName);
    expect(await names(["NET_BIND_SERVICE"])).toContain("only-allowed-capabilities");
    expect(await names(["CHOWN"])).not.toContain("only-allowed-capabilities");
  });

  test("an unknown key is refused, with the key that was meant", async () => {
    const program = project(yaml({ web: docker({ name: "web", image, privileged: true }) }));
    const { code, events } = await program.judge({ config: { bulkhead: { presets: "baseline" }, "no-privilegd": "mandatory", "only-allowed-capabilities": { capabilites: ["CHOWN"] } } });
    const refusal = events.find((event) => event.message.includes("configuration of the policy pack is refused"));
    expect(refusal?.enforcementLevel).toBe("mandatory");
    expect(refusal?.message).toContain('bulkhead.presets: expected "preset" (did you mean that?), found the unknown key "presets"');
    expect(refusal?.message).toContain('no-privilegd: expected "no-privileged" (did you mean that?), found the unknown key "no-privilegd"');
    expect(refusal?.message).toContain('only-allowed-capabilities.capabilites: expected "capabilities" (did you mean that?)');
    expect(verdicts(events, "mandatory")).toContain("no-privileged docker:index/container:Container::web");
    expect(code).not.toBe(0);
  });

  test("a wrong type is refused, with its key", async () => {
    const program = project(yaml({ web: docker({ name: "web", image }) }));
    const { code, everything } = await program.judge({ config: { "allowed-registries": { registries: "registry.example.com" } } });
    expect(everything).toMatch(/allowed-registries: registries: Invalid type\. Expected: array, given: string/);
    expect(code).not.toBe(0);
  });

  test("a rule that throws is one labelled violation, and stops nothing", async () => {
    const program = project(yaml({ web: docker({ name: "web", image, privileged: true }) }));
    const pack = await testPack(program.folder, `[...rules, { ...rules.find((rule) => rule.id === "no-privileged"), id: "broken-rule", overlaps: [], check: () => { throw new TypeError("quotes hunter2"); } }]`);
    const { events, everything, code } = await program.judge({ pack });
    const broken = events.filter((event) => event.policyName === "broken-rule");
    expect(broken.map((event) => [event.enforcementLevel, event.message.split("\n")[0]])).toEqual([["mandatory", expect.stringMatching(/^the rule broken-rule failed and did not judge Container "web" \(TypeError at .*\)/)]]);
    expect(verdicts(events, "mandatory")).toContain("no-privileged docker:index/container:Container::web");
    expect(everything).not.toContain("hunter2");
    expect(everything).not.toMatch(/failed to run policy|\n\s+at /);
    expect(code).not.toBe(0);
  });
});

describe.skipIf(missing(...typescriptTools, "pulumi-language-python", "python"))("a Python program", () => {
  test("is judged by the same pack", async () => {
    const program = project({
      "Pulumi.yaml": JSON.stringify({ name: "program", runtime: { name: "python", options: { virtualenv: toolPath("python") } } }),
      "__main__.py": `
import pulumi
import pulumi_docker as docker
import pulumi_kubernetes as k8s

provider = docker.Provider("docker", disable_docker_daemon_check=True)
docker.Container("cache", name="cache", image="${image}", ipc_mode="host", opts=pulumi.ResourceOptions(provider=provider))
k8s.core.v1.Pod("pod", metadata={"name": "pod"}, spec={"host_ipc": True, "containers": [{"name": "a", "image": "${image}", "security_context": {"privileged": True}}]})
`,
    });
    const { events, code } = await program.judge();
    expect(verdicts(events, "mandatory")).toEqual([
      "no-host-ipc docker:index/container:Container::cache",
      "no-host-ipc kubernetes:core/v1:Pod::pod",
      "no-privileged kubernetes:core/v1:Pod::pod",
    ]);
    expect(code).not.toBe(0);
  });
});
