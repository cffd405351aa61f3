import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { Registered } from "../../test/mocks";
import { childrenOf, registered } from "../../test/mocks";
import { HardenedCronJob, HardenedDaemonSet, HardenedDeployment, HardenedJob, HardenedStatefulSet, IsolatedNamespace } from ".";

const image = "registry.example.com/shop/web:1.4.2@sha256:4a1c4b21597c1b4415bdbecb28a3296c6b5e23ca4f9feeb599860a1dac6a0108";
const least = { image, memory: "128Mi" };

/** Changing one of these replaces what runs in the users' clusters: write an alias with it, and say so in the changelog. */
const children: readonly (readonly [string, () => pulumi.ComponentResource, readonly string[]])[] = [
  ["IsolatedNamespace", () => new IsolatedNamespace("shop"), ["kubernetes:core/v1:Namespace shop", "kubernetes:networking.k8s.io/v1:NetworkPolicy shop-deny", "kubernetes:networking.k8s.io/v1:NetworkPolicy shop-dns", "kubernetes:core/v1:LimitRange shop-limits", "kubernetes:core/v1:ResourceQuota shop-quota", "kubernetes:core/v1:ServiceAccount shop-default-account"]],
  ["HardenedDeployment", () => new HardenedDeployment("web", least), ["kubernetes:core/v1:ServiceAccount web-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy web-isolation", "kubernetes:apps/v1:Deployment web", "kubernetes:policy/v1:PodDisruptionBudget web-budget"]],
  ["HardenedDeployment with a Service and one replica", () => new HardenedDeployment("web", { ...least, replicas: 1, ports: [{ port: 8080 }] }), ["kubernetes:core/v1:ServiceAccount web-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy web-isolation", "kubernetes:core/v1:Service web-service", "kubernetes:apps/v1:Deployment web"]],
  ["HardenedDeployment with an account", () => new HardenedDeployment("web", { ...least, replicas: 1, serviceAccount: "web" }), ["kubernetes:networking.k8s.io/v1:NetworkPolicy web-isolation", "kubernetes:apps/v1:Deployment web"]],
  ["HardenedStatefulSet", () => new HardenedStatefulSet("db", least), ["kubernetes:core/v1:ServiceAccount db-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy db-isolation", "kubernetes:core/v1:Service db-service", "kubernetes:apps/v1:StatefulSet db"]],
  ["HardenedDaemonSet", () => new HardenedDaemonSet("agent", least), ["kubernetes:core/v1:ServiceAccount agent-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy agent-isolation", "kubernetes:apps/v1:DaemonSet agent"]],
  ["HardenedJob", () => new HardenedJob("migrate", least), ["kubernetes:core/v1:ServiceAccount migrate-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy migrate-isolation", "kubernetes:batch/v1:Job migrate"]],
  ["HardenedCronJob", () => new HardenedCronJob("report", { ...least, schedule: "0 3 * * *" }), ["kubernetes:core/v1:ServiceAccount report-account", "kubernetes:networking.k8s.io/v1:NetworkPolicy report-isolation", "kubernetes:batch/v1:CronJob report"]],
];

describe("the children of a component keep their types, names and parent, as others would replace the users' workloads", () => {
  test.each(children)("%s", async (_, create, expected) => {
    let component: pulumi.ComponentResource | undefined;
    const found = await registered(() => {
      component = create();
    });
    expect(component && childrenOf(component)).toEqual(expected);
    expect(found.slice(1).map(({ type, name }) => `${type} ${name}`).sort()).toEqual([...expected].sort());
  });
});

describe("the inputs", () => {
  const metadata = { name: "web", namespace: "shop", labels: { "app.kubernetes.io/name": "web", "app.kubernetes.io/component": "deployment" } };

  test("of a Deployment from three arguments", async () => {
    const found = await registered(() => void new HardenedDeployment("web", { ...least, namespace: "shop" }));
    expect(found[0]).toEqual({ type: "bulkhead:index:HardenedDeployment", name: "web", inputs: { ...least, namespace: "shop" } });
    expect(found.find(({ type }) => type.endsWith(":Deployment"))?.inputs).toEqual({
      apiVersion: "apps/v1", kind: "Deployment", metadata,
      spec: {
        replicas: 2, selector: { matchLabels: metadata.labels },
        template: {
          metadata: { labels: metadata.labels },
          spec: {
            serviceAccountName: "web", automountServiceAccountToken: false, enableServiceLinks: false,
            hostNetwork: false, hostPID: false, hostIPC: false, shareProcessNamespace: false,
            securityContext: { runAsNonRoot: true, runAsUser: 10_001, runAsGroup: 10_001, fsGroup: 10_001, seccompProfile: { type: "RuntimeDefault" } },
            topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: metadata.labels } }],
            containers: [{
              name: "web", image,
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
              resources: { limits: { memory: "128Mi", cpu: "500m", "ephemeral-storage": "1Gi" }, requests: { memory: "128Mi", cpu: "125m", "ephemeral-storage": "64Mi" } },
            }],
          },
        },
      },
    });
  });

  const dns = { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } }, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }] };
  const inputsOf = (found: readonly Registered[], name: string, kind: string) => found.find((resource) => resource.name === name && resource.type.endsWith(`:${kind}`))?.inputs;

  test("of what belongs to a Deployment", async () => {
    const found = await registered(() => void new HardenedDeployment("web", { ...least, namespace: "shop", labels: { team: "a" }, ports: [{ port: 8080, servicePort: 80 }] }));
    const labelled = { ...metadata, labels: { team: "a", ...metadata.labels } };
    expect(inputsOf(found, "web-account", "ServiceAccount")).toEqual({ apiVersion: "v1", kind: "ServiceAccount", metadata: labelled, automountServiceAccountToken: false });
    expect(inputsOf(found, "web-isolation", "NetworkPolicy")).toEqual({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { ...labelled, name: "web-isolation" }, spec: { podSelector: { matchLabels: metadata.labels }, policyTypes: ["Ingress", "Egress"], ingress: [], egress: [dns] } });
    expect(inputsOf(found, "web-service", "Service")).toEqual({ apiVersion: "v1", kind: "Service", metadata: labelled, spec: { type: "ClusterIP", selector: metadata.labels, ports: [{ port: 80, targetPort: 8080, protocol: "TCP" }] } });
    expect(inputsOf(found, "web-budget", "PodDisruptionBudget")).toEqual({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: labelled, spec: { maxUnavailable: 1, selector: { matchLabels: metadata.labels } } });
  });

  test("of a namespace", async () => {
    const found = await registered(() => void new IsolatedNamespace("shop", { podSecurityVersion: "v1.34", quota: { pods: 10 } }));
    const level = Object.fromEntries(["enforce", "audit", "warn"].flatMap((mode) => [[`pod-security.kubernetes.io/${mode}`, "restricted"], [`pod-security.kubernetes.io/${mode}-version`, "v1.34"]]));
    expect(inputsOf(found, "shop", "Namespace")).toEqual({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: level } });
    expect(inputsOf(found, "shop-deny", "NetworkPolicy")).toMatchObject({ metadata: { name: "deny", namespace: "shop" }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } });
    expect(inputsOf(found, "shop-dns", "NetworkPolicy")).toMatchObject({ metadata: { name: "dns", namespace: "shop" }, spec: { podSelector: {}, policyTypes: ["Egress"], egress: [dns] } });
    expect(inputsOf(found, "shop-limits", "LimitRange")).toMatchObject({ spec: { limits: [{ type: "Container", default: { cpu: "500m", memory: "256Mi", "ephemeral-storage": "1Gi" }, defaultRequest: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" }, max: { cpu: "4", memory: "8Gi" } }] } });
    expect(inputsOf(found, "shop-quota", "ResourceQuota")).toMatchObject({ spec: { hard: { pods: "10", "requests.cpu": "10", "limits.cpu": "20", "requests.memory": "20Gi", "limits.memory": "20Gi", "limits.ephemeral-storage": "100Gi", persistentvolumeclaims: "20" } } });
    expect(inputsOf(found, "shop-default-account", "ServiceAccount")).toMatchObject({ metadata: { name: "default", namespace: "shop" }, automountServiceAccountToken: false });
  });

  test("of a link: a policy at each end, each a child of its own end", async () => {
    let [web, db]: pulumi.ComponentResource[] = [];
    const found = await registered(() => {
      const [from, to] = [new HardenedDeployment("web", { ...least, namespace: "shop" }), new HardenedStatefulSet("db", { ...least, namespace: "data" })];
      from.allowTo(to, { port: 5432 });
      from.allowToInternet({ cidrs: ["203.0.113.0/24"], ports: [443], reason: "calls the payment provider" });
      [web, db] = [from, to];
    });
    const store = { "app.kubernetes.io/name": "db", "app.kubernetes.io/component": "statefulset" };
    expect(web && childrenOf(web)).toEqual(expect.arrayContaining(["kubernetes:networking.k8s.io/v1:NetworkPolicy web-to-db-5432", "kubernetes:networking.k8s.io/v1:NetworkPolicy web-to-internet"]));
    expect(db && childrenOf(db)).toContain("kubernetes:networking.k8s.io/v1:NetworkPolicy db-from-web-5432");
    expect(inputsOf(found, "web-to-db-5432", "NetworkPolicy")).toMatchObject({ metadata: { name: "web-to-db-5432", namespace: "shop" }, spec: { podSelector: { matchLabels: metadata.labels }, policyTypes: ["Egress"], egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "data" } }, podSelector: { matchLabels: store } }], ports: [{ port: 5432, protocol: "TCP" }] }] } });
    expect(inputsOf(found, "db-from-web-5432", "NetworkPolicy")).toMatchObject({ metadata: { name: "db-from-web-5432", namespace: "data" }, spec: { podSelector: { matchLabels: store }, policyTypes: ["Ingress"], ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } }, podSelector: { matchLabels: metadata.labels } }], ports: [{ port: 5432, protocol: "TCP" }] }] } });
    expect(inputsOf(found, "web-to-internet", "NetworkPolicy")).toEqual({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "web-to-internet", namespace: "shop", annotations: { "bulkhead.dev/reason": "calls the payment provider" } }, spec: { podSelector: { matchLabels: metadata.labels }, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [{ port: 443, protocol: "TCP" }] }] } });
  });

  test("of a weakening: it stands on the component and on its workload", async () => {
    const found = await registered(() => void new HardenedDeployment("web", { ...least, namespace: "shop", owner: "team-a", runAsRoot: { reason: "writes as root", expires: "2027-03-31" }, hostPort: { port: 8443, reason: "is reached by the node's address", owner: "team-b" }, capabilities: { add: ["CHOWN"], reason: "gives files away" } }));
    const own = { reason: "writes as root", owner: "team-a", expires: "2027-03-31" };
    expect(found[0]?.inputs["exemptions"]).toEqual([
      { rule: "only-allowed-capabilities", reason: "gives files away", owner: "team-a", expires: "never" },
      { rule: "run-as-non-root", ...own }, { rule: "no-root-user", ...own }, { rule: "no-low-user-id", ...own },
      { rule: "no-host-port", reason: "is reached by the node's address", owner: "team-b", expires: "never" },
    ]);
    const inputs = inputsOf(found, "web", "Deployment") as { readonly metadata: object; readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } } };
    expect(inputs.metadata).toEqual({ ...metadata, annotations: {
      "exempt.bulkhead.dev/only-allowed-capabilities": "owner=team-a; expires=never; container=web; reason=gives files away",
      "exempt.bulkhead.dev/run-as-non-root": "owner=team-a; expires=2027-03-31; container=web; reason=writes as root", "exempt.bulkhead.dev/no-root-user": "owner=team-a; expires=2027-03-31; container=web; reason=writes as root", "exempt.bulkhead.dev/no-low-user-id": "owner=team-a; expires=2027-03-31; container=web; reason=writes as root",
      "exempt.bulkhead.dev/no-host-port": "owner=team-b; expires=never; container=web; reason=is reached by the node's address",
    } });
    expect(inputs.spec.template.spec.containers[0]).toMatchObject({ securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: false, runAsUser: 0, capabilities: { drop: ["ALL"], add: ["CHOWN"] } }, ports: [{ containerPort: 8443, hostPort: 8443, protocol: "TCP" }] });
  });

  test("of a port of the node that named blocks reach: a policy with the reason, and an exemption where everybody does", async () => {
    const terms = { reason: "serves the office", owner: "team-a", expires: "2027-03-31" };
    const policyOf = async (from: pulumi.Input<string>[]): Promise<unknown> => {
      const found = await registered(() => void new HardenedDeployment("web", { ...least, namespace: "shop", ports: [{ port: 8443 }], hostPort: { port: 443, containerPort: 8443, from, ...terms } }));
      return inputsOf(found, "web-host-port", "NetworkPolicy");
    };
    const some = { "bulkhead.dev/reason": "serves the office" };
    expect(await policyOf(["10.20.0.0/16", pulumi.output("2001:db8::/32")])).toEqual({
      apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { ...metadata, name: "web-host-port", annotations: some },
      spec: { podSelector: { matchLabels: metadata.labels }, policyTypes: ["Ingress"], ingress: [{ from: [{ ipBlock: { cidr: "10.20.0.0/16" } }, { ipBlock: { cidr: "2001:db8::/32" } }], ports: [{ port: 8443, protocol: "TCP" }] }] },
    });
    expect(await policyOf(["::/0"])).toMatchObject({ metadata: { annotations: { ...some, "exempt.bulkhead.dev/no-open-network-policy": "owner=team-a; expires=2027-03-31; reason=serves the office" } } });
  });

  test("of links to two components of one name: a policy at each end of both", async () => {
    const found = await registered(() => {
      const web = new HardenedDeployment("web", { ...least, namespace: "shop" });
      const [one, other, third] = [new HardenedStatefulSet("db", { ...least, namespace: "a" }), new HardenedDeployment("db", { ...least, namespace: "b" }), new HardenedDaemonSet("db", { ...least, namespace: pulumi.output("c") })];
      for (const db of [one, other, third, other]) web.allowTo(db, { port: 5432 });
      third.allowFrom(web, { port: 5432 });
      for (const db of [one, other]) db.allowTo(web, { port: 80 });
    });
    const links = found.filter(({ type, name }) => type.endsWith(":NetworkPolicy") && /-(to|from)-/.test(name));
    expect(links.map(({ name, inputs }) => `${(inputs["metadata"] as { readonly namespace: string }).namespace} ${name}`).sort()).toEqual([
      "a db-from-web-5432", "a db-to-web-80", "b db-from-web-5432", "b db-to-web-80", "c db-from-web-5432",
      "shop web-from-db-80", "shop web-from-db-b-80", "shop web-to-db-2-5432", "shop web-to-db-5432", "shop web-to-db-b-5432",
    ]);
    const reached = (name: string) => (inputsOf(found, name, "NetworkPolicy") as { readonly spec: { readonly egress: readonly [{ readonly to: readonly [{ readonly namespaceSelector: { readonly matchLabels: object } }] }] } }).spec.egress[0].to[0].namespaceSelector.matchLabels;
    expect(["web-to-db-5432", "web-to-db-b-5432", "web-to-db-2-5432"].map(reached)).toEqual(["a", "b", "c"].map((name) => ({ "kubernetes.io/metadata.name": name })));
  });

  test("of a link to a sidecar's port", async () => {
    const found = await registered(() => {
      const app = new HardenedDeployment("app", { ...least, ports: [{ port: 8080 }], sidecars: [{ name: "metrics", ...least, ports: [{ port: 9090 }] }] });
      new HardenedDeployment("scraper", least).allowTo(app, { port: 9090 });
    });
    expect(inputsOf(found, "app-from-scraper-9090", "NetworkPolicy")).toMatchObject({ spec: { policyTypes: ["Ingress"], ingress: [{ ports: [{ port: 9090, protocol: "TCP" }] }] } });
  });

  test("of volumes at paths that read alike: each its own; shared scratch space is one", async () => {
    const shared = { name: "shared", path: "/shared", size: "1Mi" };
    const found = await registered(() => void new HardenedDeployment("web", { ...least, secrets: [{ path: "/a/b", secret: "one" }, { path: "/a-b", secret: "two" }, { path: "/A", secret: "three" }, { path: "/a", secret: "four" }], scratch: [shared], sidecars: [{ name: "log", ...least, scratch: [{ ...shared, path: "/in" }] }] }));
    const { volumes, containers } = (inputsOf(found, "web", "Deployment") as { readonly spec: { readonly template: { readonly spec: { readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[]; readonly containers: readonly { readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[] }[] } } } }).spec.template.spec;
    const at = (containers[0]?.volumeMounts ?? []).map(({ name, mountPath }) => [mountPath, volumes.find((volume) => volume.name === name)?.secret?.secretName]);
    expect(at).toEqual([["/shared", undefined], ["/a/b", "one"], ["/a-b", "two"], ["/A", "three"], ["/a", "four"]]);
    expect(volumes).toHaveLength(5);
    expect(new Set(volumes.map(({ name }) => name)).size).toBe(5);
    expect(volumes.every(({ name }) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))).toBe(true);
  });

  test("of each kind, with what is its own", async () => {
    const found = await registered(() => {
      new HardenedStatefulSet("db", { ...least, replicas: 3, ports: [{ port: 5432 }], storage: [{ path: "/var/lib/data", size: "10Gi", storageClass: "fast" }] });
      new HardenedDaemonSet("agent", { ...least, maxUnavailable: "10%" });
      new HardenedJob("migrate", least);
      new HardenedCronJob("report", { ...least, schedule: "0 3 * * *" });
    });
    expect(inputsOf(found, "db-service", "Service")).toMatchObject({ spec: { type: "ClusterIP", clusterIP: "None", ports: [{ port: 5432, targetPort: 5432, protocol: "TCP" }] } });
    expect(inputsOf(found, "db", "StatefulSet")).toMatchObject({ spec: { replicas: 3, serviceName: "db", template: { spec: { containers: [{ volumeMounts: [{ name: "storage-var-lib-data-94388fea", mountPath: "/var/lib/data" }] }] } }, volumeClaimTemplates: [{ metadata: { name: "storage-var-lib-data-94388fea" }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "10Gi" } } } }] } });
    expect(inputsOf(found, "db-budget", "PodDisruptionBudget")).toMatchObject({ spec: { maxUnavailable: 1 } });
    expect(inputsOf(found, "agent", "DaemonSet")).toMatchObject({ spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } } } });
    expect(inputsOf(found, "migrate", "Job")).toMatchObject({ spec: { backoffLimit: 3, activeDeadlineSeconds: 3600, ttlSecondsAfterFinished: 86_400, template: { spec: { restartPolicy: "Never" } } } });
    expect(inputsOf(found, "report", "CronJob")).toMatchObject({ spec: { schedule: "0 3 * * *", concurrencyPolicy: "Forbid", startingDeadlineSeconds: 300, jobTemplate: { spec: { backoffLimit: 3, activeDeadlineSeconds: 3600, template: { spec: { restartPolicy: "Never" } } } } } });
  });
});
