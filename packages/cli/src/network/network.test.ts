import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cli } from "../../test/cli";
import { createCli } from "../../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const end = (name: string, namespace = "shop"): object => ({ namespace, pod_name: `${name}-6b746f74dc-9rcxx`, labels: [`k8s:app=${name}`, "k8s:pod-template-hash=6b746f74dc"] });
function flow(source: object, destination: object, port: number, more: object = {}): string {
  return JSON.stringify({ flow: { time: "2026-01-05T10:00:00Z", verdict: "FORWARDED", IP: { source: "10.0.0.1", destination: "10.0.0.2" }, l4: { TCP: { source_port: 40_000, destination_port: port } }, source, destination, is_reply: false, ...more } });
}
const flows = [
  flow(end("web"), end("api"), 8080),
  flow(end("api"), end("db", "data"), 5432),
  flow(end("api"), end("web"), 40_000, { is_reply: true }),
  flow(end("web"), end("db", "data"), 5432, { verdict: "DROPPED", drop_reason_desc: "POLICY_DENIED" }),
  flow(end("api"), { labels: ["reserved:world"] }, 443, { IP: { source: "10.0.0.1", destination: "192.0.2.7" } }),
  "",
].join("\n");

const deployment = (name: string, namespace = "shop"): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}, tier: ${namespace} } }
    spec: { containers: [{ name: main, image: registry.example.com/${name} }] }
`;
const manifests = [deployment("web"), deployment("api"), deployment("db", "data"), deployment("cron")].join("---\n");

test("learn writes policies, and the summary ends with what they do to what was seen", () => {
  const folder = cli.folder({ "flows.jsonl": flows, "apps.yaml": manifests });
  const { code, stdout, stderr } = cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--inventory", "apps.yaml", "--output", "out", "--lock"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(readdirSync(join(folder, "out")).sort()).toEqual(["data.yaml", "shop.yaml"]);
  const policies = loadAll(readFileSync(join(folder, "out/shop.yaml"), "utf8")) as readonly { readonly metadata: { readonly name: string; readonly annotations?: { readonly [name: string]: string } }; readonly spec: object }[];
  expect(policies.map(({ metadata: { name } }) => name.replace(/[0-9a-f]{8}$/, "HASH"))).toEqual(["allow-api-HASH", "allow-web-HASH", "default-deny"]);
  expect(policies[0]?.spec).toEqual({
    podSelector: { matchLabels: { app: "api" } }, policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ protocol: "TCP", port: 8080 }] }],
    egress: [
      { to: [{ ipBlock: { cidr: "192.0.2.7/32" } }], ports: [{ protocol: "TCP", port: 443 }] },
      { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "data" } }, podSelector: { matchLabels: { app: "db" } } }], ports: [{ protocol: "TCP", port: 5432 }] },
    ],
  });
  expect(policies[0]?.metadata.annotations?.["bulkhead.dev/ingress-0"]).toBe("Deployment shop/web -> Deployment shop/api TCP 8080: 1 flow from 2026-01-05T10:00:00Z to 2026-01-05T10:00:00Z (flows.jsonl:1)");
  expect(stdout).toContain("workloads that were never seen, and are denied everything: 1\n  Deployment shop/cron\n");
  expect(stdout).toContain("connections that were refused, and are not allowed for that: 1\n  Deployment shop/web -> Deployment data/db TCP 5432 (dropped)\n");
  expect(stdout).toMatch(/newly denied observed flows: 0\nunobserved edges admitted: 0\ncannot be expressed safely: 0\n$/);
  const lock = JSON.parse(readFileSync(join(folder, "bulkhead.flows.json"), "utf8")) as { readonly version: number; readonly edges: readonly object[] };
  expect(lock.version).toBe(1);
  expect(lock.edges).toContainEqual({ from: { namespace: "shop", kind: "Deployment", name: "web" }, to: { namespace: "shop", kind: "Deployment", name: "api" }, protocol: "TCP", port: 8080, first: "2026-01-05", last: "2026-01-05" });
  expect(lock.edges).toHaveLength(3);
});

test("what was learned breaks nothing, needs every rule, and denies the rest", () => {
  const folder = cli.folder({ "flows.jsonl": flows, "apps.yaml": manifests });
  cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--inventory", "apps.yaml", "--output", "out"]);
  const checked = cli.run(folder, ["network", "check", "--flows", "flows.jsonl", "apps.yaml", "out"]);
  expect([checked.code, checked.stderr]).toEqual([0, ""]);
  expect(checked.stdout).toContain("rules and networks that no flow needed: 0\nworkloads that no policy covers: 0\nnewly denied observed flows: 0\n");
  const allowed = cli.run(folder, ["network", "reach", "apps.yaml", "out", "--from", "shop/web", "--to", "shop/api:8080"]);
  expect(allowed).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^allowed: Deployment shop\/web -> Deployment shop\/api TCP 8080\n.*allow-web-.* egress\[0\]\n.*allow-api-.* ingress\[0\]\n$/) });
  expect(cli.run(folder, ["network", "reach", "apps.yaml", "out", "--from", "shop/web", "--to", "data/db:5432"])).toMatchObject({ code: 1, stdout: expect.stringMatching(/^denied: /) });
  expect(cli.run(folder, ["network", "reach", "apps.yaml", "out"]).stdout).toBe("Deployment shop/api  ->  192.0.2.7           TCP 443\nDeployment shop/api  ->  Deployment data/db  TCP 5432\nDeployment shop/web  ->  Deployment shop/api  TCP 8080\n".replace("192.0.2.7           ", "192.0.2.7            ").replace("data/db  TCP", "data/db   TCP"));
  expect(cli.run(folder, ["network", "reach", "apps.yaml", "out", "--format", "dot"]).stdout).toContain('  "Deployment shop/web" -> "Deployment shop/api" [label="TCP 8080"];\n');
});

test("check names the flows that policies would break, the rules that nothing needed, and what is not covered", () => {
  const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: cron } } }], ports: [{ port: 8080 }] }]
`;
  const folder = cli.folder({ "flows.jsonl": flows, "apps.yaml": `${manifests}---\n${policy}` });
  const { code, stdout } = cli.run(folder, ["network", "check", "--flows", "flows.jsonl", "apps.yaml"]);
  expect(code).toBe(1);
  expect(stdout).toContain("rules and networks that no flow needed: 1\n  NetworkPolicy shop/api ingress[0]\n");
  expect(stdout).toContain("newly denied observed flows: 1\n  Deployment shop/web -> Deployment shop/api TCP 8080: ");
  expect(stdout).toContain("  Deployment data/db\n");
  const json = JSON.parse(cli.run(folder, ["network", "check", "--flows", "flows.jsonl", "--format", "json", "apps.yaml"]).stdout) as { readonly breaks: readonly { readonly edge: string }[] };
  expect(json.breaks.map(({ edge }) => edge)).toEqual(["Deployment shop/web -> Deployment shop/api TCP 8080"]);
});

test("diff shows the connections that come and go", () => {
  const deny = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: deny, namespace: data }\nspec: { podSelector: {}, policyTypes: [Ingress, Egress] }\n";
  const folder = cli.folder({ "old.yaml": manifests, "new.yaml": `${manifests}---\n${deny}` });
  const { code, stdout } = cli.run(folder, ["network", "diff", "old.yaml", "new.yaml"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^- Deployment data\/db +-> +Deployment shop\/api +all$/m);
  expect(stdout).not.toMatch(/^\+/m);
  expect(cli.run(folder, ["network", "diff", "old.yaml", "old.yaml"])).toMatchObject({ code: 0, stdout: "0 removed, 0 added\n" });
});

test("an address that only the new policies name is not new; a picture has its own file", () => {
  const folder = cli.folder({ "flows.jsonl": flows, "apps.yaml": manifests });
  cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--inventory", "apps.yaml", "--output", "out"]);
  const { stdout } = cli.run(folder, ["network", "diff", "apps.yaml", "out"]);
  expect(stdout).toMatch(/^- Deployment shop\/web +-> +192\.0\.2\.7 +all$/m);
  expect(stdout.match(/^\+.*/gm)?.map((line) => line.replace(/ +/g, " "))).toEqual(["+ Deployment shop/api -> 192.0.2.7 TCP 443", "+ Deployment shop/api -> Deployment data/db TCP 5432", "+ Deployment shop/web -> Deployment shop/api TCP 8080"]);
  const reach = cli.run(folder, ["network", "reach", "out", "--before", "apps.yaml", "--format", "html", "--output", "a.html"]);
  expect([reach.code, reach.stdout]).toEqual([0, ""]);
  const page = readFileSync(join(folder, "a.html"), "utf8");
  expect(page).toMatch(/^<!doctype html>\n[\s\S]*<code>apps\.yaml → out<\/code>/);
  expect(cli.run(folder, ["network", "diff", "apps.yaml", "out", "--format", "html"])).toMatchObject({ code: 1, stdout: page });
  expect(cli.run(folder, ["network", "reach", "apps.yaml", "--format", "html", "--output", "none/a.html"])).toMatchObject({ code: 2, stdout: "", stderr: "none/a.html: expected a place that can be written, found no such file\n" });
  expect(cli.run(folder, ["network", "reach", "out", "--before", "none", "--format", "html"])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("none: expected ") });
});

test("a picture of more connections than a browser can hold is refused", () => {
  const pods = Array.from({ length: 1001 }, (_, index) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: `w${index}`, namespace: "shop" }, spec: { containers: [{ name: "a", image: "a" }] } }));
  const folder = cli.folder({ "pods.json": JSON.stringify({ apiVersion: "v1", kind: "List", items: pods }) });
  expect(cli.run(folder, ["network", "reach", "pods.json", "--format", "html"])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^bulkhead: a picture of 1,00\d,\d{3} connections is more than a browser can hold \(1,000,000\): give fewer paths, or --format json\n/) });
});

test.each([
  ["cilium", "shop.yaml", /kind: CiliumNetworkPolicy[\s\S]*toCIDRSet:\n +- cidr: 192\.0\.2\.7\/32/],
  ["calico", "shop.yaml", /kind: NetworkPolicy[\s\S]*selector: app == 'api'/],
  ["typescript", "links.ts", /^ {2}web\.allowTo\(api, \{ port: 8080 \}\);/m],
])("--format %s", (format, file, text) => {
  const folder = cli.folder({ "flows.jsonl": flows });
  expect(cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--format", format, "--output", "out"]).code).toBe(0);
  expect(readFileSync(join(folder, "out", file), "utf8")).toMatch(text);
});

test("without an inventory the summary says what that leaves unproven; without --output the policies are on standard output", () => {
  const folder = cli.folder({ "a.jsonl": flows, "b.jsonl": `${flow(end("web"), end("cache"), 6379)}\nnot a flow\n` });
  const { code, stdout, stderr } = cli.run(folder, ["network", "learn", "--flows", "a.jsonl", "b.jsonl"]);
  expect(code).toBe(0);
  expect(stdout.match(/^kind: NetworkPolicy$/gm)).toHaveLength(6);
  expect(stderr).toContain("unproven without an inventory: that no other pods have these labels");
  expect(stderr).toContain("1 could not be read\n    b.jsonl:2: expected ");
  expect(existsSync(join(folder, "bulkhead.flows.json"))).toBe(false);
});

test("the address of instance metadata is never opened without being asked for, and that is a finding", () => {
  const metadata = flow(end("web"), { labels: ["reserved:world"] }, 80, { IP: { source: "10.0.0.1", destination: "169.254.169.254" } });
  const folder = cli.folder({ "flows.jsonl": `${flows}${metadata}\n` });
  const refused = cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--output", "out"]);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("newly denied observed flows: 1\n  Deployment shop/web -> 169.254.169.254 TCP 80: ");
  const asked = cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--output", "out", "--allow", "169.254.169.254/32"]);
  expect(asked.code).toBe(0);
  expect(asked.stdout).toContain("opens the address of instance metadata, as was asked for");
});

test.each([
  ["network", "network needs a command: record, learn, check, reach, diff"],
  ["network lern", 'unknown command of network "lern"; did you mean learn?'],
  ["network record", "network record needs --docker: nothing else is recorded here"],
  ["network record --docker --duration 5", '--duration: expected a time such as 500ms, 90s, 5m or 1h30m, of at most 24h, found "5"'],
  ["network record --docker --interval 10ms", '--interval: expected 50ms or more, found "10ms"'],
  ["network record --docker --host localhost", '--host: expected unix:///path, tcp://host:port or ssh://host, found "localhost"'],
  ["network learn", "network learn needs --flows FILE..."],
  ["network learn --flows a --format yaml", '--format: expected policies, cilium, calico, typescript, compose, pulumi, found "yaml"'],
  ["network learn --flows a --allow 10.0.0.0/40", '--allow: expected a block such as 203.0.113.0/24, found "10.0.0.0/40"'],
  ["network reach apps.yaml --from shop/wbe", '--from: there is no "shop/wbe"; did you mean shop/web?'],
  ["network reach apps.yaml --before apps.yaml", "--before needs --format html; network diff compares in text"],
  ["network reach apps.yaml --format html --from shop/web", "--from and --to do not go with --format html: its page shows everybody, and finds each"],
  ["network diff apps.yaml", "network diff takes two files or folders: OLD NEW"],
])("misuse: %s", (line, message) => {
  const { code, stdout, stderr } = cli.run(cli.folder({ "apps.yaml": manifests }), line.split(" "));
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: `bulkhead: ${message}\n\`bulkhead --help\` says how to use it\n` });
});

test("flows that cannot be read are exit 2", () => {
  const folder = cli.folder({ "x.txt": "one\ntwo\n" });
  expect(cli.run(folder, ["network", "learn", "--flows", "x.txt"])).toMatchObject({ code: 2, stdout: "", stderr: "x.txt: expected flows of a known format, found records that look like none\n" });
  expect(cli.run(folder, ["network", "learn", "--flows", "none.jsonl"])).toMatchObject({ code: 2, stdout: "", stderr: "none.jsonl: expected a readable file, found no such file\n" });
});
