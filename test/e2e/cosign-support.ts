import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoopbackRegistry } from "./registry-support.ts";

/**
 * How a cosign attaches what it signs: `tag` is the way of cosign 2 (`sha256-HEX.sig`, `.att`), `bundle` that of cosign 3
 * (a Sigstore bundle, by the referrers API or the tag that stands in for it). Each can do both.
 */
export interface CosignWay {
  readonly tool: "cosign-2" | "cosign-3";
  readonly format: "tag" | "bundle";
}
export const cosignWays = [
  { tool: "cosign-2", format: "tag" }, { tool: "cosign-2", format: "bundle" }, { tool: "cosign-3", format: "bundle" }, { tool: "cosign-3", format: "tag" },
] as const satisfies readonly CosignWay[];

/** A key of cosign's, without a password. */
export interface KeyPair {
  readonly privateFile: string;
  /** PEM. */
  readonly publicKey: string;
}

/** Signs with a key and without any service: no transparency log, no timestamp. Nothing leaves the machine. */
export class Cosign {
  private readonly registry: LoopbackRegistry;
  readonly way: CosignWay;

  constructor(registry: LoopbackRegistry, way: CosignWay) {
    this.registry = registry;
    this.way = way;
  }

  async keyPair(name: string): Promise<KeyPair> {
    const prefix = join(this.registry.folder, "keys", name);
    mkdirSync(join(prefix, ".."), { recursive: true });
    await this.registry.use(this.way.tool, "generate-key-pair", "--output-key-prefix", prefix);
    return { privateFile: `${prefix}.key`, publicKey: readFileSync(`${prefix}.pub`, "utf8") };
  }

  /** `reference`: with a digest. */
  async sign(reference: string, key: KeyPair): Promise<void> {
    await this.registry.use(this.way.tool, "sign", "--yes", "--key", key.privateFile, ...(await this.offline()), reference);
  }

  /** `type`: `vuln`, `slsaprovenance1`, `openvex`, `cyclonedx`, or a URI. `predicate`: a value, or the path of a file. */
  async attest(reference: string, key: KeyPair, type: string, predicate: object | string): Promise<void> {
    const file = typeof predicate === "string" ? predicate : join(this.registry.folder, "predicate.json");
    if (typeof predicate !== "string") writeFileSync(file, JSON.stringify(predicate));
    await this.registry.use(this.way.tool, "attest", "--yes", "--key", key.privateFile, ...(await this.offline()), "--type", type, "--predicate", file, reference);
  }

  private async offline(): Promise<readonly string[]> {
    const { tool, format } = this.way;
    if (tool === "cosign-2") return ["--tlog-upload=false", ...(format === "bundle" ? ["--new-bundle-format"] : [])];
    if (format === "tag") return ["--new-bundle-format=false", "--use-signing-config=false", "--tlog-upload=false"];
    // A configuration without any service; without one, cosign 3 fetches that of sigstore.dev.
    const file = join(this.registry.folder, "signing-config.json");
    if (!existsSync(file)) await this.registry.use(tool, "signing-config", "create", "--out", file);
    return ["--signing-config", file];
  }
}
