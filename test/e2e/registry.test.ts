import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RegistryClient } from "../../packages/image-evidence/src/registry/client.ts";
import { dockerCredentials } from "../../packages/image-evidence/src/registry/docker-config.ts";
import { resolveImage } from "../../packages/image-evidence/src/registry/image.ts";
import { LoopbackRegistry, reader, registryKinds } from "./registry-support.ts";
import { missing } from "./support.ts";

const anonymous = { credentials: async () => undefined };

describe.skipIf(missing("crane", "docker-registry", "referrers-registry")).each(registryKinds)("images in %s", (kind) => {
  let registry: LoopbackRegistry;
  const client = new RegistryClient(anonymous);
  beforeAll(async () => {
    registry = await LoopbackRegistry.start(kind);
  });
  afterAll(() => registry.stop());

  test.each([[false], [true]])("an image is resolved to the digest that crane says, by tag and by digest (OCI: %s)", async (oci) => {
    const name = oci ? "team/oci" : "team/docker";
    const digest = await registry.pushImage(`${name}:1`, name, { oci });
    const image = await resolveImage(client, `${registry.host}/${name}:1`);
    expect(image).toMatchObject({ reference: `${registry.host}/${name}:1`, kind: "manifest", digest, baseImages: [], attestationManifests: [] });
    expect(image.mediaType).toBe(oci ? "application/vnd.oci.image.manifest.v1+json" : "application/vnd.docker.distribution.manifest.v2+json");
    const { config } = JSON.parse(await registry.use("crane", "manifest", `${registry.host}/${name}:1`)) as { readonly config: { readonly digest: string } };
    expect(image.config).toBe(config.digest);
    expect(await resolveImage(client, `${registry.host}/${name}@${digest}`)).toEqual({ ...image, reference: `${registry.host}/${name}@${digest}` });
    expect(await client.headDigest(client.read(`${registry.host}/${name}:1`))).toBe(digest);
  });

  test("an index has its platforms, and its base image from labels and annotations", async () => {
    const base = `sha256:${"b".repeat(64)}`;
    for (const platform of ["linux/amd64", "linux/arm64/v8"]) {
      const name = `${registry.host}/multi:${platform.replaceAll("/", "-")}`;
      await registry.pushImage(`multi:${platform.replaceAll("/", "-")}`, platform, { platform, oci: true });
      await registry.use("crane", "mutate", name, "--label", "org.opencontainers.image.base.name=debian:13", "--label", `org.opencontainers.image.base.digest=${base}`, "-t", name);
    }
    await registry.use("crane", "index", "append", "-m", `${registry.host}/multi:linux-amd64`, "-m", `${registry.host}/multi:linux-arm64-v8`, "-t", `${registry.host}/multi:all`);
    const image = await resolveImage(client, `${registry.host}/multi:all`);
    expect(image.kind).toBe("index");
    expect(image.digest).toBe(await registry.use("crane", "digest", `${registry.host}/multi:all`));
    expect(image.platforms).toEqual({
      "linux/amd64": await registry.use("crane", "digest", `${registry.host}/multi:linux-amd64`),
      "linux/arm64/v8": await registry.use("crane", "digest", `${registry.host}/multi:linux-arm64-v8`),
    });
    expect(image.baseImages).toEqual([{ reference: "docker.io/library/debian:13", digest: base, from: "label" }]);
    expect(image.config).toBeUndefined();
  });

  test("what is not there is said", async () => {
    await expect(resolveImage(client, `${registry.host}/team/none:1`)).rejects.toMatchObject({ name: "RegistryError", code: "not-found", status: 404, step: "manifest", registry: registry.host, reference: `${registry.host}/team/none:1` });
  });
});

describe.skipIf(missing("crane", "docker-registry"))("a registry that asks for a password", () => {
  let registry: LoopbackRegistry;
  beforeAll(async () => {
    registry = await LoopbackRegistry.start("docker-registry", { password: true });
    await registry.use("crane", "auth", "login", registry.host, "-u", reader.username, "-p", reader.password);
    await registry.pushImage("private/app:1", "private");
  });
  afterAll(() => registry.stop());

  test("is read with what `crane auth login` wrote, and not with another password, nor without one", async () => {
    const reference = `${registry.host}/private/app:1`;
    const image = await resolveImage(new RegistryClient({ credentials: dockerCredentials({ env: { DOCKER_CONFIG: registry.dockerConfig } }) }), reference);
    expect(image.digest).toBe(await registry.use("crane", "digest", reference));
    const wrong = join(registry.folder, "wrong.json");
    writeFileSync(wrong, JSON.stringify({ auths: { [registry.host]: { username: reader.username, password: "not-the-password" } } }));
    for (const env of [{ REGISTRY_AUTH_FILE: wrong }, { DOCKER_CONFIG: join(registry.folder, "none") }]) {
      const failed = resolveImage(new RegistryClient({ credentials: dockerCredentials({ env }) }), reference);
      await expect(failed).rejects.toMatchObject({ code: "unauthorized", status: 401 });
      await expect(failed).rejects.not.toThrow(/not-the-password/);
    }
  });
});
