import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../../test/cli";
import { createCli } from "../../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const restricted = ["--preset", "restricted"];
const fixed = (files: { readonly [name: string]: string }): { readonly text: string; readonly stdout: string } => {
  const folder = cli.folder(files);
  const ran = cli.run(folder, ["fix", "--write", ...restricted, "."]);
  expect(ran.stderr).toBe("");
  for (const name of Object.keys(files)) if (name !== "compose.yaml") expect(readFileSync(join(folder, name), "utf8")).toBe(files[name]);
  return { text: readFileSync(join(folder, "compose.yaml"), "utf8"), stdout: ran.stdout };
};
const rest = "    cap_drop:\n      - ALL\n    security_opt:\n      - no-new-privileges:true\n";

describe("compose files", () => {
  test("keep their variables, comments and style", () => {
    const { text, stdout } = fixed({ "compose.yaml": 'services:\n  web:\n    image: nginx:${TAG:-1.27}   # the proxy\n    user: "10001"\n    pid: host\n    cap_add: [SYS_ADMIN, NET_BIND_SERVICE]\n    ports:\n      - "80:80"\n' });
    expect(text).toBe(`services:\n  web:\n    image: nginx:\${TAG:-1.27}   # the proxy\n    user: "10001"\n    cap_add: [NET_BIND_SERVICE]\n    ports:\n      - "80:80"\n${rest}`);
    expect(stdout).toMatch(/^\d findings fixed in 1 file\n$/);
  });

  test("what a service extends is put right where it stands, for both", () => {
    const { text } = fixed({ "compose.yaml": 'services:\n  base:\n    image: a\n    user: "1"\n    ipc: host\n    cap_drop: [NET_RAW]\n  app:\n    extends: base\n    read_only: true\n' });
    expect(text).toContain('  base:\n    image: a\n    user: "1"\n    cap_drop: [ALL]\n');
    expect(text).toMatch(/ {2}app:\n {4}extends: base\n {4}read_only: true\n/);
    expect(text).not.toContain("ipc");
  });

  test("a merge that gives what must go is written out, without what another file adds", () => {
    const { text } = fixed({ "compose.yaml": 'x-common: &common\n  restart: always\n  privileged: true\nservices:\n  web:\n    <<: *common\n    image: a\n    user: "1"\n', "compose.override.yaml": "services:\n  web:\n    hostname: h\n" });
    expect(text).toBe(`x-common: &common\n  restart: always\n  privileged: true\nservices:\n  web:\n    image: a\n    user: "1"\n    restart: always\n${rest}`);
  });

  test("what stands in another file, or is not known, is left and listed", () => {
    const { text, stdout } = fixed({ "compose.yaml": `services:\n  web:\n    image: a\n    user: "1"\n    privileged: \${P}\n${rest}`, "compose.override.yaml": "services:\n  web:\n    pid: host\n" });
    expect(text).toBe(`services:\n  web:\n    image: a\n    user: "1"\n    privileged: \${P}\n${rest}`);
    expect(stdout).toMatch(/^1 finding has no fix:\n {2}compose\.override\.yaml:3:5: Service "web" must not use the host's (PID|process) namespace \(no-host-pid, services\.web\.pid\)\n$/i);
  });

  test("those that are named as one project: the first is put right, what the others say is left and listed", () => {
    const folder = cli.folder({ "compose.yaml": 'services:\n  web:\n    image: a\n    user: "1"\n    privileged: true\n', "compose.override.yaml": "services:\n  web:\n    ipc: host\n", "prod.yaml": "services:\n  web:\n    pid: host\n    privileged: false\n" });
    const only = ["--rule", "no-host-pid", "--rule", "no-host-ipc", "--rule", "no-privileged", "--rule", "drop-all-capabilities"];
    const ran = cli.run(folder, ["fix", "--write", ...only, "-f", "compose.yaml", "-f", "prod.yaml"]);
    expect([ran.code, ran.stderr]).toEqual([1, ""]);
    expect(ran.stdout).toMatch(/^1 finding fixed in 1 file\n1 finding is left|1 finding has no fix/);
    expect(ran.stdout).toContain("prod.yaml:3:5");
    expect(ran.stdout).not.toContain("no-host-ipc");
    // What counts is what the files say together: prod.yaml makes it unprivileged.
    expect(readFileSync(join(folder, "compose.yaml"), "utf8")).toBe('services:\n  web:\n    image: a\n    user: "1"\n    privileged: true\n    cap_drop:\n      - ALL\n');
    expect(readFileSync(join(folder, "prod.yaml"), "utf8")).toBe("services:\n  web:\n    pid: host\n    privileged: false\n");
    expect(cli.run(folder, ["fix", "--file", "prod.yaml"])).toMatchObject({ code: 2, stderr: "prod.yaml:2:3: services.web: expected an image or a build, found neither\n" });
    expect(cli.run(folder, ["fix", "-f", "-", "-"])).toMatchObject({ code: 2, stderr: expect.stringContaining("standard input can be read once") });
    expect(cli.run(folder, ["fix", "--write", "-f", "-"])).toMatchObject({ code: 2, stderr: expect.stringContaining("standard input has none") });
  });
});
