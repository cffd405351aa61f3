import { describe, expect, test } from "vitest";
import { formatPath, UNKNOWN } from "../field";
import type { Container, Model, Pod, Subject } from "../model/subject";
import { readDocument } from "./read";

function read(apiVersion: string, kind: string, spec: unknown): Model {
  const [model] = readDocument({ apiVersion, kind, metadata: { name: "a", namespace: "shop" }, spec });
  if (model === undefined) throw new Error("no model");
  return model;
}
const all = <A extends Subject["about"]>(model: Model, about: A): readonly Extract<Subject, { about: A }>[] => model.subjects.filter((subject): subject is Extract<Subject, { about: A }> => subject.about === about);
const containers = (model: Model): readonly Container[] => all(model, "container");
const pods = (model: Model): readonly Pod[] => all(model, "pod");
const images = (model: Model): readonly string[] => all(model, "image").map((image) => (image.registry.state === "value" ? image.registry.value.path : image.registry.state));
const where = (model: Model): readonly string[] => containers(model).map(({ role, path }) => `${role} ${formatPath(path)}`);
const image = "r.io/x";
const bad = { name: "c", image, securityContext: { privileged: true } };

describe("custom resources with a pod template", () => {
  const template = { template: { spec: { containers: [bad] } } };

  test.each<readonly [string, string, object]>([
    ["argoproj.io/v1alpha1", "Rollout", template], ["serving.knative.dev/v1", "Service", template], ["serving.knative.dev/v1", "Configuration", template],
    ["keda.sh/v1alpha1", "ScaledJob", { jobTargetRef: template }], ["apps.kruise.io/v1alpha1", "CloneSet", template], ["apps.kruise.io/v1alpha1", "AdvancedCronJob", { template: { jobTemplate: { spec: template } } }],
    ["apps.kruise.io/v1alpha1", "SidecarSet", { containers: [bad] }], ["kubeflow.org/v1", "PyTorchJob", { pytorchReplicaSpecs: { Master: template } }], ["ray.io/v1", "RayCluster", { workerGroupSpecs: [template] }],
    ["elasticsearch.k8s.elastic.co/v1", "Elasticsearch", { nodeSets: [{ podTemplate: { spec: { containers: [bad] } } }] }], ["batch.volcano.sh/v1alpha1", "Job", { tasks: [template] }], ["argoproj.io/v1alpha1", "Workflow", { templates: [{ name: "t", container: bad }] }],
    ["argoproj.io/v1alpha1", "WorkflowTemplate", { templates: [{ name: "t", script: bad }] }], ["argoproj.io/v1alpha1", "CronWorkflow", { workflowSpec: { templates: [{ name: "t", containerSet: { containers: [bad] } }] } }], ["argoproj.io/v1alpha1", "ClusterWorkflowTemplate", { templates: [{ container: { image }, sidecars: [bad] }] }],
    ["argoproj.io/v1alpha1", "Sensor", { template: { container: bad } }], ["tekton.dev/v1", "Task", { steps: [bad] }], ["tekton.dev/v1", "Task", { steps: [{ image }], sidecars: [bad] }], ["tekton.dev/v1", "TaskRun", { taskSpec: { steps: [bad] } }],
    ["tekton.dev/v1", "Pipeline", { tasks: [{ taskSpec: { steps: [bad] } }] }], ["tekton.dev/v1", "PipelineRun", { pipelineSpec: { finally: [{ taskSpec: { steps: [bad] } }] } }], ["tekton.dev/v1beta1", "StepAction", bad],
    ["kafka.strimzi.io/v1beta2", "Kafka", { kafka: { template: { kafkaContainer: { securityContext: { privileged: true } } } } }], ["sparkoperator.k8s.io/v1beta2", "SparkApplication", { image, driver: { securityContext: { privileged: true } } }],
    ["monitoring.coreos.com/v1", "Prometheus", { containers: [{ name: "prometheus", securityContext: { privileged: true } }] }],
  ])("%s %s: what is privileged is seen", (apiVersion, kind, spec) => {
    const model = read(apiVersion, kind, spec);
    expect(containers(model).some(({ privileged }) => privileged.state === "value" && privileged.value)).toBe(true);
    expect(model.holdsContainers).toBe(true);
  });

  test.each<readonly [string, string, object]>([
    ["argoproj.io/v1alpha1", "Workflow", { hostNetwork: true, templates: [{ container: { image } }] }], ["monitoring.coreos.com/v1", "Prometheus", { hostNetwork: true }], ["tekton.dev/v1", "TaskRun", { podTemplate: { hostNetwork: true } }], ["tekton.dev/v1", "PipelineRun", { taskRunTemplate: { podTemplate: { hostNetwork: true } } }],
  ])("%s %s: the host's network is seen", (apiVersion, kind, spec) => {
    expect(pods(read(apiVersion, kind, spec)).some(({ hostNetwork }) => hostNetwork.state === "value" && hostNetwork.value)).toBe(true);
  });
});

describe("Argo Workflows", () => {
  test("every container of a template, with the workflow's own settings where the template has none", () => {
    const model = read("argoproj.io/v1alpha1", "Workflow", {
      securityContext: { runAsNonRoot: true }, volumes: [{ name: "host", hostPath: { path: "/" } }], podSpecPatch: "hunter2: {}",
      templates: [{ name: "a", initContainers: [{ name: "i", image }], container: { image }, sidecars: [{ name: "s", image }] }, { name: "b", securityContext: { runAsNonRoot: false }, script: { image, source: "x" } }, { name: "steps", steps: [[{ name: "x", template: "a" }]] }, { name: "dag", dag: { tasks: [] } }],
    });
    expect(where(model)).toEqual(["init spec.templates[0].initContainers[0]", "main spec.templates[0].sidecars[0]", "main spec.templates[0].container", "main spec.templates[1].script"]);
    expect(containers(model).map(({ nonRoot }) => [nonRoot.state === "value" && nonRoot.value, formatPath(nonRoot.path)])).toEqual([
      [true, "spec.securityContext.runAsNonRoot"], [true, "spec.securityContext.runAsNonRoot"], [true, "spec.securityContext.runAsNonRoot"], [false, "spec.templates[1].securityContext.runAsNonRoot"],
    ]);
    expect(new Set(all(model, "volume").map(({ hostPath, path }) => [formatPath(path), hostPath.state === "value" && hostPath.value].join(" ")))).toEqual(new Set(["spec.volumes[0] /"]));
    expect(containers(model).map(({ name }) => name)).toEqual(["i", "s", "a", "b"]);
    expect(model.notExamined).toMatchObject([{ path: ["spec", "podSpecPatch"], reason: expect.stringContaining("podSpecPatch") }]);
    expect(JSON.stringify(model.notExamined)).not.toContain("hunter2");
  });

  test("a workflow's own settings are said once, also where no template has a container", () => {
    expect(pods(read("argoproj.io/v1alpha1", "Workflow", { hostPID: true, templates: [{ name: "a", container: { image } }] })).map(({ hostPid }) => formatPath(hostPid.path))).toEqual(["spec.hostPID"]);
    expect(pods(read("argoproj.io/v1alpha1", "WorkflowTemplate", { hostPID: true, templates: [{ name: "a", dag: {} }] })).map(({ hostPid }) => hostPid)).toMatchObject([{ value: true }]);
  });

  test("a manifest in a template is text that nobody reads", () => {
    expect(read("argoproj.io/v1alpha1", "Workflow", { templates: [{ name: "a", resource: { action: "create", manifest: "kind: Pod # hunter2" } }] }).notExamined.map(({ path }) => formatPath(path))).toContain("spec.templates[0].resource.manifest");
  });

  test("what is not known yet is a hole", () => {
    expect(read("argoproj.io/v1alpha1", "Workflow", { templates: [{ name: "a", container: UNKNOWN }] }).holes.map(({ path }) => formatPath(path))).toEqual(["spec.templates[0].container"]);
    expect(read("argoproj.io/v1alpha1", "Workflow", { templates: [{ name: "a", container: { image: UNKNOWN } }] }).subjects.length).toBeGreaterThan(0);
    expect(read("tekton.dev/v1", "Task", { steps: UNKNOWN }).holes.map(({ path }) => formatPath(path))).toEqual(["spec.steps"]);
  });
});

describe("Tekton", () => {
  test("steps have what the stepTemplate says where they say nothing, and the pod's settings come from the run", () => {
    const model = read("tekton.dev/v1", "Task", {
      stepTemplate: { image, securityContext: { privileged: true, allowPrivilegeEscalation: false } }, volumes: [{ name: "v", emptyDir: {} }],
      steps: [{ name: "a", script: "x" }, { name: "b", image: "r.io/y", securityContext: { privileged: false } }],
    });
    const [a, b] = containers(model);
    expect([a?.privileged, a?.noNewPrivileges, b?.privileged, b?.noNewPrivileges]).toMatchObject([{ value: true }, { value: true }, { value: false }, { value: true }]);
    expect(images(model)).toEqual(["x", "y"]);
    expect(a?.droppedCapabilities.state).toBe("unset");
    expect(a?.nonRoot).toMatchObject({ state: "unsupported", reason: expect.stringContaining("run") });
    expect(all(model, "volume")).toHaveLength(1);
  });

  test("a task by name holds no container, and says so", () => {
    expect(read("tekton.dev/v1", "TaskRun", { taskRef: { name: "build" } })).toMatchObject({ subjects: [], notExamined: [{ reason: expect.stringContaining("no pod template") }] });
  });
});

describe("what an operator completes", () => {
  test("a request that is left out stands elsewhere where the pod's settings do", () => {
    const [, proxy] = containers(read("monitoring.coreos.com/v1", "Prometheus", { containers: [{ name: "prometheus", args: ["x"] }, { name: "proxy", image }] }));
    expect(proxy).toMatchObject({ memoryLimit: { state: "unsupported" }, memoryRequest: { state: "unsupported" }, cpuRequest: { state: "unsupported" } });
  });

  test("an exemption on a pod's template is not one for the pods inside of it", () => {
    const annotations = { "exempt.bulkhead.dev/no-privileged": "x" };
    const inner = { metadata: { annotations }, spec: { containers: [bad] } };
    const model = read("example.com/v1", "Database", { template: { metadata: { annotations }, spec: { containers: [bad], backup: { template: inner } } } });
    expect(model.exemptions?.map(({ within = [], except = [] }) => [formatPath(within), except.map(formatPath)])).toEqual([["spec.template", ["spec.template.spec.backup.template"]], ["spec.template.spec.backup.template", []]]);
  });

  test("what is left out is not examined, and what is there counts", () => {
    const model = read("monitoring.coreos.com/v1", "Prometheus", { securityContext: { runAsNonRoot: true, runAsUser: 0 }, containers: [{ name: "prometheus", args: ["x"] }, { name: "proxy", image }] });
    const [patched, proxy] = containers(model);
    expect(patched).toMatchObject({ readOnlyRootFilesystem: { state: "unsupported" }, nonRoot: { value: true } });
    expect(proxy).toMatchObject({ readOnlyRootFilesystem: { state: "unset" }, nonRoot: { value: true }, seccompProfile: { state: "unsupported" } });
    expect(pods(model)[0]).toMatchObject({ user: { value: "0" }, hostNetwork: { state: "unsupported" } });
  });

  test("settings apart from any container", () => {
    const model = read("kafka.strimzi.io/v1beta2", "Kafka", { kafka: { template: { pod: { securityContext: { runAsUser: 0 }, volumes: [{ name: "v", hostPath: { path: "/etc" } }] }, kafkaContainer: { securityContext: { privileged: false, capabilities: { add: ["SYS_ADMIN"] } } } } } });
    expect(containers(model).map(({ name, addedCapabilities, droppedCapabilities }) => [name, addedCapabilities.state === "value" && addedCapabilities.value, droppedCapabilities.state])).toEqual([["kafkaContainer", ["SYS_ADMIN"], "unsupported"]]);
    expect(pods(model)[0]?.user).toMatchObject({ value: "0" });
    expect(all(model, "volume")[0]?.hostPath).toMatchObject({ value: "/etc" });
  });

  test.each<readonly [string, string, object]>([
    ["policy/v1beta1", "PodSecurityPolicy", { hostNetwork: true, privileged: true, volumes: ["*"] }], ["example.com/v1", "Widget", { volumes: [{ name: "data", size: "10Gi" }], steps: [{ name: "a", uses: "b" }], container: "web", image }],
    ["autoscaling/v2", "HorizontalPodAutoscaler", { metrics: [{ containerResource: { container: "web" } }] }], ["kyverno.io/v1", "ClusterPolicy", { rules: [{ validate: { pattern: { spec: { containers: [bad] } } } }] }],
  ])("%s %s is no pod", (apiVersion, kind, spec) => {
    expect(read(apiVersion, kind, spec).subjects).toEqual([]);
  });

  test("a chart's values are values, wherever they stand", () => {
    const values = { hostNetwork: true, containers: [bad] };
    const application = read("argoproj.io/v1alpha1", "Application", { source: { helm: { valuesObject: values } } });
    expect(application.subjects).toMatchObject([{ about: "chartValues", weakenings: { value: expect.arrayContaining(["spec.source.helm.valuesObject.hostNetwork"]) } }]);
    expect(read("helm.crossplane.io/v1beta1", "Release", { forProvider: { values } }).subjects).toMatchObject([{ about: "chartValues" }]);
    expect(application.notExamined).toHaveLength(1);
  });

  test("a pod beside a pod, and one that is too deep to be found", () => {
    expect(where(read("example.com/v1", "Database", { containers: [{ name: "c", image }], backup: { jobTemplate: { spec: { containers: [bad] } } } }))).toEqual(["main spec.containers[0]", "main spec.backup.jobTemplate.spec.containers[0]"]);
    let deep: object = { containers: [bad] };
    for (let depth = 0; depth < 30; depth++) deep = { a: deep };
    expect(read("example.com/v1", "Deep", { containers: [{ name: "c", image }], deep }).notExamined).toMatchObject([{ reason: expect.stringContaining("too deep") }]);
    expect(read("example.com/v1", "Wide", { containers: [{ name: "c", image }], wide: Array.from({ length: 20_001 }, () => ({})) }).notExamined).toHaveLength(1);
  });
});
