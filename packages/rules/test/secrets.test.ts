import { createEvaluator, readDocument, resolveRule } from "@bulkhead/core";
import { expect, test } from "vitest";
import { rules } from "../src/index";

const secret = "hunter2-41c7";
const text = JSON.stringify;
const evaluator = createEvaluator(rules.flatMap((rule) => resolveRule(rule, rule.exampleOptions, rule.id, "deny").settings ?? []));

const kubeconfig = `apiVersion: v1\nclusters:\n- name: a\n  cluster:\n    server: http://a\n    insecure-skip-tls-verify: true\nusers:\n- name: u\n  user:\n    token: ${secret}\n    password: ${secret}\n`;
const build = { context: ".", networkMode: "host", buildArgs: { TOKEN: secret, URL: `https://u:${secret}@git.example.com` }, secrets: [{ id: "s", env: secret }], authConfigs: [{ hostName: "a", password: secret, auth: secret }], cacheFroms: [`type=registry,ref=r.io/c,token=${secret}`], additionalContexts: [`src=https://u:${secret}@git.example.com`, `base=docker-image://u:${secret}@r.io/e`] };

/** Inputs with a credential wherever one may stand, and the rules that speak of them. */
test.each<readonly [string, object, readonly string[]]>([
  ["pulumi:providers:docker", { host: `tcp://u:${secret}@a:2375`, keyMaterial: "", registryAuth: text([{ address: "http://a", username: "u", password: secret, configFileContent: secret }]), sshOpts: text(["-o", "StrictHostKeyChecking=no", secret]) }, ["require-verified-daemon", "require-verified-registry"]],
  ["pulumi:providers:docker", { host: `http://${secret}`, registryAuth: `not JSON ${secret}` }, ["require-verified-daemon", "require-verified-registry"]],
  ["pulumi:providers:docker-build", { registries: text([{ address: `http://u:${secret}@a`, password: secret }]) }, ["require-verified-registry"]],
  ["pulumi:providers:kubernetes", { kubeconfig }, ["require-verified-cluster"]],
  ["pulumi:providers:kubernetes", { kubeconfig: text({ clusters: [{ cluster: { server: `http://u:${secret}@a` } }], users: [{ user: { token: secret } }] }) }, ["require-verified-cluster"]],
  ["docker:index/image:Image", { imageName: "r.io/a", build: { args: { TOKEN: secret } }, registry: { server: `http://u:${secret}@a`, password: secret } }, ["no-secret-build-args", "require-verified-registry"]],
  ["docker:index/remoteImage:RemoteImage", { name: "r.io/a", build }, ["no-secret-build-args", "no-host-network-build"]],
  ["docker:index/registryImage:RegistryImage", { name: "r.io/a", build, insecureSkipVerify: true, authConfig: { address: "a", password: secret } }, ["no-secret-build-args", "require-verified-registry"]],
  ["docker-build:index:Image", { tags: ["r.io/a:1"], buildArgs: { TOKEN: secret }, secrets: { TOKEN: secret }, registries: [{ address: "http://a", password: secret }], exports: [{ raw: `type=image,registry.insecure=true,token=${secret}` }], cacheFrom: [{ gha: { token: secret } }], dockerfile: { inline: `FROM a\nENV T=${secret}` } }, ["no-secret-build-args", "require-verified-registry"]],
  ["docker:index/volume:Volume", { driverOpts: { type: "cifs", o: `username=u,password=${secret}`, token: secret } }, ["no-volume-credentials"]],
  ["docker:index/container:Container", { image: "a", uploads: [{ file: "/tls.key", content: `-----BEGIN PRIVATE KEY-----\n${secret}` }, { file: "/token", contentBase64: btoa(secret) }] }, ["no-literal-secrets"]],
  ["docker:index/plugin:Plugin", { name: "r.io/p:1", grantAllPermissions: true, envs: [`TOKEN=${secret}`] }, ["no-plugin-grant-all"]],
  ["docker:index/buildxBuilder:BuildxBuilder", { buildkitFlags: `--allow-insecure-entitlement security.insecure --token ${secret}`, remote: { key: secret } }, ["no-privileged-build"]],
  ["docker:index/service:Service", { auth: { serverAddress: "http://a", password: secret }, taskSpec: { containerSpec: { image: "a", env: { TOKEN: secret }, args: [secret], mounts: [{ type: "volume", target: "/d", volumeOptions: { driverOptions: { o: `pass=${secret}` } } }] }, logDriver: { name: "splunk", options: { "splunk-token": secret } } } }, ["no-literal-secrets", "no-volume-credentials", "require-verified-registry"]],
  ["docker:index/secret:Secret", { data: secret }, []],
  ["docker:index/serviceConfig:ServiceConfig", { data: secret, dataRaw: `password=${secret}` }, []],
  ["kubernetes:helm.sh/v3:Release", { chart: "a", repositoryOpts: { repo: `http://u:${secret}@charts.example.com`, password: secret }, values: { auth: { password: secret }, securityContext: { privileged: true }, extraEnv: [{ name: "TOKEN", value: secret }] } }, ["no-weakening-chart-values", "require-verified-chart-repository"]],
])("%s: the credential is in no message", (type, inputs, expected) => {
  const outcomes = readDocument(inputs, { type, name: "web" }).map(evaluator.raw);
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  const rest = outcomes.flatMap(({ undecided, notExamined, errors }) => [...undecided, ...notExamined, ...errors]);
  expect(findings.map(({ rule }) => rule.id)).toEqual(expect.arrayContaining([...expected]));
  expect(text([findings.map(({ message, paths }) => [message, paths]), rest])).not.toContain(secret);
});
