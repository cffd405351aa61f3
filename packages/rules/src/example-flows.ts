const web = { namespace: "shop", kind: "Deployment", name: "web" };
const db = { namespace: "shop", kind: "Deployment", name: "db" };
const container = (name: string): object => ({ container: name });
const flow = (from: object, to: object, port: number): object => ({ from, to, protocol: "TCP", port, first: "2026-01-05", last: "2026-05-29" });

/** A lockfile, as `bulkhead network learn --lock` writes it: what the stacks that satisfy every rule need, and no more. */
export const exampleFlows: unknown = {
  version: 1,
  edges: [
    flow(web, db, 5432),
    flow(container("web"), container("api"), 8080), flow(container("api"), container("db"), 5432), flow({ entity: "world" }, container("web"), 8080),
    flow(container("shop-web-1"), container("shop-api-1"), 8080), flow(container("shop-api-1"), container("shop-db-1"), 5432),
  ],
  workloads: [{ ...web, labels: { app: "web" } }, { ...db, labels: { app: "db" } }],
};
