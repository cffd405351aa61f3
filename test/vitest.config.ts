import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (name: string): string => fileURLToPath(new URL(`../packages/${name}/src/index.ts`, import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: { alias: { "@bulkhead/core": source("core"), "@bulkhead/network-policy": source("network-policy"), "@bulkhead/rules": source("rules"), "@bulkhead/image-evidence": source("image-evidence") } },
  test: { include: ["packages/**/*.test.ts", "test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000 },
});
