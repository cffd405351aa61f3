import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { importImage, imageName } from "../toolchain/docker.ts";
import { run } from "../toolchain/run.ts";
import { missing, Project, root, typescriptTools, verdicts } from "./support.ts";

const projects: Project[] = [];
const project = (source: ConstructorParameters<typeof Project>[0]): Project => {
  const made = new Project(source);
  projects.push(made);
  return made;
};
afterAll(() => {
  for (const made of projects) made.remove();
});

const restricted = { bulkhead: { preset: "restricted" }, all: "remediate" };
const digest = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const image = `registry.example.com/app:1@${digest}`;

describe.skipIf(missing(...typescriptTools))("the insecure example at the level remediate", () => {
  const text = readFileSync(join(root, "examples/insecure/index.ts"), "utf8");
  const socket = ', volumes: [{ name: "runtime", hostPath: { path: "/var/run/docker.sock" } }]';
  const fixed = [
    "no-dangerous-capabilities kubernetes:argoproj.io/v1alpha1:Rollout::canary",
    "no-host-network docker:index/network:Network::backend",
    "no-host-network kubernetes:batch/v1:CronJob::report",
    "no-host-pid docker:index/container:Container::cache",
    "no-privileged kubernetes:apps/v1:Deployment::web",
  ];

  test("passes restricted but for the runtime's socket, which has no right value: only the program knows what it is for", async () => {
    const { code, events, remediated } = await project(join(root, "examples/insecure")).judge({ config: restricted });
    expect(verdicts(events)).toEqual(["no-runtime-socket kubernetes:apps/v1:DaemonSet::agent"]);
    expect(events[0]?.message).toMatch(/^volume "runtime" of DaemonSet "shop\/agent" must not mount "\/var\/run\/docker\.sock", which gives the container runtime's socket\n {2}setting: spec\.template\.spec\.volumes\[0\]\.hostPath\.path\n/);
    expect(remediated).toEqual(fixed);
    expect(code).not.toBe(0);
  });

  test("passes restricted without it", async () => {
    expect(text).toContain(socket);
    const program = project(join(root, "examples/insecure"));
    program.writeProgram("index.ts", text.replace(socket, ""));
    const { code, events } = await program.judge({ config: restricted });
    expect(events).toEqual([]);
    expect(code).toBe(0);
  });
});

describe.skipIf(missing("pulumi", "pulumi-language-yaml", "pulumi-resource-kubernetes"))("a Kubernetes program that does everything wrong", () => {
  const security = {
    privileged: true, allowPrivilegeEscalation: true, runAsUser: 0, runAsNonRoot: false, procMount: "Unmasked", capabilities: { add: ["SYS_ADMIN", "NET_RAW", "NET_BIND_SERVICE"] },
    seccompProfile: { type: "Unconfined" }, appArmorProfile: { type: "Unconfined" }, seLinuxOptions: { type: "spc_t" },
  };
  const container = (name: string): object => ({
    name, image, securityContext: security, ports: [{ containerPort: 80, hostPort: 80 }], livenessProbe: { tcpSocket: { host: "10.0.0.1", port: 80 } },
    env: [{ name: "TOKEN", value: { "fn::secret": "hunter2-7f3a91" } }],
  });
  const pod = {
    hostNetwork: true, hostPID: true, hostIPC: true, containers: [container("a"), container("b")], initContainers: [{ ...container("c"), livenessProbe: undefined }],
    securityContext: { runAsUser: 0, runAsNonRoot: false, seccompProfile: { type: "Unconfined" }, sysctls: [{ name: "kernel.msgmax", value: "65536" }, { name: "net.ipv4.tcp_syncookies", value: "1" }] },
  };
  const options = { provider: "${provider}" };

  test("is rendered as it should be, its secrets stay secret, and a second update changes nothing", async () => {
    const program = project({
      "Pulumi.yaml": JSON.stringify({
        name: "program", runtime: "yaml",
        resources: {
          provider: { type: "pulumi:providers:kubernetes", properties: { renderYamlToDirectory: "rendered" } },
          api: { type: "kubernetes:apps/v1:Deployment", properties: { metadata: { name: "api", namespace: "shop" }, spec: { selector: { matchLabels: { app: "api" } }, template: { metadata: { labels: { app: "api" } }, spec: pod } } }, options },
          report: { type: "kubernetes:batch/v1:CronJob", properties: { metadata: { name: "report", namespace: "shop" }, spec: { schedule: "0 4 * * *", jobTemplate: { spec: { template: { spec: { ...pod, restartPolicy: "Never" } } } } } }, options },
        },
      }),
    });
    const made = await program.judge({ command: ["up", "--yes"], config: restricted });
    expect(made.events).toEqual([]);
    expect(made.code, made.stdout).toBe(0);
    const folder = join(program.program, "rendered");
    const rendered = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".yaml"));
    expect(rendered).toHaveLength(2);
    for (const file of rendered) expect(readFileSync(join(folder, file), "utf8")).toContain("hunter2-7f3a91");
    const checked = await run(process.execPath, [join(root, "packages/cli/dist/main.js"), "check", "--preset", "restricted", folder]);
    expect(checked.code, checked.stdout).toBe(0);
    expect(checked.stdout).toContain("2 files");
    const exported = await program.pulumi(["stack", "export"]);
    expect(exported.code).toBe(0);
    expect(exported.stdout).not.toContain("hunter2-7f3a91");
    const again = await program.judge({ command: ["up", "--yes", "--expect-no-changes"], config: restricted });
    expect(again.code, again.stdout).toBe(0);
  });
});

describe.skipIf(missing("pulumi", "pulumi-language-yaml", "pulumi-resource-docker"))("a Docker program that does everything wrong", () => {
  test("keeps only what nobody but its author can decide", async () => {
    const properties = {
      name: "web", image, privileged: true, networkMode: "host", pidMode: "host", ipcMode: "host", usernsMode: "host", cgroupnsMode: "host", tty: true, stdinOpen: true, envs: [{ "fn::secret": "TOKEN=hunter2-7f3a91" }],
      capabilities: { adds: ["SYS_ADMIN", "CHOWN"] }, securityOpts: ["seccomp=unconfined", "apparmor=unconfined", "label=disable", "systempaths=unconfined"], sysctls: { "kernel.msgmax": "1" },
      devices: [{ hostPath: "/dev/sda", containerPath: "/dev/sda" }], hosts: [{ host: "db", ip: "10.0.0.1" }],
    };
    const program = project({
      "Pulumi.yaml": JSON.stringify({
        name: "program", runtime: "yaml",
        resources: { provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } }, web: { type: "docker:index/container:Container", properties, options: { provider: "${provider}" } } },
      }),
    });
    const { events, everything } = await program.judge({ config: { all: "remediate" } });
    expect(verdicts(events, "mandatory").map((verdict) => verdict.split(" ")[0])).toEqual(["no-default-bridge", "no-literal-secrets", "require-cpu-limit", "require-evidence-lockfile", "require-healthcheck", "require-log-driver", "require-memory-limit", "require-open-files-limit", "require-pids-limit", "require-user-process-limit", "run-as-non-root"]);
    expect(everything.split("\n").filter((line) => line.includes("hunter2-7f3a91") && !line.includes('"severity":"debug"'))).toEqual([]);
    const onRestricted = await program.judge({ config: restricted });
    expect(verdicts(onRestricted.events, "mandatory").map((verdict) => verdict.split(" ")[0])).toEqual(["run-as-non-root"]);
  });
});

describe.skipIf(missing("pulumi", "pulumi-language-yaml", "pulumi-resource-docker", "docker"))("a Docker program that does everything wrong, on a live daemon", () => {
  const name = `bulkhead-remediation-${process.pid}`;

  test("makes the container that it should have made, and needs nothing the second time", async () => {
    const properties = {
      name, image: imageName, command: ["sleep", "60"], user: "10001:10001", privileged: true, pidMode: "host", ipcMode: "host", networkMode: "host", capabilities: { adds: ["SYS_ADMIN", "NET_RAW"] },
      securityOpts: ["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"], sysctls: { "kernel.msgmax": "1" }, envs: [{ "fn::secret": "TOKEN=hunter2-7f3a91" }],
    };
    const program = project({ "Pulumi.yaml": JSON.stringify({ name: "program", runtime: "yaml", resources: { web: { type: "docker:index/container:Container", properties } } }) });
    const docker = (...args: readonly string[]): ReturnType<typeof run> => run("docker", args, { env: program.env });
    await importImage(program.env);
    try {
      const made = await program.judge({ command: ["up", "--yes"], config: restricted });
      expect(made.events).toEqual([]);
      expect(made.code, made.stdout).toBe(0);
      const host = JSON.parse((await docker("inspect", "--format", "{{json .HostConfig}}", name)).stdout) as object;
      expect(host).toMatchObject({ Privileged: false, PidMode: "", IpcMode: "private", CapAdd: null, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"] });
      expect((await docker("inspect", "--format", "{{json .Config.Env}}", name)).stdout).toContain("hunter2-7f3a91");
      const exported = await program.pulumi(["stack", "export"]);
      expect(exported.code).toBe(0);
      expect(exported.stdout).not.toContain("hunter2-7f3a91");
      const again = await program.judge({ command: ["up", "--yes", "--expect-no-changes"], config: restricted });
      expect(again.code, again.stdout).toBe(0);
    } finally {
      await docker("rm", "--force", name);
    }
  });
});
