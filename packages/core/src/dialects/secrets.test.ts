import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../field";
import type { Container, Pod } from "../model/subject";
import { readDocument } from "./read";
import { looksSecret } from "./secrets";

describe("looksSecret", () => {
  test.each([
    ["DB_PASSWORD", "x"], ["password", "x"], ["APP_SECRET", "abc"], ["GITHUB_TOKEN", "abc"], ["api-key", "abc"], ["AWS_SECRET_ACCESS_KEY", "abc"], ["X", "AKIAABCDEFGHIJKLMNOP"],
    ["DATABASE_URL", "postgres://user:pass@host/db"], ["CERT", "-----BEGIN RSA PRIVATE KEY-----\nabc"], ["JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig"], ["GH", `ghp_${"a".repeat(36)}`],
  ])("%s", (name, value) => {
    expect(looksSecret(name, value)).toBe(true);
  });

  test.each([
    ["DB_PASSWORD", ""], ["DB_PASSWORD_FILE", "/run/secrets/db"], ["SECRET_NAME", "db"], ["TOKEN_TTL", "3600"], ["MONKEY", "x"], ["KEYBOARD", "us"], ["DB_PASSWORD", "$(FROM_ELSEWHERE)"], ["DB_PASSWORD", "${OTHER}"], ["USE_TOKEN", "true"],
    ["URL", "https://example.com/x"], ["URL", "https://user@example.com"], ["LOG_LEVEL", "info"], ["MAX_TOKENS", "400"],
  ])("%s=%s is none", (name, value) => {
    expect(looksSecret(name, value)).toBe(false);
  });
});

describe("the environment", () => {
  const kubernetes = (container: object): Container => readDocument({ apiVersion: "v1", kind: "Pod", spec: { containers: [{ name: "a", ...container }] } })[0]?.subjects.find((subject) => subject.about === "container") as Container;
  const docker = (inputs: object): Container => readDocument(inputs, { type: "docker:index/container:Container", name: "web" })[0]?.subjects.find((subject) => subject.about === "container") as Container;

  test("names, never values", () => {
    const container = kubernetes({ env: [{ name: "DB_PASSWORD", value: "hunter2" }, { name: "LOGIN", valueFrom: { secretKeyRef: { name: "db", key: "k" } } }], envFrom: [{ secretRef: { name: "all" } }] });
    expect(container).toMatchObject({ literalSecrets: { value: ["DB_PASSWORD"] }, secretVariables: { value: ["LOGIN", "envFrom"] } });
    expect(JSON.stringify([container, docker({ envs: ["API_KEY=hunter2"] })])).not.toContain("hunter2");
    expect(docker({ envs: ["API_KEY=hunter2", "A=b"] }).literalSecrets).toMatchObject({ value: ["API_KEY"] });
  });

  test("what is not known hides nothing", () => {
    expect(kubernetes({ env: UNKNOWN }).literalSecrets.state).toBe("unknown");
    expect(kubernetes({ env: [{ name: "A", value: UNKNOWN }] }).literalSecrets.state).toBe("unknown");
    expect(kubernetes({ env: [{ name: "A", value: UNKNOWN }, { name: "PASSWORD", value: "x" }] }).literalSecrets).toMatchObject({ value: ["PASSWORD"], partial: true });
    expect(docker({ envs: [UNKNOWN] }).literalSecrets.state).toBe("unknown");
    expect(kubernetes({ env: [{ name: "PASSWORD", value: 12345 }] }).literalSecrets.state).toBe("unknown");
    expect(kubernetes({ env: [{ name: "PASSWORD", valueFrom: [{ secretKeyRef: { name: "db", key: "k" } }] }] })).toMatchObject({ literalSecrets: { state: "unknown" }, secretVariables: { state: "unknown" } });
    expect(kubernetes({ env: [{ name: "A", value: "b" }] }).literalSecrets).toMatchObject({ state: "value", value: [] });
  });
});

describe("what Docker containers share", () => {
  const pod = (inputs: object): Pod => readDocument(inputs, { type: "docker:index/container:Container", name: "web" })[0]?.subjects.find((subject) => subject.about === "pod") as Pod;
  const state = (field: Pod["defaultBridge"]): unknown => (field.state === "value" ? field.value : field.state);

  test.each<readonly [object, unknown]>([
    [{}, true], [{ networkMode: "bridge" }, true], [{ networkMode: "bridge", networksAdvanced: [{ name: "a" }] }, false], [{ networkMode: "none" }, false], [{ networkMode: "backend" }, false], [{ networkMode: UNKNOWN }, "unknown"], [{ networksAdvanced: UNKNOWN }, "unknown"], [{ networksAdvanced: [], networkMode: "default" }, true],
  ])("the default bridge: %j", (inputs, expected) => {
    expect(state(pod(inputs).defaultBridge)).toBe(expected);
  });

  test("published ports, with the provider's own default", () => {
    const on = (inputs: object): unknown => {
      const field = pod(inputs).publishedOn;
      return field.state === "value" ? field.value : field.state;
    };
    expect(on({ ports: [{ internal: 80 }] })).toEqual(["0.0.0.0"]);
    expect(on({ ports: [{ internal: 80, external: 80 }, { internal: 81, external: 81, ip: "127.0.0.1" }] })).toEqual(["0.0.0.0", "127.0.0.1"]);
    expect(on({ publishAllPorts: true })).toEqual(["0.0.0.0"]);
    expect(on({ ports: UNKNOWN })).toBe("unknown");
    expect(on({ ports: [{ internal: 80, external: UNKNOWN }] })).toEqual(["0.0.0.0"]);
    expect(on({ ports: [{ internal: 80, ip: UNKNOWN }] })).toBe("unknown");
  });
});
