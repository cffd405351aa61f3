import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../../test/cli";
import { createCli, pod, privileged } from "../../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const only = ["--rule", "no-privileged"];
const weak = `# A first draft.
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    spec:
      hostPID: yes   # to look around
      containers:
      - name: "api"   # the program
        image: registry.example.com/api:1
        securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN, 'CHOWN']}}
        # the rest is at its default
      - image: registry.example.com/log:1
        name: log
---
# nothing to judge
apiVersion: v1
kind: ConfigMap
metadata:
    name:   config
`;
const strong = `# A first draft.
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: "api"   # the program
        image: registry.example.com/api:1
        securityContext: {capabilities: {add: [], drop: [ALL]}, seccompProfile: {type: RuntimeDefault}, runAsNonRoot: true, allowPrivilegeEscalation: false}
        # the rest is at its default
      - image: registry.example.com/log:1
        name: log
        securityContext:
          capabilities:
            drop:
            - ALL
          allowPrivilegeEscalation: false
          seccompProfile:
            type: RuntimeDefault
          runAsNonRoot: true
---
# nothing to judge
apiVersion: v1
kind: ConfigMap
metadata:
    name:   config
`;
/** Without a line break at its end. */
const first = (text: string): string => text.split("\n---")[0] ?? "";
const restricted = ["--preset", "restricted"];

describe("the diff", () => {
  test("is what --write does, and changes nothing by itself", () => {
    const folder = cli.folder({ "a.yaml": weak, "b c.yaml": weak.replaceAll("\n", "\r\n"), "d.yaml": first(weak) });
    const ran = cli.run(folder, ["fix", ...restricted, "."]);
    expect(ran).toMatchObject({ code: 1, stderr: "" });
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(weak);
    expect(ran.stdout).toContain("-      hostPID: yes   # to look around\n");
    expect(ran.stdout).toMatch(/\n33 findings can be fixed in 3 files; --write does\n$/);
    execFileSync("git", ["init", "--quiet"], { cwd: folder });
    execFileSync("git", ["apply", "-"], { cwd: folder, input: ran.stdout });
    const applied = ["a.yaml", "b c.yaml", "d.yaml"].map((name) => readFileSync(join(folder, name), "utf8"));
    expect(applied).toEqual([strong, strong.replaceAll("\n", "\r\n"), first(strong)]);
    const other = cli.folder({ "a.yaml": weak, "b c.yaml": weak.replaceAll("\n", "\r\n"), "d.yaml": first(weak) });
    const written = cli.run(other, ["fix", "--write", ...restricted, "."]);
    expect(written).toEqual({ code: 0, stdout: "33 findings fixed in 3 files\n", stderr: "" });
    expect(["a.yaml", "b c.yaml", "d.yaml"].map((name) => readFileSync(join(other, name), "utf8"))).toEqual(applied);
    expect(cli.run(other, ["fix", ...restricted, "."])).toEqual({ code: 0, stdout: "nothing to fix\n", stderr: "" });
  });

  test("of standard input", () => {
    const ran = cli.run(cli.folder({}), ["fix", ...only, "-"], { stdin: pod("a", privileged) });
    expect(ran).toMatchObject({ code: 1, stderr: "" });
    expect(ran.stdout).toContain("--- a/-\n+++ b/-\n@@ -6,5 +6,4 @@\n");
  });

  test("what has no fix is listed, with where it stands", () => {
    const folder = cli.folder({ "a.yaml": `${pod("a", "      stdin: false\n")}  volumes:\n    - name: s\n      hostPath: { path: /var/run/docker.sock }\n` });
    const ran = cli.run(folder, ["fix", "--rule", "no-runtime-socket", "a.yaml"]);
    expect(ran).toEqual({ code: 1, stderr: "", stdout: '1 finding has no fix:\n  a.yaml:12:19: volume "s" of Pod "a" must not mount "/var/run/docker.sock", which gives the container runtime\'s socket (no-runtime-socket, spec.volumes[0].hostPath.path)\n' });
  });
});

describe("files", () => {
  test("lists of objects, JSON and byte order marks", () => {
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "x", image: "y", securityContext: { privileged: true, a: 1 } }] } }] }, null, "\t");
    const folder = cli.folder({ "a.json": list, "b.yaml": `\ufeff${pod("b", privileged)}` });
    expect(cli.run(folder, ["fix", "--write", ...only, "."])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(folder, "a.json"), "utf8")).toBe(list.replace(/"privileged": true,\s*/, ""));
    expect(readFileSync(join(folder, "b.yaml"), "utf8")).toBe(`\ufeff${pod("b", "      securityContext: {}\n")}`);
    writeFileSync(join(folder, "c.yaml"), Buffer.from(`\ufeff${pod("c", privileged)}`, "utf16le"));
    expect(cli.run(folder, ["fix", "--write", ...only, "c.yaml"])).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, "c.yaml")).toString("utf16le")).toBe(`\ufeff${pod("c", "      securityContext: {}\n")}`);
  });

  test("the mode stays, a link stays a link, and nothing is left behind", () => {
    const folder = cli.folder({ "a.yaml": pod("a", privileged) });
    chmodSync(join(folder, "a.yaml"), 0o640);
    symlinkSync("a.yaml", join(folder, "link.yaml"));
    expect(cli.run(folder, ["fix", "--write", ...only, "link.yaml"])).toMatchObject({ code: 0 });
    expect(statSync(join(folder, "a.yaml")).mode & 0o777).toBe(0o640);
    expect(lstatSync(join(folder, "link.yaml")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).not.toContain("privileged");
    expect(readdirSync(folder).sort()).toEqual(["a.yaml", "link.yaml"]);
  });

  test("one that may not be written is said, and the others are written", () => {
    const folder = cli.folder({ "a.yaml": pod("a", privileged), "b.yaml": pod("b", privileged) });
    chmodSync(join(folder, "a.yaml"), 0o444);
    const ran = cli.run(folder, ["fix", "--write", ...only, "."]);
    expect(ran).toMatchObject({ code: 2, stderr: "a.yaml: expected a file that can be written, found one that is read-only\n" });
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toContain("privileged");
    expect(readFileSync(join(folder, "b.yaml"), "utf8")).not.toContain("privileged");
  });

  test("templates and other files are not touched", () => {
    const folder = cli.folder({ "chart/Chart.yaml": "name: x\n", "chart/templates/a.yaml": "kind: {{ .x }}\n", "values.txt": "privileged: true" });
    const ran = cli.run(folder, ["fix", "--write", "."]);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nothing to fix\nnot judged: \d+ rules about the whole stack, of which none has a fix; bulkhead check does\n$/) });
    expect(cli.run(folder, ["fix", "--preset", "restricted", "."])).toMatchObject({ code: 0, stdout: "nothing to fix\n" });
    expect(ran.stderr).toContain("chart/templates: not examined: Helm chart templates are no manifests");
  });
});

describe("what cannot be done", () => {
  test("a state is not edited", () => {
    const resources = [{ urn: "urn:pulumi:s::p::docker:index/container:Container::web", type: "docker:index/container:Container", custom: true, id: "x", inputs: { image: "a", privileged: true } }];
    const folder = cli.folder({ "state.json": JSON.stringify({ version: 3, deployment: { manifest: {}, resources } }) });
    const ran = cli.run(folder, ["fix", "--write", ...only, "state.json"]);
    expect(ran).toMatchObject({ code: 2, stderr: "state.json: expected manifests, found an exported state, which says what a program made: change the program\n" });
    expect(ran.stdout).toMatch(/^1 finding is left:\n {2}state\.json:.*no-privileged/);
  });

  test("misuse", () => {
    const folder = cli.folder({ "a.yaml": pod("a") });
    const said = (...args: readonly string[]): string => {
      const { code, stderr } = cli.run(folder, ["fix", ...args]);
      expect(code).toBe(2);
      return stderr;
    };
    expect(said()).toContain("fix needs a file");
    expect(said("--write", "-")).toContain("--write writes files");
    expect(said("--rule", "no-privilegd", "a.yaml")).toContain("did you mean no-privileged");
    expect(said("nope.yaml")).toContain("nope.yaml: expected a readable file or folder, found no such file");
    expect(cli.run(folder, ["fix", "--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("--write") as string });
  });

  test("check works without the editor", () => {
    expect(existsSync(join(cli.bundle, "../edit.js"))).toBe(true);
    expect(readFileSync(cli.bundle, "utf8")).not.toContain("BLOCK_LITERAL");
  });

  test("what the API server would refuse is not written, and said why; with what forbids it, both go", () => {
    const folder = cli.folder({ "pod.yaml": pod("a", privileged) });
    const alone = cli.run(folder, ["fix", "--write", "--rule", "no-privilege-escalation", "pod.yaml"]);
    expect(alone).toMatchObject({ code: 1, stderr: "" });
    expect(alone.stdout).toMatch(/^1 finding has no fix:\n.*must set allowPrivilegeEscalation to false \(no-privilege-escalation, [^)]*\); not fixed: Kubernetes refuses allowPrivilegeEscalation: false where the container is, or may be, privileged\n$/);
    expect(readFileSync(join(folder, "pod.yaml"), "utf8")).toBe(pod("a", privileged));
    expect(cli.run(folder, ["fix", "--write", "--rule", "no-privilege-escalation", "--rule", "no-privileged", "pod.yaml"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(folder, "pod.yaml"), "utf8")).toContain("allowPrivilegeEscalation: false");
    expect(readFileSync(join(folder, "pod.yaml"), "utf8")).not.toContain("privileged");
  });
});
