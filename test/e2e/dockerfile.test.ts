import { afterAll, describe, expect, test } from "vitest";
import { missing, Project, verdicts, yamlTools } from "./support.ts";

const projects: Project[] = [];
afterAll(() => {
  for (const made of projects) made.remove();
});

/** A program that builds an image from a Dockerfile beside it. */
function project(build: object): Project {
  const resources = {
    provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } },
    app: { type: "docker:index/remoteImage:RemoteImage", properties: { name: "registry.example.com/app", build }, options: { provider: "${provider}" } },
  };
  const made = new Project({
    "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "yaml", resources }),
    Dockerfile: "ARG BASE=registry.example.com/base:1\nFROM ${BASE} AS build\nRUN make \\\n  && sudo make install\nFROM scratch\nCOPY --from=build /app /app\nUSER 10001\n",
  });
  projects.push(made);
  return made;
}

describe.skipIf(missing(...yamlTools))("a program that builds an image", () => {
  test("is judged with the Dockerfile in its folder, by the arguments that it gives", async () => {
    const config = { "bulkhead": { preset: "strict" }, "allowed-base-images": { images: ["registry.example.com"] } };
    const { events } = await project({ context: ".", buildArgs: { BASE: "docker.io/library/debian:13" } }).judge({ config });
    const found = verdicts(events, "mandatory").filter((verdict) => /^(no-sudo|allowed-base-images|no-root-user) /.test(verdict));
    expect(found).toEqual(["allowed-base-images docker:index/remoteImage:RemoteImage::app", "no-sudo docker:index/remoteImage:RemoteImage::app"]);
    expect(JSON.stringify(events)).toContain("RUN on line 3 of Dockerfile, of which RemoteImage \\\\\\\"app\\\\\\\" is built must not run sudo".replaceAll("\\\\\\", "\\"));
  });

  test("is said not to be examined where there is no such file", async () => {
    const { events } = await project({ context: "elsewhere" }).judge({ config: { bulkhead: { preset: "strict" } } });
    expect(JSON.stringify(events)).toContain("there is no elsewhere/Dockerfile to be read");
  });
});
