import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packFolder } from "../e2e/support.ts";

/** A precompiled, conventional pack with the given policies, using the same SDK as ours. */
export function writePack(folder: string, name: string, policies: string): string {
  const pack = join(folder, name);
  mkdirSync(pack, { recursive: true });
  writeFileSync(join(pack, "PulumiPolicy.yaml"), "runtime: nodejs\n");
  writeFileSync(join(pack, "package.json"), JSON.stringify({ name, version: "0.0.1", main: "index.js" }));
  writeFileSync(join(pack, "index.js"), `"use strict";\nconst { PolicyPack } = require("@pulumi/policy");\nnew PolicyPack(${JSON.stringify(name)}, { policies: ${policies} });\n`);
  symlinkSync(join(packFolder, "node_modules"), join(pack, "node_modules"));
  return pack;
}

/** Reads the properties and does nothing. */
const touch = (name: string): string => `{ name: ${JSON.stringify(name)}, description: "x", enforcementLevel: "mandatory", validateResource: (args) => { void args.props.kind; } }`;

export const emptyPolicies = "[]";
export const onePolicy = `[${touch("touch")}]`;
export const manyPolicies = (count: number): string => `[${Array.from({ length: count }, (_, index) => touch(`touch-${index}`)).join(", ")}]`;

/** A Deployment of two containers, as compliant as a real one is. */
export function deployment(name: string): { readonly [key: string]: unknown } {
  const container = (own: string): object => ({
    name: own,
    image: `registry.example.com/${own}:1.2.3@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae`,
    args: ["--port=8080", "--log-level=info"],
    env: Array.from({ length: 8 }, (_, index) => ({ name: `SETTING_${index}`, value: `value-${index}` })),
    ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
    resources: { limits: { cpu: "500m", memory: "256Mi" }, requests: { cpu: "100m", memory: "128Mi" } },
    livenessProbe: { httpGet: { path: "/live", port: "http" }, periodSeconds: 10 },
    readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, { name: "config", mountPath: "/etc/app", readOnly: true }],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } },
  });
  return {
    apiVersion: "apps/v1", kind: "Deployment",
    metadata: { name, namespace: "shop", labels: { app: name } },
    spec: {
      replicas: 3, selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { automountServiceAccountToken: false, serviceAccountName: name, containers: [container("web"), container("proxy")], volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }, { name: "config", configMap: { name } }] },
      },
    },
  };
}
