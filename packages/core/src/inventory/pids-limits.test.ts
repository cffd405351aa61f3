import { describe, expect, test } from "vitest";
import { isReadType, readDocument } from "../dialects/read";
import { UNKNOWN } from "../field";
import { createInventory } from "./inventory";

const urn = (name: string): string => `urn:pulumi:test::program::docker:index/container:Container::${name}`;
const dynamic = "pulumi-nodejs:dynamic/bulkhead:PidsLimit";

interface Resource {
  readonly type?: string;
  readonly urn?: string;
  readonly inputs: object;
}

/** What the stack says of its first container. */
function limitOf(resources: readonly Resource[], incomplete?: string): unknown {
  const read = resources.map(({ type = "docker:index/container:Container", urn: at, inputs }) => readDocument(inputs, { type, name: "x", ...(at === undefined ? {} : { urn: at }) }));
  const members = read.flat().flatMap((model) => model.members ?? []);
  const container = members.find((member) => member.about === "dockerContainer");
  if (container?.about !== "dockerContainer") throw new Error("no container");
  const field = createInventory(members, [], {}, incomplete).pidsLimit(container);
  return field.state === "value" ? field.value : field.state === "unknown" && field.elsewhere === true ? "elsewhere" : field.state;
}

const web: Resource = { urn: urn("web"), inputs: { name: "web", image: "a" } };
const limit = (inputs: object, type = dynamic): Resource => ({ type, urn: "urn:limit", inputs: { containerId: UNKNOWN, limit: 64, ...inputs } });

describe("the pids limit of a container", () => {
  test.each<[string, readonly Resource[], unknown]>([
    ["of the resource that names it by URN", [web, limit({ container: urn("web"), containerName: UNKNOWN })], 64],
    ["in a program of another language", [web, limit({ container: urn("web") }, "bulkhead:index:PidsLimit")], 64],
    ["by name, where the URN is not known", [web, limit({ container: UNKNOWN, containerName: "web" })], 64],
    ["by name, where the container has no URN", [{ inputs: { name: "web", image: "a" } }, limit({ containerName: "web" })], 64],
    ["not that of another container of the same name", [web, limit({ container: urn("other"), containerName: "web" })], "unset"],
    ["none", [web], "unset"],
    ["a number that is not known yet", [web, limit({ container: urn("web"), limit: UNKNOWN })], "unknown"],
    ["a number that is none", [web, limit({ container: urn("web"), limit: "many" })], "unknown"],
    ["a container that is not known yet", [web, limit({ container: UNKNOWN, containerName: UNKNOWN })], "unknown"],
    ["a resource of which nothing is known", [web, { type: dynamic, inputs: { container: UNKNOWN } }], "unknown"],
    ["a Swarm service, which cannot have one", [{ type: "docker:index/service:Service", inputs: { taskSpec: { containerSpec: { image: "a" } } } }], "unsupported"],
  ])("%s", (_, resources, expected) => {
    expect(limitOf(resources)).toBe(expected);
  });

  test("where not everything was in view it may be elsewhere", () => {
    expect(limitOf([web], "depends on more")).toBe("elsewhere");
  });

  test("the types are read, and no other dynamic resource", () => {
    expect([dynamic, "bulkhead:index:PidsLimit", "pulumi-nodejs:dynamic:Resource", "bulkhead:index:HardenedContainer"].map(isReadType)).toEqual([true, true, false, false]);
  });
});
