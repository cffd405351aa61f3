import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { run } from "../toolchain/run.ts";
import { installPackages, Stack } from "./pids-support.ts";
import { root } from "./support.ts";

export const services = ["web", "api", "db", "idle"] as const;
export type Service = (typeof services)[number];
/** What each listens on: who needs it asks for the first port, the other one is an administrator's that nobody needs. */
export const ports: { readonly [service in Service]: number } = { web: 80, api: 8080, db: 5432, idle: 7000 };
export const adminPort = 9999;
export const needed: readonly (readonly [Service, Service])[] = [["web", "api"], ["api", "db"]];

/** Answers on both ports with its name, and asks for what it needs five times a second. */
export function script(service: Service, hostOf: (service: Service) => string): string {
  const asks = needed.filter(([from]) => from === service).map(([, to]) => `while true; do busybox nc -w 2 ${hostOf(to)} ${ports[to]} < /dev/null > /dev/null; busybox usleep 200000; done`);
  const serve = (port: number): string => `busybox nc -ll -p ${port} -e /bin/busybox echo ${service} ${port}`;
  return [serve(ports[service]), serve(adminPort), ...asks].map((command) => `${command} &`).concat("wait").join(" ");
}

const tsconfig = (files: readonly string[]): string => JSON.stringify({ compilerOptions: { target: "es2023", module: "node16", strict: true, exactOptionalPropertyTypes: true, noUnusedLocals: true, skipLibCheck: true, types: ["node"], outDir: "out" }, files });

/** A program in TypeScript, of which the files that were learned are a part. */
export class Program {
  readonly stack: Stack;
  readonly folder: string;

  constructor(names: string) {
    this.stack = new Stack({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "out/index.js" }' }, names);
    this.folder = this.stack.project.program;
    installPackages(this.folder, "linked");
    symlinkSync(join(root, "node_modules/@types"), join(this.folder, "node_modules/@types"));
  }

  /** Compiles it with the files that were learned, and brings it up. */
  async up(index: string, learned: readonly string[]): Promise<void> {
    writeFileSync(join(this.folder, "index.ts"), index);
    writeFileSync(join(this.folder, "tsconfig.json"), tsconfig(["index.ts", ...learned]));
    const compiled = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", this.folder], { cwd: this.folder });
    expect([compiled.code, compiled.stdout]).toEqual([0, ""]);
    const { code, said } = await this.stack.up();
    expect(code, said).toBe(0);
  }

  async remove(): Promise<void> {
    await this.stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    await this.stack.remove();
  }
}

/** Connections, from within the containers. */
export class Probe {
  readonly stack: Stack;
  readonly nameOf: (service: Service) => string;

  constructor(stack: Stack, nameOf: (service: Service) => string) {
    this.stack = stack;
    this.nameOf = nameOf;
  }

  async ask(from: Service, host: string, port: number): Promise<string> {
    return (await this.stack.docker("exec", this.nameOf(from), "sh", "-c", `busybox nc -w 2 ${host} ${port} < /dev/null`)).stdout.trim();
  }

  async addresses(service: Service): Promise<readonly string[]> {
    return (await this.stack.docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", this.nameOf(service))).stdout.trim().split(" ").filter((ip) => ip !== "");
  }

  /** `web api 8080` for each connection that is answered, whatever name or address the other one is called by. */
  async answered(names: (service: Service) => readonly string[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const to of services) {
      const hosts = [...names(to), ...(await this.addresses(to))];
      const asked = services.filter((service) => service !== to).flatMap((from) => [ports[to], adminPort].map((port) => ({ from, port })));
      await Promise.all(asked.map(async ({ from, port }) => {
        const said = await Promise.all(hosts.map((host) => this.ask(from, host, port)));
        if (said.includes(`${to} ${port}`)) found.push(`${from} ${to} ${port}`);
      }));
    }
    return found.sort();
  }

  /** Until the servers are up, which start after their containers. */
  async ready(): Promise<void> {
    for (const service of services) {
      for (let tries = 0; (await this.ask(service, "127.0.0.1", adminPort)) === ""; tries++) {
        if (tries > 40) throw new Error(`${service} does not answer itself: ${(await this.stack.docker("logs", this.nameOf(service))).stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }
}

export const withPorts = (pairs: readonly (readonly [Service, Service])[]): readonly string[] => pairs.flatMap(([from, to]) => [`${from} ${to} ${ports[to]}`, `${from} ${to} ${adminPort}`]).sort();
export const everyPair = services.flatMap((from) => services.filter((to) => to !== from).map((to) => [from, to] as const));
