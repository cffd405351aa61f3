import { HardenedContainer } from "@bulkhead/components";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const image = config.get("image") ?? "busybox:1.37.0";
const http = (port: number): string[] => ["/bin/busybox", "httpd", "-f", "-p", String(port), "-h", "/tmp"];

const data = new docker.Volume("data");

const db = new HardenedContainer("db", {
  image, memory: "64Mi", command: http(5432),
  scratch: [{ path: "/tmp" }], volumes: [{ volume: data.name, path: "/var/lib/db" }],
});

const api = new HardenedContainer("api", { image, memory: "32Mi", command: http(9000), scratch: [{ path: "/tmp" }] });

const web = new HardenedContainer("web", {
  image, memory: "32Mi", pidsLimit: 32, command: http(8080),
  scratch: [{ path: "/tmp", size: "8Mi" }],
  publish: [{ port: 8080 }],
});

// One internal network for each line: web does not reach db, and nobody reaches the internet.
web.allowTo(api, { port: 9000 });
api.allowTo(db, { port: 5432 });

export const containers = [web, api, db].map(({ containerName }) => containerName);
