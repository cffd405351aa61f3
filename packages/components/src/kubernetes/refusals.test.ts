import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { registered } from "../../test/mocks";
import { ArgumentError } from "../arguments/argument-error";
import { HardenedCronJob, HardenedDeployment, HardenedJob, HardenedStatefulSet, IsolatedNamespace } from ".";
import { openedBlock } from "./addresses";
import { buildContainer } from "./container";

const least = { image: "registry.example.com/app:1.4.2", memory: "128Mi" };
const reason = "is needed for now";

/** The error of a program, after which nothing may be registered. */
async function refused(program: () => void): Promise<string> {
  let message = "accepted";
  const found = await registered(() => {
    try {
      program();
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      message = error.message;
    }
  });
  return message === "accepted" || found.length === 0 ? message : `${message}, after ${found.length} registrations`;
}

const deployment = (args: object) => (): void => void new HardenedDeployment("web", { ...least, ...args } as never);

describe("an argument that cannot be used stops the program before anything is registered", () => {
  test.each<readonly [object, string]>([
    [{ image: "" }, "web: args.image: expected an image reference"],
    [{ memory: "128" }, 'web: args.memory: expected an amount with its unit, such as 128Mi or 1Gi, found "128"'],
    [{ memory: 128 }, "web: args.memory: expected an amount with its unit"],
    [{ cpu: "much" }, "web: args.cpu: expected an amount of CPU"],
    [{ cpu: "100m", cpuRequest: "200m" }, "web: args.cpuRequest: expected at most the limit of 100m, found 200m"],
    [{ replicas: -1 }, "web: args.replicas: expected a whole number"],
    [{ replicas: "2" }, "web: args.replicas: expected a whole number"],
    [{ ports: [{ port: 70_000 }] }, "web: args.ports[0].port: expected a whole number from 1 to 65535, found 70000"],
    [{ ports: [{ port: 80 }, { port: 80 }] }, "web: args.ports[1].port: expected a port of its own, found 80/TCP, which ports[0].port has"],
    [{ ports: [{ port: 80, name: "Web" }] }, "web: args.ports[0].name: expected a name"],
    [{ ports: [{ port: 80 }], sidecars: [{ name: "log", ...least, ports: [{ port: 80 }] }] }, "web: args.sidecars[0].ports[0].port: expected a port of its own, found 80/TCP, which ports[0].port has"],
    [{ service: true }, "web: args.service: expected ports beside it, found none"],
    [{ user: 0 }, "web: args.user: expected a whole number from 1"],
    [{ namespace: "Shop" }, "web: args.namespace: expected a name"],
    [{ environment: { "a b": "1" } }, "web: args.environment.a b: expected a variable's name"],
    [{ environment: { A: "1" }, secretEnvironment: { A: { secret: "a", key: "a" } } }, "web: args.secretEnvironment.A: expected a variable of its own"],
    [{ scratch: [{ path: "/" }] }, "web: args.scratch[0].path: expected a path below the root"],
    [{ scratch: [{ path: "/tmp" }], configMaps: [{ path: "/tmp", configMap: "a" }] }, "web: args.configMaps[0].path: expected a path of its own, found /tmp"],
    [{ scratch: [{ path: "/tmp", size: "2Gi" }] }, "web: args.scratch[0].size: expected at most the container's ephemeralStorage of 1Gi, found 2Gi"],
    [{ scratch: [{ path: "/tmp", size: "256Mi", inMemory: true }] }, "web: args.scratch[0].size: expected at most the container's memory of 128Mi, found 256Mi"],
    [{ livenessProbe: {} }, "web: args.livenessProbe: expected a path, a port or a command, found none"],
    [{ livenessProbe: { path: "/" } }, "web: args.livenessProbe.port: expected a port, as the container declares none, found nothing"],
    [{ livenessProbe: { command: ["/live"], port: 80 } }, "web: args.livenessProbe.port: expected nothing beside a command"],
    [{ livenessProbe: { path: "/", port: 80, periodSeconds: 5 }, readinessProbe: { path: "/", port: 80 } }, "web: args.livenessProbe: expected another question than the readiness probe's"],
    [{ initContainers: [{ name: "web", ...least }] }, "web: args.initContainers[0].name: expected a container's name of its own, found web"],
    [{ sidecars: [{ name: "log", ...least, capabilities: { add: ["CHOWN"], reason } }] }, "web: args.sidecars[0].capabilities: expected one of"],
    [{ capabilities: { add: ["CHOWN"] } }, "web: args.capabilities.reason: expected some text, found nothing"],
    [{ capabilities: { add: [], reason } }, "web: args.capabilities.add: expected at least one, found an empty list"],
    [{ capabilities: { add: ["NET_BIND"], reason } }, "web: args.capabilities.add[0]: expected a capability of Linux"],
    [{ capabilities: { add: ["SYS_ADMIN"], reason } }, "web: args.capabilities.add[0]: expected a capability that leaves the container isolated from the host"],
    [{ writableRootFilesystem: true }, "web: args.writableRootFilesystem: expected an object, found true"],
    [{ runAsRoot: { reason }, user: 1000 }, "web: args.user: expected no user beside runAsRoot"],
    [{ hostPort: { port: 443, reason, from: [] } }, "web: args.hostPort.from: expected at least one, found an empty list"],
    [{ hostPort: { port: 443, reason, from: ["10.0.0.1/8"] } }, 'web: args.hostPort.from[0]: expected a block whose address has no bits beyond its length, found "10.0.0.1/8"'],
    [{ hostPort: { port: 443, reason, from: ["::ffff:10.0.0.0/104"] } }, 'web: args.hostPort.from[0]: expected a block of addresses such as 203.0.113.0/24, found "::ffff:10.0.0.0/104"'],
    [{ hostPort: { port: 443, reason }, ports: [{ port: 8443 }] }, "web: args.hostPort.port: expected one of the ports 8443, found 443"],
    [{ apiToken: { reason }, serviceAccount: "default" }, "web: args.serviceAccount: expected an account of its own beside apiToken"],
    [{ labels: { "app.kubernetes.io/name": "other" } }, "web: args.labels.app.kubernetes.io/name: expected another key"],
    [{ podAnnotations: { "container.apparmor.security.beta.kubernetes.io/web": "unconfined" } }, "web: args.podAnnotations.container.apparmor.security.beta.kubernetes.io/web: expected an annotation that leaves the posture as it is"],
    [{ annotations: { "exempt.bulkhead.dev/no-privileged": "owner=a" } }, "web: args.annotations.exempt.bulkhead.dev/no-privileged: expected an annotation that leaves the posture as it is"],
    ...["io.kubernetes.cri-o.userns-mode", "io.kubernetes.cri-o.Devices", "seccomp-profile.kubernetes.cri-o.io", "seccomp-profile.kubernetes.cri-o.io/web", "seccomp-profile.crio.io/POD", "userns-mode.crio.io", "run.oci.seccomp.receiver"].map((key): readonly [object, string] => [{ podAnnotations: { [key]: "x" } }, `web: args.podAnnotations.${key}: expected an annotation that leaves the posture as it is`]),
    [{ scratch: [{ path: "/tmp" }, { path: "/tmp/" }] }, "web: args.scratch[1].path: expected a path of its own, found /tmp, which scratch[0].path has"],
    [{ scratch: [{ path: "/a", name: "shared", size: "1Mi" }], sidecars: [{ name: "log", ...least, scratch: [{ path: "/a", name: "shared", size: "2Mi" }] }] }, "web: args.sidecars[0].scratch[0]: expected the same as scratch[0], as both are the volume shared, found another"],
    [{ scratch: [{ path: "/a", name: "web-secret-b" }], secrets: [{ path: "/b", secret: "b" }] }, "web: args.secrets[0]: expected the same as scratch[0], as both are the volume web-secret-b, found another"],
    [{ tolerations: [{ operator: "Any" }] }, 'web: args.tolerations[0].operator: expected one of Exists, Equal, found "Any"'],
    [{ nodeRequirements: [{ key: "a", operator: "In" }] }, "web: args.nodeRequirements[0].values: expected values for In, found 0"],
    [{ allowTo: [{ name: "db", podLabels: {}, port: 5432 }] }, "web: args.allowTo[0].podLabels: expected at least one"],
    [{ allowToInternet: [{ cidrs: ["169.254.169.254/32"], ports: [80], reason }] }, "web: args.allowToInternet[0].cidrs[0]: expected a block outside of the cloud's instance metadata"],
    [{ allowToInternet: [{ cidrs: ["10.0.0.1/8"], ports: [80], reason }] }, "web: args.allowToInternet[0].cidrs[0]: expected a block whose address has no bits beyond its length"],
    [{ allowToInternet: [{ cidrs: ["0.0.0.0/0"], ports: [], reason }] }, "web: args.allowToInternet[0].ports: expected at least one"],
    [{ allowToInternet: [{ cidrs: ["0.0.0.0/0"], ports: [443] }] }, "web: args.allowToInternet[0].reason: expected some text"],
  ])("%j", async (args, message) => {
    expect(await refused(deployment(args))).toContain(message);
  });

  test.each(["privileged", "hostNetwork", "hostPID", "hostIPC", "hostPath", "securityContext", "shareProcessNamespace", "automountServiceAccountToken", "spec", "hostAliases", "nodeName", "procMount"])("there is no %s, also for plain JavaScript", async (argument) => {
    expect(await refused(deployment({ [argument]: true }))).toContain(`web: args.${argument}: expected one of image, memory`);
    expect(await refused(deployment({ sidecars: [{ name: "log", ...least, [argument]: true }] }))).toContain(`web: args.sidecars[0].${argument}: expected one of`);
  });

  test("of the other components", async () => {
    expect(await refused(() => void new HardenedDeployment("Web", least))).toContain("HardenedDeployment: name: expected a name of at most 52");
    expect(await refused(() => void new HardenedCronJob("a", { ...least, schedule: "daily" }))).toContain("a: args.schedule: expected a schedule in five fields");
    expect(await refused(() => void new HardenedCronJob("a", { ...least, schedule: "@daily", concurrency: "Allow" }))).toContain("a: args.concurrency: expected one of Forbid, Replace");
    expect(await refused(() => void new HardenedJob("a", { ...least, retries: 7 }))).toContain("a: args.retries: expected a whole number from 0 to 6, found 7");
    expect(await refused(() => void new HardenedStatefulSet("a", { ...least, storage: [{ path: "/data", size: "10" }] }))).toContain("a: args.storage[0].size: expected an amount with its unit");
    expect(await refused(() => void new HardenedStatefulSet("a", { ...least, storage: [{ path: "/tmp", size: "1Gi" }], scratch: [{ path: "/tmp" }] }))).toContain("a: args.storage[0].path: expected a path of its own");
    expect(await refused(() => void new HardenedStatefulSet("a", { ...least, storage: [{ path: "/data", size: "1Gi" }], scratch: [{ path: "/tmp", name: "storage-data" }] }))).toContain("a: args.scratch[0]: expected a volume with a name of its own, found storage-data, which storage has");
    expect(await refused(() => void new IsolatedNamespace("a", { podSecurityVersion: "latest" }))).toContain("a: args.podSecurityVersion: expected a version");
    expect(await refused(() => void new IsolatedNamespace("a", { labels: { "pod-security.kubernetes.io/enforce": "privileged" } }))).toContain("expected a label that leaves Pod Security as it is");
    expect(await refused(() => void new IsolatedNamespace("a", { limits: { cpu: "8" } }))).toContain("a: args.limits.cpu: expected at most the maximum of 4, found 8");
  });
});

describe("a link that cannot be", () => {
  const pair = (link: (web: HardenedDeployment, db: HardenedStatefulSet) => void) => async (): Promise<string> => {
    let message = "accepted";
    await registered(() => {
      const web = new HardenedDeployment("web", least);
      const db = new HardenedStatefulSet("db", { ...least, ports: [{ port: 5432 }] });
      try {
        link(web, db);
      } catch (error) {
        message = (error as Error).message;
      }
    });
    return message;
  };

  test("is refused", async () => {
    expect(await pair((web, db) => web.allowTo(db, { port: 5433 }))()).toBe("web: allowTo.args.port: expected a port of db (5432/TCP), found 5433/TCP");
    expect(await pair((web, db) => web.allowTo(db, { port: 5432, protocol: "UDP" }))()).toBe("web: allowTo.args.port: expected a port of db (5432/TCP), found 5432/UDP");
    expect(await pair((web) => web.allowTo(web, { port: 80 }))()).toBe("web: allowTo: expected another workload, found the same one");
    expect(await pair((web) => web.allowTo({} as never, { port: 80 }))()).toBe("allowTo: expected a hardened workload, such as a HardenedDeployment, found an object");
    expect(await pair((web) => web.allowToInternet({ cidrs: ["fe80::/64"], ports: [443], reason }))()).toContain("web: allowToInternet.args.cidrs[0]: expected a block outside of the cloud's instance metadata");
    expect(await pair((web) => {
      web.allowToInternet({ cidrs: ["203.0.113.0/24"], ports: [443], reason });
      web.allowToInternet({ cidrs: ["198.51.100.0/24"], ports: [443], reason });
    })()).toBe("web: allowToInternet.args: expected a link with a name of its own, found web-to-internet");
    expect(await pair((web, db) => db.allowFrom(web, { port: 5432 }))()).toBe("accepted");
  });
});

test("a secret does not end as plain text in a pod's spec, and is not shown", async () => {
  const { inputs } = buildContainer("web", { ...least, environment: { TOKEN: pulumi.secret("hunter2"), LEVEL: pulumi.output("info") } }, "web: args", []);
  const [token, level] = (inputs["env"] as readonly { readonly value: Later }[]).map(({ value }) => value);
  for (const promise of [token?.isKnown, token?.isSecret, token?.allResources?.()]) promise?.catch(() => undefined);
  await expect(token?.promise()).rejects.toThrow(/^web: args\.environment\.TOKEN: expected a value that is no secret; give the name of a Secret in secretEnvironment, found a secret$/);
  await expect(level?.promise()).resolves.toBe("info");
});

/** An output's own promises, each of which is rejected with it. */
interface Later {
  readonly promise: () => Promise<string>;
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  readonly allResources?: () => Promise<unknown>;
}

describe("policies of two workloads that would be called alike", () => {
  const peer = (name: string) => ({ name, podLabels: { app: name }, port: 80, bothEnds: false });
  const outcome = async (...programs: readonly (() => void)[]): Promise<string> => {
    let message = "accepted";
    await registered(() => {
      try {
        for (const program of programs) program();
      } catch (error) {
        message = (error as Error).message;
      }
    });
    return message;
  };
  const first = (namespace = "shop") => (): void => void new HardenedDeployment("a", { ...least, namespace, allowTo: [peer("b-to-c")] });

  test.each<readonly [string, () => void, string, string]>([
    ["two links", () => new HardenedDeployment("a-to-b", { ...least, namespace: "shop", allowTo: [peer("c")] }), "a-to-b: args.allowTo", "a-to-b-to-c-80"],
    ["two kinds in one namespace", () => new HardenedCronJob("a-to-b", { ...least, namespace: "shop", schedule: "@daily", allowTo: [peer("c")] }), "a-to-b: args.allowTo", "a-to-b-to-c-80"],
    ["one kind in two namespaces", () => new HardenedDeployment("a-to-b", { ...least, namespace: "other", allowTo: [peer("c")] }), "a-to-b: args.allowTo", "a-to-b-to-c-80"],
  ])("%s: an error that says which", async (_, second, path, policy) => {
    expect(await outcome(first(), second)).toBe(`${path}: expected a name of its own for its NetworkPolicy: rename a-to-b or a, found ${policy}, as one of a is called already`);
  });

  test("a link and an isolation", async () => {
    const internet = { name: "b-isolation", cidrs: ["203.0.113.0/24"], ports: [443], reason };
    expect(await outcome(() => void new HardenedDeployment("a", { ...least, allowToInternet: [internet] }), () => void new HardenedJob("a-to-b", least))).toBe("a-to-b: name: expected a name of its own for its NetworkPolicy: rename a-to-b or a, found a-to-b-isolation, as one of a is called already");
  });

  test("of two kinds in two namespaces, of one name, or in another run of the program, they may", async () => {
    expect(await outcome(first(), () => void new HardenedJob("a-to-b", { ...least, namespace: "other", allowTo: [peer("c")] }))).toBe("accepted");
    expect(await outcome(first(), first("other"))).toBe("accepted");
    expect(await outcome(() => void new HardenedDeployment("a-to-b", { ...least, namespace: "shop", allowTo: [peer("c")] }))).toBe("accepted");
  });
});

describe("blocks of addresses", () => {
  test.each<readonly [string, readonly string[]]>([
    ["203.0.113.0/24", []],
    ["0.0.0.0/0", ["169.254.0.0/16", "168.63.129.16/32", "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"]],
    ["::/0", ["fe80::/10", "fc00::/7", "64:ff9b::/96"]],
    ["64:ff9b::/32", ["64:ff9b::/96"]],
    ["2001:db8::/32", []],
    ["100.64.0.0/10", ["100.100.100.200/32"]],
    ["fd00::/8", ["fd00:ec2::/32", "fd00:c1::/32", "fd20:ce::254/128"]],
    ["168.0.0.0/7", ["169.254.0.0/16", "168.63.129.16/32"]],
    ["10.0.0.0/8", []],
  ])("%s leaves out %j", (cidr, except) => {
    expect(openedBlock(cidr)).toEqual({ cidr, except });
  });

  test.each(["169.254.169.254/32", "169.254.0.0/16", "169.254.169.0/24", "fd00:ec2::254/128", "fe80::/10", "100.100.100.200/32", "fd00:c1::a9fe:a9fe/128", "::ffff:a9fe:a9fe/128", "::ffff:0:0/96", "::ffff:cb00:7100/120", "64:ff9b::a9fe:a9fe/128", "64:ff9b::/96"])("%s is refused", (cidr) => {
    expect(openedBlock(cidr)).toHaveProperty("refused");
  });

  test.each(["203.0.113.0", "203.0.113.0/33", "203.0.113.256/32", "2001:db8::/129", "::1::/64", "203.0.113.1/24", "a/8", "010.0.0.0/8"])("%s is none", (cidr) => {
    expect(openedBlock(cidr)).toHaveProperty("refused");
  });
});
