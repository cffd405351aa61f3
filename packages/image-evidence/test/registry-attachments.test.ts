import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchAttachments, type UnverifiedDocument } from "../src/registry/attachments";
import { RegistryClient } from "../src/registry/client";
import { resolveImage } from "../src/registry/image";
import type { RegistryOptions } from "../src/registry/options";
import { type Blob, failureOf, ociIndex, sha256, status, TestRegistry } from "./test-registry";

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
let registry: TestRegistry;
let subject: Blob;
beforeEach(async () => {
  registry = await TestRegistry.start();
  subject = registry.image();
});
afterEach(() => registry.stop());

const client = (options: RegistryOptions = {}): RegistryClient => new RegistryClient({ credentials: async () => undefined, backoffMilliseconds: 1, ...options });
const attachments = async (one = client(), digest?: string): ReturnType<typeof fetchAttachments> => fetchAttachments(one, await resolveImage(one, registry.reference), digest);
const brief = (documents: readonly UnverifiedDocument[]): readonly string[] => documents.map(({ kind, source, bytes }) => `${source} ${kind} ${bytes.toString()}`).sort();
const referrersRoute = (): string => `GET /v2/team/app/referrers/${subject.digest}`;
const tagged = (suffix = ""): string => subject.digest.replace(":", "-") + suffix;

describe("what is attached", () => {
  test("nothing, and a registry without the API", async () => {
    expect(await attachments()).toEqual({ digest: subject.digest, documents: [], passedOver: [] });
    expect(registry.requests.map(({ url }) => url.split("/").at(-1)).slice(-4).sort()).toEqual([subject.digest, tagged(), tagged(".att"), tagged(".sig")].sort());
  });

  test("by the referrers API: each with where it was found, its digest, and what its manifest says", async () => {
    const bundle = registry.attach(subject, "{bundle}", bundleType, { artifactType: bundleType, annotations: { "dev.sigstore.bundle.predicateType": "x" } });
    const sbom = registry.attach(subject, "{sbom}", "application/spdx+json");
    // What the list says of an artifact's type is wrong in some registries, and is not used.
    registry.referrers(subject, [{ ...bundle, artifactType: "application/vnd.oci.empty.v1+json" }, sbom, sbom]);
    const { documents, passedOver } = await attachments();
    expect(documents).toEqual([
      { kind: "sigstore-bundle", source: "referrers", claimedSubject: subject.digest, mediaType: bundleType, bytes: Buffer.from("{bundle}"), digest: sha256("{bundle}"), annotations: {}, manifest: { digest: bundle.digest, artifactType: bundleType, annotations: { "dev.sigstore.bundle.predicateType": "x" } } },
      { kind: "report", source: "referrers", claimedSubject: subject.digest, mediaType: "application/spdx+json", bytes: Buffer.from("{sbom}"), digest: sha256("{sbom}"), annotations: {}, manifest: { digest: sbom.digest, annotations: {} } },
    ]);
    expect(passedOver).toEqual([]);
    expect(registry.asked(`GET /v2/team/app/manifests/${tagged()}`)).toBe(0);
  });

  test.each([
    ["404", status(404)], ["405", status(405)], ["501", status(501)], ["a page of HTML", status(200, { "content-type": "text/html" }, "<html>")],
  ])("by the tag that stands in for it, where the API answers %s", async (_, handler) => {
    registry.on(referrersRoute(), handler);
    registry.manifest({ manifests: [registry.attach(subject, "{bundle}", bundleType)] }, tagged());
    expect(brief((await attachments()).documents)).toEqual(["referrers-tag sigstore-bundle {bundle}"]);
  });

  test("by cosign's tags, although there is the API; the signature stands in the annotations", async () => {
    registry.referrers(subject, []);
    const config = registry.blob("{}", "application/vnd.oci.image.config.v1+json");
    const layer = { ...registry.blob("{payload}", "application/vnd.dev.cosign.simplesigning.v1+json"), annotations: { "dev.cosignproject.cosign/signature": "MEUC" } };
    // The same payload, signed twice, is two signatures.
    const second = { ...layer, annotations: { "dev.cosignproject.cosign/signature": "MEQC" } };
    registry.manifest({ config, layers: [layer, second] }, tagged(".sig"));
    registry.manifest({ config, layers: [registry.blob("{envelope}", "application/vnd.dsse.envelope.v1+json")] }, tagged(".att"));
    const { documents } = await attachments();
    expect(brief(documents)).toEqual(["attestation-tag dsse-envelope {envelope}", "signature-tag simple-signing {payload}", "signature-tag simple-signing {payload}"]);
    expect(documents.map(({ annotations }) => annotations["dev.cosignproject.cosign/signature"])).toEqual(["MEUC", "MEQC", undefined]);
  });

  test("BuildKit's attestations are about the platform that the index says, and not images", async () => {
    const config = registry.blob("{}", "application/vnd.oci.image.config.v1+json");
    const statement = registry.manifest({ config, layers: [{ ...registry.blob("{statement}", "application/vnd.in-toto+json"), annotations: { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v1" } }] });
    const none = { architecture: "unknown", os: "unknown" };
    const about = (digest: string): object => ({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest });
    const platform = { architecture: "arm64", os: "linux", variant: "v8" };
    const hidden = registry.image({ tag: "hidden", created: "2020-01-01T00:00:00Z" });
    const index = registry.manifest({ manifests: [
      { ...subject, platform }, { ...statement, platform: none, annotations: about(subject.digest) }, { ...statement, platform: none, annotations: about(sha256("another")) },
      // A runtime would run it: its annotation makes it no attestation.
      { ...hidden, platform: { architecture: "amd64", os: "linux" }, annotations: about(subject.digest) },
    ] }, "1");
    const one = client();
    const image = await resolveImage(one, registry.reference);
    expect(image).toMatchObject({ digest: index.digest, kind: "index", createdAt: "2020-01-01T00:00:00Z" });
    expect(image.platforms).toEqual({ "linux/arm64/v8": subject.digest, "linux/amd64": hidden.digest });
    const { documents, passedOver } = await fetchAttachments(one, image);
    expect(documents).toMatchObject([{ kind: "in-toto", source: "buildkit", claimedSubject: subject.digest, annotations: { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v1" } }]);
    expect(passedOver).toEqual([{ manifest: statement.digest, reason: "it is about nothing within the index" }]);
    expect((await fetchAttachments(one, image, subject.digest)).documents).toEqual([]);
  });

  test("an index: two images of one platform are both kept, and an unknown age is no age", async () => {
    const other = registry.manifest({ config: registry.blob("{}", "application/vnd.oci.image.config.v1+json"), layers: [] });
    const platform = { architecture: "amd64", os: "windows", "os.version": "10.0.20348.1" };
    registry.manifest({ manifests: [{ ...subject, platform }, { ...other, platform }] }, "1");
    const image = await resolveImage(client(), registry.reference);
    expect(image.platforms).toEqual({ "windows(10.0.20348.1)/amd64": subject.digest, "windows(10.0.20348.1)/amd64 (2)": other.digest });
    expect(image.createdAt).toBeUndefined();
    registry.manifest({ manifests: Array.from({ length: 101 }, () => subject) }, "1");
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code: "too-many" });
  });

  test("kinds that are not read are named", async () => {
    const notation = registry.attach(subject, "{jws}", "application/jose+json", { artifactType: "application/vnd.cncf.notary.signature" });
    const nested = registry.manifest({ manifests: [], subject });
    registry.referrers(subject, [notation, nested]);
    expect(await attachments()).toMatchObject({ documents: [], passedOver: [{ manifest: notation.digest, reason: "documents of type application/jose+json are not read" }, { manifest: nested.digest, reason: "it is an index" }] });
  });
});

describe("a registry that lies, or sends too much", () => {
  test("what it lists and is about another digest, or none, is never taken", async () => {
    const foreign = registry.attach(registry.image({ tag: "2", created: "2026-02-02T00:00:00Z" }), "{foreign}", bundleType);
    const free = registry.attach(undefined, "{free}", bundleType);
    registry.referrers(subject, [foreign, free]);
    const reason = "the registry lists it, and its subject is another digest or none";
    expect(await attachments()).toMatchObject({ documents: [], passedOver: [{ manifest: foreign.digest, reason }, { manifest: free.digest, reason }] });
    registry.on(referrersRoute(), status(404));
    registry.manifest({ manifests: [foreign, free] }, tagged());
    expect(await attachments()).toMatchObject({ documents: [], passedOver: [{ reason }, { reason }] });
  });

  test("a list that was filtered without being asked to is no list", async () => {
    registry.referrers(subject, [], { "oci-filters-applied": "artifactType" });
    const error = await failureOf(attachments());
    expect(error).toMatchObject({ code: "malformed", step: "referrers" });
    expect(error.message).toContain("OCI-Filters-Applied");
  });

  const page = (documents: readonly object[], link?: string) => (_: unknown, response: import("node:http").ServerResponse): void => {
    response.writeHead(200, { "content-type": ociIndex, ...(link === undefined ? {} : { link }) }).end(JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: documents }));
  };

  test("all pages are read", async () => {
    const [a, b] = [registry.attach(subject, "{a}", bundleType), registry.attach(subject, "{b}", bundleType)];
    registry.on(referrersRoute(), page([a], `</other>; rel="prev", <${referrersRoute().slice(4)}?n=1&last=${a.digest}>; title="a, b"; rel="next"`), page([b]));
    expect(brief((await attachments()).documents)).toEqual(["referrers sigstore-bundle {a}", "referrers sigstore-bundle {b}"]);
    expect(registry.requests.some(({ url }) => url.endsWith(`?n=1&last=${a.digest}`))).toBe(true);
  });

  test.each([["that come again", () => "?n=1"], ["that are new each time", (count: number) => `?n=${count}`]])("pages without end %s", async (_, query) => {
    let count = 0;
    registry.on(referrersRoute(), (_request, response) => page([], `<${referrersRoute().slice(4)}${query(++count)}>; rel=next`)(undefined, response));
    expect(await failureOf(attachments())).toMatchObject({ code: "too-many", step: "referrers" });
    expect(count).toBeLessThanOrEqual(52);
  });

  test.each(["http://169.254.169.254/", "https://example.com/v2/x", "/v2/team/other/referrers/x", "//example.com/", "http://["])("a next page at %s is refused", async (target) => {
    registry.on(referrersRoute(), page([], `<${target}>; rel="next"`));
    expect(await failureOf(attachments())).toMatchObject({ code: "malformed", step: "referrers" });
  });

  test("more referrers than are read, on one page or on several, are an error and no selection", async () => {
    const many = Array.from({ length: 51 }, (_, index) => ({ mediaType: "application/vnd.oci.image.manifest.v1+json", digest: sha256(String(index)), size: 10 }));
    registry.referrers(subject, many);
    const error = await failureOf(attachments());
    expect(error).toMatchObject({ code: "too-many" });
    expect(error.message).toContain("more than 50 things are attached to the image; none of them was looked at");
    registry.on(referrersRoute(), page(many.slice(0, 30), `<?n=2>; rel="next"`), page(many.slice(30)));
    expect(await failureOf(attachments())).toMatchObject({ code: "too-many" });
    registry.on(referrersRoute(), status(404));
    registry.manifest({ manifests: many }, tagged());
    expect(await failureOf(attachments())).toMatchObject({ code: "too-many", step: "referrers-tag" });
  });

  test("a manifest with more documents, or documents with more bytes together, than are read", async () => {
    const config = registry.blob("{}", "application/vnd.oci.empty.v1+json");
    const layers = Array.from({ length: 51 }, (_, index) => registry.blob(`${index}`, bundleType));
    registry.manifest({ config, layers }, tagged(".att"));
    expect(await failureOf(attachments())).toMatchObject({ code: "too-many" });
    registry.manifest({ config, layers: layers.slice(0, 50) }, tagged(".att"));
    expect((await attachments()).documents).toHaveLength(50);
    expect(await failureOf(attachments(client({ maxAttachmentBytes: 89 })))).toMatchObject({ code: "too-large", step: "blob" });
    expect((await attachments(client({ maxAttachmentBytes: 90 }))).documents).toHaveLength(50);
  });

  test.each([
    ["wrong-digest", (digest: string) => registry.on(`GET /v2/team/app/manifests/${digest}`, status(200, { "content-type": "application/vnd.oci.image.manifest.v1+json" }, "{}"))],
    ["not-found", (digest: string) => registry.on(`GET /v2/team/app/manifests/${digest}`, status(404))],
    ["server-error", (digest: string) => registry.on(`GET /v2/team/app/manifests/${digest}`, status(503))],
  ])("%s of one that it lists is an error, not one fewer", async (code, spoil) => {
    const bundle = registry.attach(subject, "{bundle}", bundleType);
    registry.referrers(subject, [bundle]);
    spoil(bundle.digest);
    expect(await failureOf(attachments())).toMatchObject({ code, step: "referrers" });
  });

  test("a manifest whose size is not as it was said", async () => {
    const bundle = registry.attach(subject, "{bundle}", bundleType);
    registry.referrers(subject, [{ ...bundle, size: bundle.size + 1 }]);
    expect(await failureOf(attachments())).toMatchObject({ code: "wrong-length" });
    registry.referrers(subject, [{ ...bundle, size: 5 * 1024 * 1024 }]);
    expect(await failureOf(attachments())).toMatchObject({ code: "too-large" });
  });

  test.each([[403, "denied"], [500, "server-error"], [429, "rate-limited"]])("status %i of the API or of a tag is no empty list", async (code, expected) => {
    registry.on(referrersRoute(), status(code));
    expect(await failureOf(attachments())).toMatchObject({ code: expected, step: "referrers" });
    registry.on(referrersRoute(), status(404));
    registry.on(`GET /v2/team/app/manifests/${tagged(".sig")}`, status(code));
    expect(await failureOf(attachments())).toMatchObject({ code: expected, step: "signature-tag" });
  });

  test("a tag that stands for the list of referrers, and is an image", async () => {
    registry.image({ tag: tagged() });
    expect(await failureOf(attachments())).toMatchObject({ code: "malformed", step: "referrers-tag" });
  });
});

describe("many requests", () => {
  test("run at once as far as is allowed, and the same one is made once", async () => {
    const tags = Array.from({ length: 24 }, (_, index) => `t${index}`);
    for (const tag of tags) registry.image({ tag, created: `2026-01-01T00:00:${tag.slice(1).padStart(2, "0")}Z` });
    registry.slow = 5;
    const one = client({ concurrency: 3 });
    await Promise.all(tags.flatMap((tag) => [tag, tag]).map((tag) => resolveImage(one, `${registry.host}/team/app:${tag}`)));
    expect(registry.most).toBe(3);
    for (const tag of tags) expect(registry.asked(`GET /v2/team/app/manifests/${tag}`)).toBe(1);
  });

  test.each([
    [`sha256:${"a".repeat(64)}`, "found an image's id"], ["a".repeat(64), "found an image's id"], ["Registry.example.com/App", "lowercase"], ["", "invalid reference format"],
    [`app@sha512:${"a".repeat(128)}`, "only sha256 digests are read"], [`app@sha256:${"a".repeat(63)}`, "invalid digest"], ["user:c0nfidential@registry.example.com/app", '"***@registry.example.com/app"'], ["https://u:c0nfidential@registry.example.com/app", '"***@registry.example.com/app"'], ["app:1@sha256:abc", '"app:1@sha256:abc"'], ["registry.example.com/../../etc", "invalid"], ["registry.example.com/app:1?x=y", "invalid"], ["ŕegistry.example.com/app", "invalid"],
    ["localhost:99999/app", "not a host that can be asked"], ["[1:2]/app", "not a host that can be asked"], ["999.999.1.1/app", "not a host that can be asked"],
  ])("%j is no reference that is asked for", async (reference, reason) => {
    const error = await failureOf(resolveImage(client(), reference));
    expect(error).toMatchObject({ code: "invalid-reference", step: "reference" });
    expect(error.message).toContain(reason);
  });

  test("HEAD gives the digest of a tag; a registry that leaves it out is asked for the manifest", async () => {
    const one = client();
    expect(await one.headDigest(one.read(registry.reference))).toBe(subject.digest);
    expect(registry.requests.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
    registry.on("HEAD /v2/team/app/manifests/1", status(200, { "docker-content-digest": sha256("said") }));
    expect(await one.headDigest(one.read(registry.reference))).toBe(sha256("said"));
    registry.on("HEAD /v2/team/app/manifests/1", status(404));
    expect(await failureOf(one.headDigest(one.read(registry.reference)))).toMatchObject({ code: "not-found" });
  });
});
