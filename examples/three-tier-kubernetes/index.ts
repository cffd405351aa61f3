import { HardenedDeployment, HardenedStatefulSet, IsolatedNamespace } from "@bulkhead/components";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const image = config.get("image") ?? "registry.example.com/shop/app:1.4.2@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
// An update waits until the pods are ready, and a deletion until they are gone. In a cluster that runs none: `pulumi config set skipAwait true`, `pulumi config set deletion background`.
const annotations = {
  "pulumi.com/skipAwait": config.get("skipAwait") ?? "false",
  "pulumi.com/deletionPropagationPolicy": config.get("deletion") ?? "foreground",
};

const namespace = new IsolatedNamespace("shop", { annotations }).name;

const db = new HardenedStatefulSet("db", {
  namespace, annotations, image, memory: "256Mi", ports: [{ port: 5432 }],
  storage: [{ path: "/var/lib/db", size: "1Gi" }],
});

const api = new HardenedDeployment("api", { namespace, annotations, image, memory: "128Mi", ports: [{ port: 9000 }] });

const web = new HardenedDeployment("web", {
  namespace, annotations, image, memory: "128Mi", replicas: 3, ports: [{ port: 8080 }],
  readinessProbe: { path: "/ready", port: 8080 },
  scratch: [{ path: "/tmp" }],
});

// A NetworkPolicy at both ends of each line: web does not reach db, and nobody reaches the internet.
web.allowTo(api, { port: 9000 });
api.allowTo(db, { port: 5432 });

export const names = [web, api, db].map(({ name }) => name);
