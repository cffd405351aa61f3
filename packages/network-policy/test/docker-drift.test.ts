import { UNKNOWN } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { short, stackOf } from "./stack";

const container = (name: unknown, ...networks: readonly unknown[]): object => ({ type: "docker:index/container:Container", name: typeof name === "string" ? name : "unnamed", properties: { ...(name === undefined ? {} : { name }), image: "example", networksAdvanced: networks.map((network) => ({ name: network })) } });
const network = (name: string, properties: object = {}): object => ({ type: "docker:index/network:Network", name, properties: { name, ...properties } });
const flow = (from: object, to: object): object => ({ from, to, protocol: "TCP", port: 5432, first: "2026-01-05", last: "2026-01-06" });
const webToDb = flow({ container: "web" }, { container: "db" });
const outside = flow({ container: "web" }, { entity: "world" });

/** What is said of the containers and the networks, by the name of the resource. */
function drift(documents: readonly object[], ...edges: readonly object[]): unknown {
  const stack = stackOf(documents, { flows: { version: 1, edges, workloads: [] } });
  return Object.fromEntries(documents.map((document) => {
    const { type, name } = document as { readonly type: string; readonly name: string };
    const subject = type.includes("network:") ? stack.one("containerNetwork", name) : stack.one("attachment", name);
    return [name, short(stack.drift(subject), (found) => found.map(({ kind }) => kind))] as const;
  }));
}

describe("networks of Docker and accepted flows", () => {
  test("that are equal do not differ", () => {
    expect(drift([container("web", "a"), container("db", "a"), network("a")], webToDb, outside)).toEqual({ web: [], db: [], a: [] });
  });

  test("a container whose name is not known may be one that flows name", () => {
    for (const name of [undefined, UNKNOWN]) expect(drift([container(name, "a"), container("db", "b"), network("a"), network("b")], webToDb)).toMatchObject({ unnamed: "unknown" });
    expect(drift([container("web", "a"), container("db", "a"), container(undefined, "b"), network("a"), network("b")], webToDb)).toMatchObject({ unnamed: [] });
  });

  test("a setting of a network that is not known", () => {
    const off = { options: { "com.docker.network.bridge.enable_icc": UNKNOWN } };
    expect(drift([container("web", "a"), container("db", "a"), network("a", off)], webToDb)).toMatchObject({ web: "unknown" });
    expect(drift([container("web", "a"), network("a", { internal: UNKNOWN })], outside)).toMatchObject({ web: "unknown" });
    expect(drift([container("web", "a", "b"), network("a", { internal: UNKNOWN }), network("b")], outside)).toMatchObject({ web: [] });
    expect(drift([container("web", "a"), network("a", { internal: true })], outside)).toMatchObject({ web: ["denied"] });
  });

  test("a network that is made elsewhere may keep containers apart, or lead nowhere", () => {
    expect(drift([container("web", "shared"), container("db", "shared")], webToDb)).toMatchObject({ web: "elsewhere" });
    expect(drift([container("web", "shared")], outside)).toMatchObject({ web: "elsewhere" });
    expect(drift([container("web", "shared", "a"), container("db", "shared", "a"), network("a")], webToDb, outside)).toMatchObject({ web: [], db: [] });
    expect(drift([container("web", "shared"), container("db", "other")], webToDb)).toMatchObject({ web: ["denied"] });
  });

  test("strangers on a network that is made elsewhere", () => {
    expect(drift([container("cache", "shared"), container("db", "shared")])).toMatchObject({ cache: ["unneeded"] });
    expect(drift([container("cache", "shared"), container(undefined, "shared")])).toMatchObject({ cache: "unknown" });
    expect(drift([container("cache", "shared"), container(undefined, "shared"), container("db", "shared")])).toMatchObject({ cache: [["unneeded"], "or more"] });
  });
});
