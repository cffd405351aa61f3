import type * as pulumi from "@pulumi/pulumi";
import type { Weakening } from "../arguments/weakening";
import type { ContainerPortArgs, InitContainerArgs, PodContainerArgs, ProbeArgs, SidecarArgs } from "./container-args";
import type { InternetArgs, PeerArgs } from "./link-args";

/** Capabilities that are added for a reason. */
export interface AddedCapabilitiesArgs extends Weakening {
  /** Names such as `NET_BIND_SERVICE`. Those that reach the host, as SYS_ADMIN does, are refused. */
  add: string[];
}

/** A port of the node, for a reason. */
export interface HostPortArgs extends Weakening {
  /** Port of the node, 1 to 65535. */
  port: number;
  /** Port of the main container. Default: `port`. */
  containerPort?: number;
  /**
   * Blocks of addresses, such as `10.0.0.0/8`, from which the pods may be reached on that port: a NetworkPolicy `<name>-host-port`. Default: none,
   * so that nobody reaches it but the workloads of `allowFrom`, and whoever is on the node, where the cluster's network lets those pass. A block of every address,
   * `0.0.0.0/0` or `::/0`, exempts that policy from no-open-network-policy. Where the network hides who sends, name what it shows in their place, mostly the nodes' addresses.
   */
  from?: pulumi.Input<string>[];
}

/** Nodes on which the pods may run although they are tainted. */
export interface PodTolerationArgs {
  /** Key of the taint. Default: every taint. */
  key?: pulumi.Input<string>;
  /** `Exists` or `Equal`. Default: `Equal` where there is a `value`, else `Exists`. */
  operator?: string;
  /** Value of the taint. */
  value?: pulumi.Input<string>;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. Default: each of them. */
  effect?: string;
  /** How long a pod stays once the node has a taint with NoExecute. Default: for ever. */
  tolerationSeconds?: pulumi.Input<number>;
}

/** A label of nodes by which pods are placed. */
export interface NodeRequirementArgs {
  /** Key of the label. */
  key: string;
  /** `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`. */
  operator: string;
  /** Values for `In`, `NotIn`, `Gt` and `Lt`. */
  values?: pulumi.Input<string>[];
}

/** A volume of each pod of a StatefulSet, which is kept when the pod is replaced. */
export interface StorageArgs {
  /** Where it is mounted, writable. */
  path: string;
  /** Amount with its unit, such as `10Gi`. */
  size: pulumi.Input<string>;
  /** Name of the StorageClass. Default: the cluster's. */
  storageClass?: pulumi.Input<string>;
  /** `ReadWriteOnce`, `ReadWriteOncePod` or `ReadWriteMany`. Default: `ReadWriteOnce`. */
  accessMode?: string;
}

/** What the workloads have in common. The component's name is that of the objects in the cluster too. */
export interface WorkloadArgs extends PodContainerArgs {
  /** Namespace, best an IsolatedNamespace's `name`. Default: the provider's, else `default`, where strict's no-default-namespace finds it. */
  namespace?: pulumi.Input<string>;
  /** Labels of the objects and of the pods, besides those that the pods are selected by. */
  labels?: { [key: string]: pulumi.Input<string> };
  /** Annotations of the objects, such as `pulumi.com/skipAwait`. */
  annotations?: { [key: string]: pulumi.Input<string> };
  /** Annotations of the pods. */
  podAnnotations?: { [key: string]: pulumi.Input<string> };
  /** User id. Default: 10001. Satisfies run-as-non-root, no-root-user and no-low-user-id. */
  user?: pulumi.Input<number>;
  /** Group id, also of the volumes' files. Default: 10001. Satisfies no-root-group and no-low-group-id. */
  group?: pulumi.Input<number>;
  /** Name of a ServiceAccount that exists. Default: one of its own, whose token is not mounted; satisfies no-default-service-account. */
  serviceAccount?: pulumi.Input<string>;
  /** Containers that run before the others, in order. */
  initContainers?: InitContainerArgs[];
  /** Containers that run beside the main one; they start after the init containers. */
  sidecars?: SidecarArgs[];
  /** Restarts the main container where it fails. Satisfies require-liveness-probe. */
  livenessProbe?: ProbeArgs;
  /** Takes the pod out of its Services while it fails; another question than the liveness probe's, which satisfies distinct-probes. Satisfies require-readiness-probe. */
  readinessProbe?: ProbeArgs;
  /** Holds the other probes back until it succeeds. */
  startupProbe?: ProbeArgs;
  /** Ports that the main container listens on. */
  ports?: ContainerPortArgs[];
  /** Labels of the nodes that the pods may run on. */
  nodeSelector?: { [key: string]: pulumi.Input<string> };
  /** The same with operators; all must hold. */
  nodeRequirements?: NodeRequirementArgs[];
  /** Taints that the pods tolerate. */
  tolerations?: PodTolerationArgs[];
  /** Name of the PriorityClass. */
  priorityClass?: pulumi.Input<string>;
  /** Name of the RuntimeClass; a sandbox, as gVisor's, satisfies require-sandboxed-runtime. Default: the cluster's, as no sandbox is everywhere. */
  runtimeClass?: pulumi.Input<string>;
  /** Names of Secrets with credentials of registries. Satisfies require-pull-secret. */
  imagePullSecrets?: pulumi.Input<string>[];
  /** Seconds between the signal to end and the kill. Default: 30. */
  terminationGracePeriodSeconds?: pulumi.Input<number>;
  /** A user namespace of the pod's own (`hostUsers: false`), which satisfies require-user-namespace. Default: false, as a node whose kernel or runtime cannot map mounts refuses the pod. */
  userNamespace?: boolean;
  /** Who answers for weakenings that do not say it. Default: the project. */
  owner?: string;
  /** Workloads that it sends to, for programs that cannot call `allowTo`. */
  allowTo?: PeerArgs[];
  /** Workloads that send to it, for programs that cannot call `allowFrom`. */
  allowFrom?: PeerArgs[];
  /** Addresses that it sends to, for programs that cannot call `allowToInternet`. */
  allowToInternet?: InternetArgs[];
  /** Adds capabilities to the main container: it drops all, which satisfies drop-all-capabilities. Without `runAsRoot` and with no new privileges, a capability counts only for what the runtime gives to users that are not root. */
  capabilities?: AddedCapabilitiesArgs;
  /** Lets the main container write to its root file system. Default: read-only, which satisfies read-only-root-filesystem. */
  writableRootFilesystem?: Weakening;
  /** Runs the main container as user 0. Default: `user`, which satisfies run-as-non-root, no-root-user and no-low-user-id. Restricted namespaces refuse it. */
  runAsRoot?: Weakening;
  /** Takes a port of the node; `from` says who may reach it. Default: none, which satisfies no-host-port. Restricted namespaces refuse it. */
  hostPort?: HostPortArgs;
  /** Mounts a credential for the API server. Default: none, which satisfies no-service-account-token. */
  apiToken?: Weakening;
}

/** Arguments of a workload whose pods are replicas of each other. */
export interface ReplicatedArgs extends WorkloadArgs {
  /** Pods. Default: 2 of a Deployment, 1 of a StatefulSet. From 2 on there is a PodDisruptionBudget that lets one be evicted at a time. */
  replicas?: pulumi.Input<number>;
  /** Label of nodes over which the pods are spread, where that can be. Default: `kubernetes.io/hostname`. */
  spreadOver?: pulumi.Input<string>;
}

export interface HardenedDeploymentArgs extends ReplicatedArgs {
  /** Whether there is a Service in front of `ports`. Default: true where there are any. Satisfies only-cluster-services. */
  service?: boolean;
}

export interface HardenedStatefulSetArgs extends ReplicatedArgs {
  /** Volumes of each pod's own. */
  storage?: StorageArgs[];
}

export interface HardenedDaemonSetArgs extends WorkloadArgs {
  /** Pods that may be missing during an update: a number, or a share such as `10%`. Default: `1`. */
  maxUnavailable?: string;
}

export interface HardenedJobArgs extends WorkloadArgs {
  /** Retries, 0 to 6. Default: 3. Satisfies bounded-job-retries. */
  retries?: pulumi.Input<number>;
  /** Seconds that it may take, retries included. Default: 3600. Satisfies require-job-deadline. */
  deadlineSeconds?: pulumi.Input<number>;
  /** Seconds after its end until it is removed. Default: 86400. Satisfies require-job-time-to-live. */
  timeToLiveSeconds?: pulumi.Input<number>;
}

export interface HardenedCronJobArgs extends HardenedJobArgs {
  /** When it runs, in five fields: `0 3 * * *`. */
  schedule: pulumi.Input<string>;
  /** Time zone of `schedule`, such as `Europe/Berlin`. Default: that of the cluster's controller. */
  timeZone?: pulumi.Input<string>;
  /** What happens to a run that is due while the last one goes on: `Forbid` or `Replace`. Default: `Forbid`. Satisfies no-concurrent-cron-jobs. */
  concurrency?: string;
  /** Seconds that a start may be late. Default: 300. Satisfies require-cron-deadline. */
  startingDeadlineSeconds?: pulumi.Input<number>;
  /** Starts nothing for now. Default: false. */
  suspend?: pulumi.Input<boolean>;
}
