import { describe, expect, test } from "vitest";
import { formatPath, UNKNOWN } from "../field";
import type { Container, Image, Model, Pod } from "../model/subject";
import { parseQuantity } from "./quantity";
import { isReadType, readDocument } from "./read";

const pod = (spec: object, more: object = {}): Model => only(readDocument({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, ...more, spec }));

function only<T>(list: readonly T[]): T {
  if (list.length !== 1) throw new Error(`expected one, found ${list.length}`);
  return list[0] as T;
}

const containers = (model: Model): readonly Container[] => model.subjects.filter((subject) => subject.about === "container");
const images = (model: Model): readonly Image[] => model.subjects.filter((subject) => subject.about === "image");
const podOf = (model: Model): Pod => only(model.subjects.filter((subject) => subject.about === "pod"));

describe("containers", () => {
  test("of every role, each with its label", () => {
    const model = pod({ containers: [{ name: "m" }], initContainers: [{ name: "i" }, { name: "s", restartPolicy: "Always" }], ephemeralContainers: [{ name: "e" }] });
    expect(containers(model).map(({ role, label }) => [role, label])).toEqual([
      ["init", 'init container "i" of Pod "a"'], ["sidecar", 'sidecar container "s" of Pod "a"'], ["main", 'container "m" of Pod "a"'], ["ephemeral", 'ephemeral container "e" of Pod "a"'],
    ]);
  });

  test("inherit what the pod says, and their own wins; it is written at the container", () => {
    const model = pod({ securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }, containers: [{ name: "a" }, { name: "b", securityContext: { runAsNonRoot: false } }] });
    const [a, b] = containers(model);
    expect(a?.nonRoot).toMatchObject({ state: "value", value: true });
    expect(formatPath(a?.nonRoot.path ?? [])).toBe("spec.securityContext.runAsNonRoot");
    expect(a?.nonRoot.to(false)).toEqual([{ op: "set", path: ["spec", "containers", 0, "securityContext", "runAsNonRoot"], value: false }]);
    expect(b?.nonRoot).toMatchObject({ state: "value", value: false });
    expect(a?.seccompProfile).toMatchObject({ state: "value", value: "RuntimeDefault" });
  });

  test("an unknown setting of the pod is unknown for those that inherit it", () => {
    const [a, b] = containers(pod({ securityContext: UNKNOWN, containers: [{ name: "a" }, { name: "b", securityContext: { runAsNonRoot: true } }] }));
    expect(a?.nonRoot.state).toBe("unknown");
    expect(b?.nonRoot).toMatchObject({ state: "value", value: true });
  });

  test("resources of the whole pod are a limit too", () => {
    const [a] = containers(pod({ resources: { limits: { memory: "1Gi" } }, containers: [{ name: "a" }] }));
    expect(a?.memoryLimit).toMatchObject({ state: "value", value: 2 ** 30 });
  });

  test("a limit of processes is read where there is one, and otherwise said to be the kubelet's", () => {
    const [a, b] = containers(pod({ containers: [{ name: "a", resources: { limits: { pids: 100 } } }, { name: "b" }] }));
    expect(a?.pidsLimit).toMatchObject({ state: "value", value: 100 });
    const [c] = containers(pod({ containers: [{ name: "c", resources: { limits: { pid: "50" } } }] }));
    expect(c?.pidsLimit).toMatchObject({ state: "value", value: 50, path: expect.arrayContaining(["pid"]) });
    expect(b?.pidsLimit).toMatchObject({ state: "unsupported", reason: expect.stringContaining("podPidsLimit") });
  });

  test("text that some reader took for a boolean counts as one, and other types are undecided", () => {
    const [a, b, c] = containers(pod({ containers: [{ name: "a", securityContext: { privileged: "yes" } }, { name: "b", securityContext: { privileged: 1 } }, { name: "c", securityContext: { privileged: null } }] }));
    expect(a?.privileged).toMatchObject({ state: "value", value: true });
    expect(b?.privileged).toMatchObject({ state: "unknown", reason: "is not a boolean" });
    expect(c?.privileged.state).toBe("unset");
  });

  test("a pod says whether it runs on Windows, and a profile without its type is of no type", () => {
    const model = pod({ os: { name: "windows" }, containers: [{ name: "a", securityContext: { seccompProfile: {} } }] });
    expect(podOf(model).windows).toBe(true);
    expect(containers(model)[0]).toMatchObject({ windows: true, seccompProfile: { state: "value", value: "" }, appArmorProfile: { state: "unset" } });
    expect(podOf(pod({ containers: [] })).windows).toBe(false);
  });

  test("the command line stays out of the model", () => {
    const model = pod({ containers: [{ name: "a", command: ["/usr/sbin/sshd"], args: ["hunter2"], env: [{ name: "X", value: "hunter2" }] }] });
    expect(containers(model)[0]?.startsSshServer).toMatchObject({ state: "value", value: true });
    expect(JSON.stringify(model)).not.toContain("hunter2");
  });

  test.each([["sshd -D"], ["exec /usr/sbin/sshd"], ["service ssh start"], ["dropbear -F"], ["systemctl start ssh.service"]])("%s is an SSH server", (line) => {
    expect(containers(pod({ containers: [{ name: "a", command: ["sh", "-c", line] }] }))[0]?.startsSshServer).toMatchObject({ value: true });
  });

  test.each([["sshd_exporter"], ["ssh user@host"], ["mysshd"], ["cat /etc/ssh/sshd_config"]])("%s is none", (line) => {
    expect(containers(pod({ containers: [{ name: "a", command: ["sh", "-c", line] }] }))[0]?.startsSshServer).toMatchObject({ value: false });
  });
});

describe("lists that are not known", () => {
  test("containers, one container, volumes: a hole each, never no members", () => {
    expect(pod({ containers: UNKNOWN }).holes.map((hole) => [hole.about, formatPath(hole.path)])).toEqual([[["container", "image"], "spec.containers"]]);
    expect(pod({ containers: [{ name: "a" }, UNKNOWN] }).holes.map((hole) => formatPath(hole.path))).toEqual(["spec.containers[1]"]);
    expect(pod({ containers: [], volumes: UNKNOWN }).holes.map((hole) => hole.about)).toEqual([["volume", "image"]]);
  });

  test("a whole pod spec, or a template above it", () => {
    const holes = (document: object): readonly unknown[] => only(readDocument(document)).holes.map((hole) => hole.about);
    expect(holes({ apiVersion: "v1", kind: "Pod", spec: UNKNOWN })).toEqual([["pod", "container", "image", "volume"]]);
    expect(holes({ apiVersion: "apps/v1", kind: "Deployment", spec: { template: UNKNOWN } })).toEqual([["pod", "container", "image", "volume", "exemption"]]);
  });

  test("a list with an unknown member keeps the known ones", () => {
    const [a] = containers(pod({ containers: [{ name: "a", securityContext: { capabilities: { add: ["SYS_ADMIN", UNKNOWN] } } }] }));
    expect(a?.addedCapabilities).toMatchObject({ state: "value", value: ["SYS_ADMIN"], partial: true });
  });
});

describe("kinds", () => {
  test("a Patch that leaves something out does not say that it is unset", () => {
    const model = only(readDocument({ apiVersion: "apps/v1", kind: "Deployment", spec: { template: { spec: { containers: [{ name: "a", securityContext: { privileged: true } }] } } } }, { type: "kubernetes:apps/v1:DeploymentPatch" }));
    const [a] = containers(model);
    expect(a?.privileged).toMatchObject({ state: "value", value: true });
    expect(a?.nonRoot).toMatchObject({ state: "unsupported", reason: expect.stringContaining("Patch") });
    expect(only(readDocument({ metadata: { name: "a" } }, { type: "kubernetes:apps/v1:DeploymentPatch" })).notExamined).toHaveLength(1);
  });

  test("lists give their members, with their own kinds or the list's", () => {
    const item = { metadata: { name: "x" }, spec: { template: { spec: { containers: [{ name: "a" }] } } } };
    expect(readDocument({ apiVersion: "apps/v1", kind: "DaemonSetList", items: [item, item] }).map((model) => [model.resource.kind, containers(model).length])).toEqual([["DaemonSet", 1], ["DaemonSet", 1]]);
    expect(readDocument({ apiVersion: "v1", kind: "List", items: [{ ...item, apiVersion: "apps/v1", kind: "StatefulSet" }] }).map((model) => model.resource.kind)).toEqual(["StatefulSet"]);
    expect(only(readDocument({ apiVersion: "v1", kind: "List", items: UNKNOWN })).holes).toHaveLength(1);
  });

  test("a list in a list, and a kind that is misspelt or new, are looked into as well", () => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { containers: [{ name: "a", image: "x" }] } };
    expect(readDocument({ apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind: "List", items: [pod, pod] }, pod] }).map((model) => containers(model).length)).toEqual([1, 1, 1]);
    expect(containers(only(readDocument({ apiVersion: "apps/v1", kind: "deployment", spec: { template: { spec: pod.spec } } })))).toHaveLength(1);
    expect(only(readDocument({ apiVersion: "apps/v1", kind: "ControllerRevision", data: { spec: { template: { spec: pod.spec } } } })).subjects).toEqual([]);
  });

  test.each([
    ["argoproj.io/v1alpha1", "Rollout", { template: { spec: { containers: [{ name: "a", image: "x" }] } } }],
    ["serving.knative.dev/v1", "Service", { template: { spec: { containers: [{ image: "x" }] } } }],
    ["keda.sh/v1alpha1", "ScaledJob", { jobTargetRef: { template: { spec: { containers: [{ name: "a", image: "x" }] } } } }],
    ["apps.kruise.io/v1beta1", "CloneSet", { template: { spec: { containers: [{ name: "a", image: UNKNOWN }] } } }],
    ["tekton.dev/v1", "Task", { podTemplates: [{ spec: { initContainers: [{ name: "a", command: ["x"] }], containers: [] } }] }],
  ])("a pod template in %s %s", (apiVersion, kind, spec) => {
    expect(containers(only(readDocument({ apiVersion, kind, metadata: { name: "x" }, spec })))).toHaveLength(1);
  });

  test("what quotes a pod spec without running it is left alone", () => {
    const quoted = { spec: { containers: [{ name: "a", image: "x", securityContext: { privileged: true } }] } };
    for (const apiVersion of ["apiextensions.k8s.io/v1", "kyverno.io/v1", "constraints.gatekeeper.sh/v1beta1"]) {
      expect(only(readDocument({ apiVersion, kind: "X", metadata: { name: "x" }, spec: quoted })).subjects).toEqual([]);
    }
  });

  test("an unknown kind without a pod template is not examined, a known one without containers is", () => {
    expect(only(readDocument({ apiVersion: "example.com/v1", kind: "Widget", spec: { size: 1 } })).notExamined).toHaveLength(1);
    expect(only(readDocument({ apiVersion: "v1", kind: "Endpoints", subsets: [] }))).toMatchObject({ subjects: [], notExamined: [], holdsContainers: false });
    expect(only(readDocument({ chart: "x" }, { type: "kubernetes:helm.sh/v3:Release", name: "r" })).notExamined[0]?.reason).toContain("helm template");
    expect(only(readDocument({}, { type: "kubernetes:yaml:ConfigGroup", name: "r" })).notExamined).toEqual([]);
  });

  test.each([
    ["kubernetes:apps/v1:Deployment", true], ["kubernetes:apps/v1:DeploymentPatch", true], ["kubernetes:core/v1:Namespace", true], ["kubernetes:batch/v1:CronJobList", true], ["kubernetes:helm.sh/v3:Release", true], ["kubernetes:argoproj.io/v1alpha1:Rollout", true],
    ["kubernetes:core/v1:ConfigMap", true], ["kubernetes:core/v1:Endpoints", false], ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", false], ["kubernetes:yaml:ConfigFile", false], ["docker:index/container:Container", true], ["docker:index:Container", true], ["gcp:container/nodePool:NodePool", true], ["aws:ecs/taskDefinition:TaskDefinition", true], ["aws:s3/bucket:Bucket", false], ["pulumi:pulumi:Stack", false],
  ])("%s is worth decoding: %s", (type, expected) => {
    expect(isReadType(type)).toBe(expected);
  });

  test.each([
    ["kubernetes:core/v1:Service", "service"], ["kubernetes:networking.k8s.io/v1:Ingress", "ingress"], ["kubernetes:extensions/v1beta1:Ingress", "ingress"], ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "networkPolicy"], ["kubernetes:core/v1:Namespace", "namespace"],
  ])("%s is a %s", (type, about) => {
    expect(only(readDocument({ metadata: { name: "x" }, spec: {} }, { type })).subjects.map((subject) => subject.about)).toEqual([about]);
  });

  test.each<readonly [unknown, unknown]>([
    [[{}], true], [[{ from: [] }], true], [[{ from: [{ podSelector: {} }] }], false], [[{ from: [{ namespaceSelector: {} }] }], true], [[{ from: [{ namespaceSelector: {}, podSelector: {} }] }], true], [[{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "web" } } }] }], false],
    [[], false], [undefined, false], [UNKNOWN, "unknown"], [[UNKNOWN], "unknown"], [[UNKNOWN, {}], true], [[{ from: UNKNOWN }], "unknown"], [[{ from: [{ ipBlock: { cidr: UNKNOWN } }] }], "unknown"], [[{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }], false],
  ])("a NetworkPolicy with ingress %j is open: %s", (ingress, expected) => {
    const [policy] = only(readDocument({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "x" }, spec: { ingress } })).subjects;
    if (policy?.about !== "networkPolicy") throw new Error("no policy");
    expect(policy.openIngress.state === "value" ? policy.openIngress.value : policy.openIngress.state).toBe(expected);
  });

  test("of Secrets only their type, and whether they hold anything, is read", () => {
    expect(JSON.stringify(readDocument({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { password: "hunter2" } }))).not.toContain("hunter2");
  });

  test("an unknown name gives way to the resource's", () => {
    expect(only(readDocument({ apiVersion: "v1", kind: "Pod", metadata: { name: UNKNOWN, namespace: "n" }, spec: {} }, { name: "logical" })).resource).toMatchObject({ name: "logical", namespace: "n" });
  });

  test("a node pool and a kubelet configuration say how many processes a pod may have", () => {
    const limits = (document: object, type?: string): readonly unknown[] => readDocument(document, type === undefined ? {} : { type }).flatMap((model) => model.subjects.map((subject) => (subject.about === "node" && subject.pidsLimit.state === "value" ? subject.pidsLimit.value : subject.about)));
    expect(limits({ apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", podPidsLimit: 10 })).toEqual([10]);
    expect(limits({ nodeConfig: { kubeletConfig: { podPidsLimit: 1024 } } }, "gcp:container/nodePool:NodePool")).toEqual([1024]);
    expect(limits({ agentPoolProfiles: [{ kubeletConfig: { podMaxPids: 5 } }, {}] }, "azure-native:containerservice/v20240101:ManagedCluster")).toEqual([5, "node", "cluster"]);
  });
});

describe("images and volumes", () => {
  test("image volumes are images, and an empty source is no host path", () => {
    const model = pod({ containers: [], volumes: [{ name: "i", image: { reference: "ghcr.io/acme/data:1" } }, { name: "e" }, { name: "h", hostPath: {} }] });
    expect(images(model).map(({ use, registry }) => [use, registry.state === "value" ? registry.value.domain : ""])).toEqual([["volume", "ghcr.io"]]);
    expect(model.subjects.filter((subject) => subject.about === "volume").map((volume) => volume.hostPath.state)).toEqual(["unset", "unset", "value"]);
  });

  test("an image id names no registry, and counts as a digest", () => {
    const [image] = images(pod({ containers: [{ name: "a", image: "a".repeat(64) }] }));
    expect(image?.registry).toMatchObject({ state: "unknown", reason: expect.stringContaining("image id") });
    expect(image?.version).toMatchObject({ state: "value", value: { digest: `sha256:${"a".repeat(64)}` } });
  });

  test("a reference that is none is undecided, not a pass", () => {
    const [image] = images(pod({ containers: [{ name: "a", image: "Not An Image" }] }));
    expect(image?.version).toMatchObject({ state: "unknown", reason: expect.stringContaining("not a valid image reference") });
  });

  test("the pod's own settings", () => {
    expect(podOf(pod({ hostPID: true, containers: [] })).hostPid).toMatchObject({ value: true });
  });
});

test.each<readonly [unknown, number | undefined]>([
  ["128Mi", 128 * 2 ** 20], ["1G", 1e9], ["1.5", 1.5], ["100m", 0.1], ["1e3", 1000], ["12E", 12e18], [64, 64], ["0", 0], ["", undefined], ["1 Mi", undefined], ["Mi", undefined], [true, undefined], ["1KiB", undefined],
])("quantity %j", (text, value) => {
  const parsed = parseQuantity(text);
  if (value === undefined) expect(parsed).toBeUndefined();
  else expect(parsed).toBeCloseTo(value);
});

describe("a list or a single value where an object belongs", () => {
  const container = (more: object): Container => readDocument({ apiVersion: "v1", kind: "Pod", spec: { containers: [{ name: "a", ...more }] } })[0]?.subjects.find((subject) => subject.about === "container") as Container;

  test.each([[], [{ privileged: true }], "privileged", 7, true])("%j is not known, as a setting of the wrong type is not", (securityContext) => {
    const { privileged, addedCapabilities, nonRoot } = container({ securityContext });
    expect([privileged.state, addedCapabilities.state, nonRoot.state]).toEqual(["unknown", "unknown", "unknown"]);
    expect(privileged).toMatchObject({ path: ["spec", "containers", 0, "securityContext", "privileged"], reason: "stands in what is not an object" });
  });

  test("null is nothing", () => {
    expect(container({ securityContext: null }).privileged.state).toBe("unset");
  });

  test("in a list of objects too", () => {
    expect(readDocument({ apiVersion: "v1", kind: "List", items: [7] })[0]?.holes).toHaveLength(1);
  });
});
