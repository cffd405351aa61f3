import { describe, expect, test } from "vitest";
import type { EvaluationContext } from "../context";
import { readDocument } from "../dialects/read";
import type { Field } from "../field";
import { UNKNOWN } from "../field";
import { createInventory } from "./inventory";
import type { Shared, Sharer } from "./shared";

/** What each workload is told, by name. */
function told(documents: readonly unknown[], which: "storage" | "users", context: EvaluationContext = {}, incomplete?: string): unknown {
  const models = documents.flatMap((document) => {
    const { type, properties, name = "example" } = document as { readonly type?: string; readonly properties?: unknown; readonly name?: string };
    return type === undefined ? readDocument(document) : readDocument(properties, { type, name });
  });
  const members = models.flatMap((model) => model.members ?? []);
  const { sharedStorage, sharedUsers } = createInventory(members, models.flatMap((model) => model.gaps ?? []), context, incomplete);
  const sharers = members.filter((member): member is Sharer => member.about === "workload" || member.about === "attachment");
  return Object.fromEntries(sharers.map((sharer) => [sharer.resource.name, short((which === "storage" ? sharedStorage : sharedUsers)(sharer))]));
}

function short(field: Field<readonly Shared[]>): unknown {
  if (field.state !== "value") return field.state === "unknown" && field.elsewhere === true ? "elsewhere" : field.state;
  const all = field.value.map(({ name, others }) => `${name}: ${others.join(", ")}`);
  return field.partial === true ? [...all, "or more"] : all;
}

const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const workload = (name: string, spec: object, more: object = {}): object => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "shop", ...more }, spec: { template: { spec } } });
const mounting = (claim: object, mount: object = {}): object => ({ volumes: [{ name: "v", persistentVolumeClaim: claim }], containers: [{ name: "c", volumeMounts: [{ name: "v", mountPath: "/v", ...mount }] }] });
const data = mounting({ claimName: "data" });

describe("claims", () => {
  test.each<readonly [string, readonly unknown[], unknown]>([
    ["the first by name is told who the others are", [workload("c", data), workload("a", data), workload("b", data)], { c: [], a: ['data: Deployment "shop/b", Deployment "shop/c"'], b: [] }],
    ["not those that only read", [workload("a", data), workload("b", mounting({ claimName: "data" }, { readOnly: true })), workload("c", mounting({ claimName: "data", readOnly: true }))], { a: [], b: [], c: [] }],
    ["not those that have it and mount it nowhere", [workload("a", data), workload("b", { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }], containers: [] })], { a: [], b: [] }],
    ["not of another namespace", [workload("a", data), workload("b", data, { namespace: "other" })], { a: [], b: "elsewhere" }],
    ["one workload in two documents", [workload("a", data), workload("a", data)], { a: [] }],
    ["whether another one writes is not known", [workload("a", data), workload("b", mounting({ claimName: "data" }, { readOnly: UNKNOWN }))], { a: "unknown", b: "unknown" }],
    ["which claim another one has is not known", [workload("a", data), workload("b", mounting({ claimName: UNKNOWN }))], { a: "unknown", b: "unknown" }],
    ["another one of a namespace that is not known", [workload("a", data), workload("b", data, { namespace: UNKNOWN })], { a: "unknown", b: "unknown" }],
    ["one for certain, and perhaps more", [workload("a", { ...data, volumes: [...(data as { volumes: object[] }).volumes, UNKNOWN] }), workload("b", data)], { a: ['data: Deployment "shop/b"', "or more"], b: [] }],
    ["a resource that is not read", [workload("a", data), { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", namespace: "shop" } }], { a: "elsewhere" }],
  ])("%s", (_, documents, expected) => {
    expect(told([namespace, ...documents], "storage")).toEqual(expected);
  });

  test("of a namespace that is made elsewhere, unless the program makes the claim or is all there is", () => {
    const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data", namespace: "shop" } };
    expect(told([workload("a", data)], "storage")).toEqual({ a: "elsewhere" });
    expect(told([workload("a", data)], "storage", { closedWorld: true })).toEqual({ a: [] });
    expect(told([workload("a", data), claim], "storage")).toEqual({ a: [] });
    expect(told([workload("a", data), claim], "storage", { closedWorld: true }, "depends on x.yaml")).toEqual({ a: "elsewhere" });
  });
});

describe("volumes and paths of Docker and Compose", () => {
  const container = (name: string, properties: object): object => ({ type: "docker:index/container:Container", name, properties });
  const project = (services: object, volumes: object = {}): object => ({ type: "compose", properties: { name: "shop", services, volumes } });

  test.each<readonly [string, readonly unknown[], unknown]>([
    ["by name and by path", [container("a", { volumes: [{ volumeName: "v", containerPath: "/v" }, { hostPath: "/srv", containerPath: "/s" }] }), container("b", { mounts: [{ type: "volume", source: "v", target: "/v" }, { type: "bind", source: "/srv/.", target: "/s" }] })], { a: ['v: Container "b"', '/srv: Container "b"'], b: [] }],
    ["neither what has no name, nor sockets, nor scratch space", [container("a", { volumes: [{ containerPath: "/v" }, { hostPath: "/run/x.sock", containerPath: "/s" }], mounts: [{ type: "tmpfs", target: "/t" }] }), container("b", { volumes: [{ containerPath: "/v" }, { hostPath: "/run/x.sock", containerPath: "/s" }] })], { a: [], b: [] }],
    ["a name that is not known", [container("a", { volumes: [{ volumeName: UNKNOWN, containerPath: "/v" }] }), container("b", { volumes: [{ volumeName: "v", containerPath: "/v" }] })], { a: "unknown", b: "unknown" }],
    ["of a project, by its own names", [project({ a: { volumes: ["data:/v"] }, b: { volumes: ["more:/v"] } }, { data: { name: "one" }, more: { name: "one" } })], { a: ['data: Service "b"'], b: [] }],
    ["of a project, made elsewhere", [project({ a: { volumes: ["data:/v"] } }, { data: { external: true } })], { a: "elsewhere" }],
    ["relative paths", [project({ a: { volumes: ["./v:/v", "./w:/w:ro"] }, b: { volumes: ["./x/../v:/v"] }, c: { volumes: ["../v:/v", "./w:/w"] } })], { a: ['./v: Service "b"'], b: [], c: [] }],
    ["a service that is not known", [project({ a: { volumes: ["data:/v"] }, b: UNKNOWN })], { a: "unknown", b: "unknown" }],
  ])("%s", (_, documents, expected) => {
    expect(told(documents, "storage")).toEqual(expected);
  });
});

describe("user ids", () => {
  const as = (runAsUser: unknown, more: object = {}): object => ({ securityContext: { runAsUser }, containers: [], ...more });

  test.each<readonly [string, readonly unknown[], unknown]>([
    ["across namespaces", [workload("a", as(10001)), workload("b", as("10001"), { namespace: "other" })], { a: [], b: ['10001: Deployment "shop/a"'] }],
    ["not root's, and not that of a user namespace", [workload("a", as(0)), workload("b", as(0)), workload("c", as(7)), workload("d", as(7, { hostUsers: false }))], { a: [], b: [], c: [], d: [] }],
    ["a container's own before the pod's", [workload("a", as(7, { containers: [{ name: "x", securityContext: { runAsUser: 8 } }] })), workload("b", as(7)), workload("c", as(8))], { a: ['8: Deployment "shop/c"'], b: [], c: [] }],
    ["containers of one pod may be the same user", [workload("a", as(7, { containers: [{ name: "x" }, { name: "y" }] }))], { a: [] }],
    ["whether there is a user namespace is not known", [workload("a", as(7, { hostUsers: UNKNOWN })), workload("b", as(7))], { a: "unknown", b: "unknown" }],
    ["an id that is not known", [workload("a", as(UNKNOWN)), workload("b", as(7))], { a: "unknown", b: "unknown" }],
    ["a resource that is not read", [workload("a", as(7)), { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", namespace: "other" } }], { a: "elsewhere" }],
    ["of Docker, by number", [{ type: "docker:index/container:Container", name: "a", properties: { user: "007:1" } }, { type: "docker:index/container:Container", name: "b", properties: { user: "7" } }, { type: "docker:index/container:Container", name: "c", properties: { user: "app" } }], { a: ['7: Container "b"'], b: [], c: [] }],
  ])("%s", (_, documents, expected) => {
    expect(told(documents, "users")).toEqual(expected);
  });

  test("many that share one are told of at the first", () => {
    const many = Array.from({ length: 5_000 }, (_, index) => workload(`w${index}`, as(7)));
    expect(told(many, "users")).toMatchObject({ w1: [] });
  });
});
