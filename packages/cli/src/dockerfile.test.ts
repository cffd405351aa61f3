import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli } from "../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const only = ["--rule", "no-sudo"];
const sudo = "# a comment\nFROM scratch\n\nRUN make && \\\n    sudo make install\n  RUN sudo true\n";
const found = (folder: string, args: readonly string[]): readonly unknown[] => cli.json(folder, args).findings.map(({ subject, location }) => [subject.name, location.file, location.line, location.column]);

describe("check", () => {
  test("reads Dockerfiles by their names in folders, and any that is named; a finding has its instruction's line and column", () => {
    const folder = cli.folder({ Dockerfile: sudo, "api/web.Dockerfile": sudo, "api/Dockerfile.prod": sudo, Containerfile: sudo, "Dockerfile.dockerignore": "x", "Dockerfile.j2": "{% if %}", "build.docker": sudo });
    const places = [[4, 1], [6, 3]];
    const of = (file: string): readonly unknown[] => places.map(([line, column]) => [file, file, line, column]);
    expect(found(folder, [...only, "."])).toEqual(["Containerfile", "Dockerfile", "api/Dockerfile.prod", "api/web.Dockerfile"].flatMap(of));
    expect(found(folder, [...only, "build.docker"])).toEqual(of("build.docker"));
    expect(cli.run(folder, ["check", ...only, "Dockerfile"]).code).toBe(1);
    expect(cli.run(folder, ["check", ...only, "-"], { stdin: sudo }).code).toBe(1);
  });

  test("says where a Dockerfile cannot be read, without a word of it", () => {
    const folder = cli.folder({ Dockerfile: "FROM scratch\nENV topsecret\n", "Dockerfile.big": `FROM scratch\n${"#\n".repeat(2 ** 19)}`, "Dockerfile.empty": "# nothing\n" });
    expect(cli.run(folder, ["check", ...only, "Dockerfile"])).toMatchObject({ code: 2, stderr: "Dockerfile:2:1: expected a Dockerfile, found ENV with a name and no value\n" });
    expect(cli.run(folder, ["check", ...only, "Dockerfile.big"])).toMatchObject({ code: 2, stderr: "Dockerfile.big: expected at most 1 MiB, found 2 MiB\n" });
    expect(cli.run(folder, ["check", ...only, "Dockerfile.empty"]).stderr).toMatch(/^Dockerfile\.empty:1:1: expected a Dockerfile, found no instruction/);
  });

  test("a comment exempts, and .dockerignore counts", () => {
    const exempted = `# exempt.bulkhead.dev/no-sudo: owner=team-a; expires=2999-01-01; reason=moves to another base, see PLAT-42\n${sudo}`;
    const folder = cli.folder({ "a/Dockerfile": exempted, "b/Dockerfile": "FROM scratch\nCOPY . /app\n", "c/Dockerfile": "FROM scratch\nCOPY . /app\n", "c/.dockerignore": ".git\n" });
    expect(cli.json(folder, [...only, "a"])).toMatchObject({ summary: { findings: 0, exempted: 2 } });
    expect(found(folder, ["--rule", "no-whole-copy", "b", "c"])).toEqual([["b/Dockerfile", "b/Dockerfile", 2, 1]]);
  });

  test("a build of a compose file is judged with its Dockerfile, arguments and target, and once", () => {
    const dockerfile = "ARG BASE=registry.example.com/a:1\nFROM $BASE AS build\nRUN sudo true\nFROM scratch AS small\nCOPY --from=build /a /a\nFROM $BASE\nRUN sudo false\n";
    const compose = "services:\n  web:\n    build: { context: app, target: small, args: { BASE: docker.io/library/nginx } }\n  inline:\n    build: { dockerfile_inline: \"FROM scratch\\nRUN sudo x\\n\" }\n";
    const folder = cli.folder({ "compose.yaml": compose, "app/Dockerfile": dockerfile });
    expect(found(folder, [...only, "."])).toEqual([["web", "app/Dockerfile", 3, 1], ["inline", "compose.yaml", 5, 14]]);
    expect(cli.json(folder, ["--rule", "no-latest-tag", "."]).findings.map(({ message }) => message)).toEqual([expect.stringMatching(/FROM on line 2 of .*app\/Dockerfile, of which Service "web" is built must name a tag/)]);
    // Named, it is judged by itself too.
    expect(found(folder, [...only, "app/Dockerfile", "compose.yaml"])).toHaveLength(3);
  });

  test("what a build names and cannot be read is not examined, and said", () => {
    const build = (context: string): string => `services:\n  web:\n    image: app\n    build: ${context}\n`;
    const folder = cli.folder({ "remote/compose.yaml": build("https://github.com/acme/app.git"), "absent/compose.yaml": build("."), "pipe/compose.yaml": build("{ dockerfile: pipe }") });
    execFileSync("mkfifo", [join(folder, "pipe/pipe")]);
    const reasons = (path: string): readonly string[] => cli.json(folder, [...only, path]).notExamined.map(({ reason }) => reason);
    expect(reasons("remote")).toEqual(["the context that it is built from is not on this machine, and is not read"]);
    expect(reasons("absent")).toEqual(["there is no Dockerfile to be read"]);
    expect(reasons("pipe")).toEqual(["the Dockerfile that it is built from is no regular file, and is not read"]);
  });

  test("a state's builds are read from where one stands", () => {
    const image = (inputs: object): object => ({ urn: "urn:pulumi:dev::shop::docker-build:index:Image::app", type: "docker-build:index:Image", custom: true, inputs });
    const state = (inputs: object): string => JSON.stringify({ version: 3, deployment: { resources: [image(inputs)] } });
    const folder = cli.folder({ "state.json": state({ push: false, context: { location: "app" } }), "inline.json": state({ push: false, dockerfile: { inline: sudo } }), "app/Dockerfile": sudo });
    expect(cli.json(folder, [...only, "state.json"]).findings.map(({ message }) => message)).toEqual([4, 6].map((line) => `RUN on line ${line} of app/Dockerfile, of which Image "app" is built must not run sudo`));
    expect(cli.json(folder, [...only, "inline.json"]).findings.map(({ message }) => message)).toEqual([4, 6].map((line) => `RUN on line ${line} of the Dockerfile of Image "app" must not run sudo`));
  });
});

describe("fix", () => {
  const before = "# syntax=docker/dockerfile:1\nFROM scratch\n# kept\nADD a.conf /etc/\nMAINTAINER Team A\nENV MODE fast\nCMD [\"/old\"]\nADD b.conf \\\n  /etc/\nCMD /app --port=8080 # port\n".replace(" # port", "");
  const after = "# syntax=docker/dockerfile:1\nFROM scratch\n# kept\nCOPY a.conf /etc/\nLABEL org.opencontainers.image.authors=\"Team A\"\nENV MODE=fast\nADD b.conf \\\n  /etc/\nCMD [\"/app\", \"--port=8080\"]\n";

  test.each([["LF", "\n"], ["CRLF", "\r\n"]])("writes what has one right form, and leaves all else as it is (%s)", (_, end) => {
    const folder = cli.folder({ Dockerfile: before.replaceAll("\n", end) });
    cli.run(folder, ["fix", "--write", "Dockerfile"]);
    expect(readFileSync(join(folder, "Dockerfile"), "utf8")).toBe(after.replaceAll("\n", end));
  });

  test("shows the difference", () => {
    const { stdout } = cli.run(cli.folder({ Dockerfile: before }), ["fix", "Dockerfile"]);
    expect(stdout).toContain("-ADD a.conf /etc/\n");
    expect(stdout).toContain("+COPY a.conf /etc/\n");
  });
});
