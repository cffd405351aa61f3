import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../field";
import type { BuildStep, BuiltImage } from "../model/dockerfile";
import type { Image, Model, Subject } from "../model/subject";
import type { ReadBuildFile } from "./common";
import { dockerfileDocument } from "./dockerfile";
import { readDocument } from "./read";

function read(text: string, more: object = {}): Model {
  const result = dockerfileDocument(text);
  if ("error" in result) throw new Error(result.error.reason);
  const [model] = readDocument({ ...result.document, ...more }, { type: "dockerfile", name: "Dockerfile" });
  if (model === undefined) throw new Error("no model");
  return model;
}
const of = <A extends Subject["about"]>({ subjects }: Model, about: A): readonly Extract<Subject, { about: A }>[] => subjects.filter((subject): subject is Extract<Subject, { about: A }> => subject.about === about);
const said = ({ registry, use }: Image): string => `${use} ${registry.state === "value" ? `${registry.value.domain}/${registry.value.path}` : registry.state === "unknown" ? `? ${registry.reason}` : registry.state}`;
const images = (text: string, more: object = {}): readonly string[] => of(read(text, more), "image").map(said);
const step = (text: string, keyword = "RUN"): BuildStep => of(read(`FROM scratch\n${text}\n`), "buildStep").find((found) => found.keyword === keyword) as BuildStep;
const built = (text: string, more: object = {}): BuiltImage => of(read(text, more), "builtImage")[0] as BuiltImage;
const value = (field: { readonly state: string }): unknown => ("value" in field ? field.value : field.state);

describe("images from outside", () => {
  test("are those of the stages that the target needs, each once", () => {
    const text = "# syntax=docker/dockerfile:1\nFROM a AS one\nFROM b AS two\nCOPY --from=c /x /x\nFROM one\nCOPY --from=a /y /y\nCOPY --from=0 / /\nRUN --mount=type=bind,from=d,target=/d --mount=type=cache,target=/c make\nONBUILD COPY --from=e /e /e\n";
    expect(images(text)).toEqual(["base docker.io/library/a", "pull docker.io/docker/dockerfile", "pull docker.io/library/d", "pull docker.io/library/e"]);
    expect(images(text, { target: "TWO" })).toEqual(["base docker.io/library/b", "pull docker.io/docker/dockerfile", "pull docker.io/library/c"]);
  });

  test("depend on arguments: given, by default, or not known", () => {
    const text = "ARG BASE=nginx\nARG TAG\nFROM ${BASE}:${TAG:-1}\n";
    expect(images(text)).toEqual(["base docker.io/library/nginx"]);
    expect(images(text, { args: { BASE: "quay.io/a/b" } })).toEqual(["base quay.io/a/b"]);
    expect(images(text, { args: { BASE: UNKNOWN } })).toEqual(["base ? depends on the build argument BASE, whose value is not known here"]);
    expect(images("ARG BASE\nFROM $BASE\n")).toEqual(["base ? depends on the build argument BASE, which has no default"]);
    expect(images("FROM scratch\n", { args: { BUILDKIT_SYNTAX: "evil/frontend" } })).toEqual(["pull docker.io/evil/frontend"]);
    expect(images("FROM --platform=$BUILDPLATFORM a:$TARGETARCH\n")).toEqual(["base ? depends on TARGETARCH, the platform that it is built on or for"]);
  });

  test("are none where a context takes their place", () => {
    expect(images("FROM nginx AS web\nCOPY --from=tools /t /t\n", { contexts: { "docker.io/library/nginx": true, nginx: true, tools: true } })).toEqual([]);
    expect(built("FROM nginx AS web\n", { contexts: { nginx: true } })).toBeUndefined();
  });
});

describe("the image that is made", () => {
  test("has the last user, check, ports and labels of the stages that it stands on", () => {
    const image = built("FROM x AS base\nARG ID=7\nENV U=app\nUSER $U:$ID\nHEALTHCHECK CMD true\nEXPOSE 8000-8002/tcp 22\nLABEL a=b\nFROM base\nHEALTHCHECK NONE\n");
    expect(value(image.user)).toBe("app:7");
    expect([value(image.healthcheck), value(image.ports), value(image.labels)]).toEqual([false, [8000, 8001, 8002, 22], ["a"]]);
    expect(value(built("FROM x\nUSER $PGUSER\n").user)).toBe("unknown");
    expect(value(built("FROM scratch\n").user)).toBe("unset");
  });
});

test("what a stage defers is done first in those that stand on it", () => {
  const image = built("FROM x AS base\nONBUILD USER late\nONBUILD HEALTHCHECK CMD true\nFROM base\n");
  expect([value(image.user), value(image.healthcheck)]).toEqual(["late", true]);
  expect(value(built("FROM x\nONBUILD USER late\n").user)).toBe("unset");
});

describe("steps", () => {
  test.each<[string, string, keyof BuildStep, unknown]>([
    ["RUN apt-get update && apt-get install -y -t stable curl=1 ./x.deb git", "RUN", "unpinnedPackages", ["git"]],
    ["RUN pip install -r r.txt 'a==1' -i https://x b", "RUN", "unpinnedPackages", ["b"]],
    ["RUN npm i @a/b@1 c @d/e", "RUN", "unpinnedPackages", ["c", "@d/e"]],
    ["RUN sh -c \"apk add --no-cache tini\"", "RUN", "unpinnedPackages", []],
    ["RUN [\"apk\", \"add\", \"tini\"]", "RUN", "unpinnedPackages", ["tini"]],
    ["RUN <<EOF\napt-get update\napt-get install -y a=1\nrm -rf /var/lib/apt/lists/*\nEOF", "RUN", "keptCaches", []],
    ["RUN apt-get update && apt-get install -y a=1 && apt-get clean", "RUN", "keptCaches", ["apt-get"]],
    ["RUN x=$(curl -k https://a)", "RUN", "unverified", ["-k"]],
    ["RUN NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", "RUN", "unverified", ["NODE_TLS_REJECT_UNAUTHORIZED"]],
    ["RUN echo 'deb [trusted=yes] https://a b c' > /etc/apt/sources.list", "RUN", "unverified", ["[trusted=yes]"]],
    ["RUN curl -fsSL https://a | gpg --dearmor -o /k", "RUN", "uncheckedDownloads", []],
    ["RUN curl -fsSL https://a -o /dev/shm/x", "RUN", "uncheckedDownloads", ["curl"]],
    ["RUN usermod -p '!' app && passwd --lock root", "RUN", "passwords", []],
    ["ENV A=1 DB_PASSWORD=x TOKEN_FILE=/t", "ENV", "secretVariables", ["DB_PASSWORD"]],
    ["COPY --from=x id_rsa /", "COPY", "credentialFiles", []],
    ["COPY .env.example prod.env a/tls.key /", "COPY", "credentialFiles", ["prod.env", "tls.key"]],
    ["ADD --checksum=sha256:0 https://a/b /", "ADD", "addsFiles", false],
    ["ADD a.tar.gz b /", "ADD", "addsFiles", false],
    ["ENTRYPOINT /app", "ENTRYPOINT", "shellForm", true],
    ["MAINTAINER a", "MAINTAINER", "deprecatedForm", "MAINTAINER"],
  ])("%s", (text, keyword, name, expected) => {
    expect(value(step(text, keyword)[name] as { readonly state: string })).toEqual(expected);
  });
});

describe("builds", () => {
  const files: { readonly [name: string]: string } = { Dockerfile: "FROM a\n", "app/Dockerfile": "ARG B=b\nFROM $B AS one\nFROM c\n", "app/x.dockerfile": "FROM d\n" };
  const asked: string[] = [];
  const readBuildFile: ReadBuildFile = (name) => {
    asked.push(name);
    const text = files[name];
    return text === undefined ? undefined : { text };
  };
  const judge = (type: string, inputs: object): { readonly images: readonly string[]; readonly notExamined: readonly string[]; readonly holes: readonly string[] } => {
    const models = readDocument(inputs, { type, name: "app", readBuildFile }).filter(({ resource }) => resource.platform === "dockerfile");
    return { images: models.flatMap((model) => of(model, "image").map(said)), notExamined: models.flatMap(({ notExamined }) => notExamined.map(({ reason }) => reason)), holes: models.flatMap(({ holes }) => holes.map(({ path }) => path.join("."))) };
  };
  const docker = "docker:index/image:Image";
  const buildx = "docker-build:index:Image";
  const compose = (build: unknown): object => ({ services: { web: { build } } });

  test.each<[string, object, readonly string[]]>([
    [docker, { imageName: "x" }, ["a"]], [docker, { imageName: "x", build: "app" }, ["c"]], [docker, { imageName: "x", build: { context: "app", dockerfile: "app/x.dockerfile" } }, ["d"]],
    [docker, { imageName: "x", build: { context: "./app", target: "one", args: { B: "e" } } }, ["e"]],
    [buildx, { push: false }, ["a"]], [buildx, { push: false, context: { location: "app" }, target: "one" }, ["b"]], [buildx, { push: false, dockerfile: { location: "app/x.dockerfile" } }, ["d"]],
    [buildx, { push: false, dockerfile: { inline: "FROM f" }, context: { location: "https://github.com/a/b.git" } }, ["f"]],
    [buildx, { push: false, dockerfile: { inline: "FROM f" }, context: { named: { f: { location: "docker-image://g" } } } }, []],
    ["docker:index/remoteImage:RemoteImage", { name: "x", build: { context: "app", dockerfile: "x.dockerfile" } }, ["d"]],
    ["compose", compose("app"), ["c"]], ["compose", compose({ context: "app", dockerfile: "x.dockerfile" }), ["d"]], ["compose", compose({ context: "app", args: ["B=e"], target: "one" }), ["e"]],
    ["compose", compose({ dockerfile_inline: "FROM f" }), ["f"]],
  ])("%s %j", (type, inputs, expected) => {
    expect(judge(type, inputs).images).toEqual(expected.map((name) => `base docker.io/library/${name}`));
  });

  test("that nobody can read are not examined, and what is not known yet is a hole", () => {
    expect(judge(docker, { build: { context: "gone" } }).notExamined).toEqual(["there is no gone/Dockerfile to be read"]);
    expect(judge(buildx, { dockerfile: { location: "https://example.com/Dockerfile" } }).notExamined).toEqual(["the Dockerfile that it is built from is not on this machine, and is not read"]);
    expect(judge(docker, { build: "git@github.com:a/b.git" }).notExamined).toEqual(["the context that it is built from is not on this machine, and is not read"]);
    expect(judge(buildx, { dockerfile: { inline: "FROM scratch\nENV topsecret" } }).notExamined).toEqual(["what it is built from is no Dockerfile: ENV with a name and no value, on line 2"]);
    expect(judge(buildx, { dockerfile: { inline: UNKNOWN } }).holes).toEqual(["dockerfile.inline.instructions"]);
    expect(judge(buildx, { context: UNKNOWN }).holes).toHaveLength(1);
    expect(judge(docker, { build: { target: UNKNOWN } }).holes).toHaveLength(1);
    expect(readDocument({ build: "." }, { type: docker, name: "app" }).flatMap(({ notExamined }) => notExamined.map(({ reason }) => reason))).toEqual(["the Dockerfile that it is built from is not read here"]);
  });

  test("are not changed where the text is not the document's own", () => {
    const [, model] = readDocument({ push: false, dockerfile: { inline: "FROM a\nADD x /x\nMAINTAINER b" } }, { type: buildx, name: "app" });
    const steps = model === undefined ? [] : of(model, "buildStep");
    expect(steps.map(({ addsFiles, deprecatedForm }) => [addsFiles.to(false), deprecatedForm.to(undefined)])).toEqual(steps.map(() => [undefined, undefined]));
    expect(steps).toHaveLength(3);
  });
});
