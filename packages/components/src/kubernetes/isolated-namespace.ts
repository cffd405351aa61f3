import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentError } from "../arguments/argument-error";
import { anyText, input, integer, mapOf, matching, object, optional } from "../arguments/shape";
import { coresOf, cpu, memory, size } from "../arguments/values";
import { whenKnown } from "../arguments/shape";
import { annotationKey, labelKey, labelValue, objectName } from "./names";
import { allowDns, denyAll } from "./policies";

/** What all pods of a namespace may have together. */
export interface NamespaceQuotaArgs {
  /** Pods that have not ended. Default: 50. */
  pods?: pulumi.Input<number>;
  /** Sum of CPU requests. Default: `10`. */
  cpuRequests?: pulumi.Input<string>;
  /** Sum of CPU limits. Default: `20`. */
  cpu?: pulumi.Input<string>;
  /** Sum of memory requests. Default: `20Gi`. */
  memoryRequests?: pulumi.Input<string>;
  /** Sum of memory limits. Default: `20Gi`. */
  memory?: pulumi.Input<string>;
  /** Sum of ephemeral storage limits. Default: `100Gi`. */
  ephemeralStorage?: pulumi.Input<string>;
  /** PersistentVolumeClaims. Default: 20. */
  claims?: pulumi.Input<number>;
}

/** What a container has that does not say it, and the most that one may have. */
export interface NamespaceLimitArgs {
  /** CPU limit of a container that names none. Default: `500m`. */
  cpu?: pulumi.Input<string>;
  /** Memory limit of a container that names none. Default: `256Mi`. */
  memory?: pulumi.Input<string>;
  /** Ephemeral storage limit of a container that names none. Default: `1Gi`. */
  ephemeralStorage?: pulumi.Input<string>;
  /** The most CPU of a container. Default: `4`. */
  maxCpu?: pulumi.Input<string>;
  /** The most memory of a container. Default: `8Gi`. */
  maxMemory?: pulumi.Input<string>;
}

export interface IsolatedNamespaceArgs {
  /** Version of the Pod Security Standards, `v1.25` or later. Default: `v1.37`. Satisfies pinned-pod-security-version; the level is always `restricted`, which satisfies namespace-pod-security-labels. */
  podSecurityVersion?: string;
  /** Labels besides those of Pod Security. */
  labels?: { [key: string]: pulumi.Input<string> };
  /** Annotations of the namespace and of what is created in it, such as `pulumi.com/skipAwait`. */
  annotations?: { [key: string]: pulumi.Input<string> };
  /** What its pods may have together. Satisfies require-resource-quota. */
  quota?: NamespaceQuotaArgs;
  /** What each container may have. Satisfies require-limit-range. */
  limits?: NamespaceLimitArgs;
}

const quantity = optional(input(cpu));
const amount = optional(input(size));
const read = object({
  podSecurityVersion: optional(matching(/^v1\.(2[5-9]|[3-9]\d)$/, "a version of the Pod Security Standards such as v1.37")),
  labels: optional(mapOf(input(labelValue), (value, path) => {
    const key = labelKey(value, path);
    if (key.startsWith("pod-security.kubernetes.io/")) throw new ArgumentError(path, "a label that leaves Pod Security as it is", key);
    return key;
  })),
  annotations: optional(mapOf(input(anyText), annotationKey)),
  quota: optional(object({ pods: optional(input(integer(1, 100_000))), cpuRequests: quantity, cpu: quantity, memoryRequests: amount, memory: amount, ephemeralStorage: amount, claims: optional(input(integer(0, 100_000))) })),
  limits: optional(object({ cpu: quantity, memory: optional(input(memory)), ephemeralStorage: amount, maxCpu: quantity, maxMemory: optional(input(memory)) })),
});

/**
 * A namespace that admits hardened pods only, in which nobody reaches anybody that is not named.
 *
 * Children: `<name>` (Namespace), `<name>-deny` and `<name>-dns` (NetworkPolicies), `<name>-limits` (LimitRange), `<name>-quota` (ResourceQuota) and
 * `<name>-default-account` (the namespace's default ServiceAccount, without a token).
 */
export class IsolatedNamespace extends pulumi.ComponentResource {
  /** Name of the namespace. */
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: IsolatedNamespaceArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const objects = namespaceObjects(name, args);
    super("bulkhead:index:IsolatedNamespace", name, { ...args }, opts);
    const parent = { parent: this };
    const namespace = new k8s.core.v1.Namespace(name, objects.namespace, parent);
    const metadata = (object: string) => ({ name: object, namespace: namespace.metadata.name, ...objects.annotated });
    new k8s.networking.v1.NetworkPolicy(`${name}-deny`, { metadata: metadata("deny"), spec: objects.deny }, parent);
    new k8s.networking.v1.NetworkPolicy(`${name}-dns`, { metadata: metadata("dns"), spec: objects.dns }, parent);
    new k8s.core.v1.LimitRange(`${name}-limits`, { metadata: metadata("limits"), spec: objects.limits }, parent);
    new k8s.core.v1.ResourceQuota(`${name}-quota`, { metadata: metadata("quota"), spec: objects.quota }, parent);
    // Applied to the one that the cluster makes, or before it does: server-side apply does not mind which is first.
    new k8s.core.v1.ServiceAccount(`${name}-default-account`, { metadata: metadata("default"), automountServiceAccountToken: false }, parent);
    this.name = namespace.metadata.name;
    this.registerOutputs({ name: this.name });
  }
}

/** The inputs of the children, but for their names and namespaces. */
export function namespaceObjects(name: string, args: unknown) {
  const own = objectName(name, "IsolatedNamespace");
  const { podSecurityVersion = "v1.37", labels, annotations = {}, quota = {}, limits = {} } = read(args ?? {}, `${own}: args`);
  const { cpu: mostCpu = "500m", maxCpu = "4" } = limits;
  if (typeof mostCpu === "string" && typeof maxCpu === "string" && coresOf(mostCpu) > coresOf(maxCpu)) throw new ArgumentError(`${own}: args.limits.cpu`, `at most the maximum of ${maxCpu}`, mostCpu);
  const levels = Object.fromEntries(["enforce", "audit", "warn"].flatMap((mode) => [[`pod-security.kubernetes.io/${mode}`, "restricted"], [`pod-security.kubernetes.io/${mode}-version`, podSecurityVersion]]));
  const annotated = Object.keys(annotations).length > 0 ? { annotations } : {};
  return {
    annotated,
    namespace: { metadata: { name: own, labels: { ...labels, ...levels }, ...annotated } },
    deny: denyAll,
    dns: allowDns,
    limits: {
      limits: [{
        type: "Container",
        default: { cpu: mostCpu, memory: limits.memory ?? "256Mi", "ephemeral-storage": limits.ephemeralStorage ?? "1Gi" },
        defaultRequest: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" },
        max: { cpu: maxCpu, memory: limits.maxMemory ?? "8Gi" },
      }],
    },
    quota: {
      hard: {
        pods: whenKnown(quota.pods ?? 50, String), "requests.cpu": quota.cpuRequests ?? "10", "limits.cpu": quota.cpu ?? "20", "requests.memory": quota.memoryRequests ?? "20Gi", "limits.memory": quota.memory ?? "20Gi",
        "limits.ephemeral-storage": quota.ephemeralStorage ?? "100Gi", persistentvolumeclaims: whenKnown(quota.claims ?? 20, String),
      },
    },
  };
}
