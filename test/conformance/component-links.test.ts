import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HardenedCronJob, HardenedDaemonSet, HardenedDeployment, HardenedStatefulSet, IsolatedNamespace } from "../../packages/components/src/kubernetes/index";
import { registered } from "../../packages/components/test/mocks";
import { sharedData } from "../e2e/support.ts";
import type { KubernetesObject } from "../toolchain/api-client.ts";
import { podOf } from "../toolchain/api-client.ts";
import type { NamedPod, Namespaces, Outside, PodEnd, Policy, Port } from "./reachability.ts";
import { edgesOf, reaches, resolver } from "./reachability.ts";

const cases = join(sharedData, "cyclonus/cases.jsonl");

interface Case {
  readonly id: string;
  readonly namespaces: Namespaces;
  readonly order: readonly string[];
  readonly pods: readonly NamedPod[];
  readonly policies: readonly Policy[];
  readonly tables: { readonly [protocolAndPort: string]: { readonly combined: readonly string[] } };
}

describe.skipIf(!existsSync(cases))("the evaluator of this test", () => {
  test("says what cyclonus says", () => {
    let cells = 0;
    const different: string[] = [];
    for (const { id, namespaces, order, pods, policies, tables } of readFileSync(cases, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Case)) {
      const ends = order.map((name) => pods.find((pod) => `${pod.namespace}/${pod.name}` === name) as PodEnd);
      for (const [what, { combined }] of Object.entries(tables)) {
        const [protocol = "", port = ""] = what.split("/");
        for (const [row, from] of ends.entries()) {
          for (const [column, to] of ends.entries()) {
            const theirs = combined[row]?.[column];
            if (row === column || (theirs !== "." && theirs !== "X")) continue;
            cells += 1;
            if (reaches(from, to, Number(port), protocol, policies, namespaces) !== (theirs === ".")) different.push(`${id} ${what} ${order[row]} -> ${order[column]}: ${theirs}`);
          }
        }
      }
    }
    process.stderr.write(`reachability: ${cells} cells compared with cyclonus, ${different.length} differ\n`);
    expect(different.slice(0, 10)).toEqual([]);
    expect(cells).toBeGreaterThan(30_000);
  });
});

const image = "registry.example.com/shop/web:1.4.2";
const least = { image, memory: "128Mi" };

/** Everything that the components of a program let through. */
async function edges(program: () => void, ports: readonly Port[], outside: readonly Outside[] = []): Promise<readonly string[]> {
  const found = await registered(program);
  const namespaceOf = (inputs: { readonly [key: string]: unknown }): string => (inputs["metadata"] as { readonly namespace?: string }).namespace ?? "default";
  const policies = found.filter(({ type }) => type.endsWith(":NetworkPolicy")).map(({ inputs }) => ({ ...inputs, metadata: { namespace: namespaceOf(inputs) } }) as unknown as Policy);
  const pods = found.filter(({ type }) => /:(Deployment|StatefulSet|DaemonSet|CronJob)$/.test(type) && type.startsWith("kubernetes:")).map(({ name, inputs }, index) => {
    const { metadata: { labels = {} } } = podOf({ ...inputs, metadata: { name } } as unknown as KubernetesObject);
    return { name: `${namespaceOf(inputs)}/${name}`, namespace: namespaceOf(inputs), labels, ip: `10.1.0.${index + 1}`, ports: [] };
  });
  return edgesOf(pods, policies, ports, outside);
}

const listened = [[53, "UDP"], [53, "TCP"], [80, "TCP"], [443, "TCP"], [5432, "TCP"], [8080, "TCP"], [8125, "UDP"], [8125, "TCP"]] as const satisfies readonly Port[];
const dnsOf = (...names: readonly string[]): readonly string[] => names.flatMap((name) => [`${name} -> ${resolver.name}:53/TCP`, `${name} -> ${resolver.name}:53/UDP`]);

describe("linked components", () => {
  test("reach what is declared, and nothing else", async () => {
    const program = (): void => {
      const shop = new IsolatedNamespace("shop").name;
      const web = new HardenedDeployment("web", { ...least, namespace: shop, ports: [{ port: 8080 }] });
      const api = new HardenedDeployment("api", { ...least, namespace: shop, ports: [{ port: 8080 }, { port: 8125, protocol: "UDP" }] });
      const db = new HardenedStatefulSet("db", { ...least, namespace: shop });
      const report = new HardenedCronJob("report", { ...least, namespace: "batch", schedule: "@daily" });
      const agent = new HardenedDaemonSet("agent", { ...least, namespace: "batch" });
      web.allowTo(api, { port: 8080 });
      api.allowTo(db, { port: 5432 });
      db.allowFrom(report, { port: 5432 });
      db.allowFrom(api, { port: 5432 });
      agent.allowTo(api, { port: 8125, protocol: "UDP" });
    };
    expect(await edges(program, listened)).toEqual([
      "shop/web -> shop/api:8080/TCP", "shop/api -> shop/db:5432/TCP", "batch/report -> shop/db:5432/TCP", "batch/agent -> shop/api:8125/UDP",
      ...dnsOf("shop/web", "shop/api", "shop/db", "batch/report", "batch/agent"),
    ].sort());
  });

  test("do so too by arguments, for programs that cannot call a method", async () => {
    const program = (): void => {
      const db = new HardenedStatefulSet("db", { ...least, namespace: "data", allowFrom: [{ name: "ingress", podLabels: { "app.kubernetes.io/name": "web" }, namespace: "other", port: 5432, bothEnds: false }] });
      new HardenedDeployment("api", { ...least, namespace: "shop", allowTo: [{ name: "db", podLabels: { "app.kubernetes.io/name": "db", "app.kubernetes.io/component": "statefulset" }, namespace: db.namespace, port: 5432 }] });
      new HardenedDeployment("web", { ...least, namespace: "shop" });
    };
    expect(await edges(program, listened)).toEqual(["other/stranger -> data/db:5432/TCP", "shop/api -> data/db:5432/TCP", ...dnsOf("shop/api", "shop/web", "data/db")].sort());
  });

  test("reach the internet where it is named, and never the instance metadata or private addresses", async () => {
    const outside = ["203.0.113.7", "169.254.169.254", "fd00:ec2::254", "10.200.0.1", "192.168.1.1", "2001:db8::1", "100.100.100.200"].map((ip) => ({ ip }));
    const program = (): void => {
      const web = new HardenedDeployment("web", { ...least, namespace: "shop" });
      web.allowToInternet({ cidrs: ["0.0.0.0/0", "::/0"], ports: [443], reason: "calls the payment provider" });
      new HardenedDeployment("api", { ...least, namespace: "shop", allowToInternet: [{ name: "office", cidrs: ["192.168.0.0/16", "fd00::/8"], ports: [80, 443], reason: "mails through the office" }] });
    };
    expect(await edges(program, listened, outside)).toEqual(["shop/web -> 203.0.113.7:443/TCP", "shop/web -> 2001:db8::1:443/TCP", "shop/api -> 192.168.1.1:443/TCP", "shop/api -> 192.168.1.1:80/TCP", ...dnsOf("shop/web", "shop/api")].sort());
  });

  test("with a port of the node are reached on it by whom it names, and by nobody where it names none", async () => {
    const outside = ["10.20.0.5", "203.0.113.7"].map((ip) => ({ ip }));
    const agent = (from: object): void => void new HardenedDaemonSet("agent", { ...least, namespace: "batch", ports: [{ port: 8125, protocol: "UDP" }, { port: 8080 }], hostPort: { port: 8125, reason: "takes statistics", ...from } });
    const opened = (from: readonly string[]): Promise<readonly string[]> => edges(() => agent({ from }), listened, outside);
    expect(await edges(() => agent({}), listened, outside)).toEqual(dnsOf("batch/agent"));
    expect(await opened(["10.20.0.0/16"])).toEqual([...dnsOf("batch/agent"), "10.20.0.5 -> batch/agent:8125/UDP"].sort());
    expect(await opened(["0.0.0.0/0"])).toEqual([...dnsOf("batch/agent"), ...["10.20.0.5", "203.0.113.7", resolver.name, "other/stranger"].map((from) => `${from} -> batch/agent:8125/UDP`)].sort());
    const moved = { ports: [{ port: 8443 }], hostPort: { port: 443, containerPort: 8443, from: ["10.20.0.0/16"], reason: "serves the office" } };
    expect(await edges(() => void new HardenedDeployment("web", { ...least, ...moved }), [[443, "TCP"], [8443, "TCP"]], outside)).toEqual(["10.20.0.5 -> default/web:8443/TCP"]);
  });

  test("without any link reach nothing but the name server", async () => {
    expect(await edges(() => void new HardenedDeployment("web", least), listened)).toEqual(dnsOf("default/web"));
  });
});
