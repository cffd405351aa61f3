import type { Field } from "../field";

/** A resource limit of the kernel, by its name without RLIMIT_; -1 is none at all. */
export interface Ulimit {
  readonly name: string;
  readonly hard: number;
}

/** What a container says beside the settings that Pod Security looks at. */
export interface ContainerSettings {
  /** The container's own primary group, not the pod's: an id, or on Docker a name. */
  readonly group: Field<string>;
  /** The container's own user on Windows. */
  readonly windowsUser: Field<string>;
  /** What command lines do, of the container, its probes and its hooks. The words themselves never enter the model. */
  readonly runsSudo: Field<boolean>;
  readonly pipesDownload: Field<boolean>;
  /** Names of the flags, or variables, of the command line that have a credential written down. */
  readonly secretArguments: Field<readonly string[]>;
  /** Names of the probes that start a shell. */
  readonly shellProbes: Field<readonly string[]>;
  /** In cores and bytes; unset where the limit, which is then the request, is unset too. */
  readonly cpuRequest: Field<number>;
  readonly memoryRequest: Field<number>;
  /** In bytes, of what is written outside of volumes (Kubernetes). */
  readonly storageLimit: Field<number>;
  /** Names of devices that are asked of a device plugin, a driver or a resource claim, such as `nvidia.com/gpu`. */
  readonly deviceRequests: Field<readonly string[]>;
  /** Rules that open kinds of devices, such as `c 13:* rwm` (Docker). */
  readonly deviceRules: Field<readonly string[]>;
  readonly ulimits: Field<readonly Ulimit[]>;
  /** no, on-failure, always or unless-stopped (Docker). */
  readonly restart: Field<string>;
  /** How often a container that fails is started again; 0 is without an end. */
  readonly restartAttempts: Field<number>;
  /** Ports of the host that lead to the container. */
  readonly publishedPorts: Field<readonly number[]>;
  /** Names of the volumes that are mounted by a sub-path and may be written to. */
  readonly writableSubPaths: Field<readonly string[]>;
  /** The driver that keeps the log; its options' `max-size`, whether it is set. */
  readonly logDriver: Field<string>;
  readonly logSizeLimited: Field<boolean>;
  /** Whether there is a probe (Kubernetes), or a check that is not turned off (Docker). */
  readonly readinessProbe: Field<boolean>;
  readonly livenessProbe: Field<boolean>;
  readonly healthcheck: Field<boolean>;
  /** Whether the liveness probe asks just what the readiness probe asks. */
  readonly sameProbes: Field<boolean>;
  /** Names of ports that probes ask for and the container does not have. */
  readonly danglingProbePorts: Field<readonly string[]>;
}

/** What a pod, or a Docker container for its one process, says beside the settings that Pod Security looks at. */
export interface PodSettings {
  readonly group: Field<string>;
  readonly supplementaryGroups: Field<readonly string[]>;
  /** The group that owns volumes (Kubernetes). */
  readonly volumeGroup: Field<string>;
  readonly windowsUser: Field<string>;
  /** The runtime class (Kubernetes), or the runtime (Docker). */
  readonly runtime: Field<string>;
  readonly cgroupParent: Field<string>;
  /** Whether the host's name is shared (compose). */
  readonly hostUtsNamespace: Field<boolean>;
  /** Names of the labels and annotations of the object that holds the pod. */
  readonly labels: Field<readonly string[]>;
  readonly annotations: Field<readonly string[]>;
  /** Whether nothing would start the pod again elsewhere. */
  readonly naked: Field<boolean>;
  readonly deprecatedServiceAccount: Field<string>;
  /** Names of containers that were added to debug. */
  readonly ephemeralContainers: Field<readonly string[]>;
}

/** What a volume, or a mount, says beside its kind. */
export interface VolumeSettings {
  /** What it is known by: its name (Kubernetes), or the path it is mounted at (Docker). */
  readonly mountedAs: Field<string>;
  /** The folder that a relative path of the host starts from, absolute; unset where the path says all that there is to say (compose). */
  readonly hostFolder: Field<string>;
  /** Whether some container may write to it. */
  readonly writable: Field<boolean>;
  /** Whether it is scratch space whose options allow programs, set-user-id bits or devices (a tmpfs). */
  readonly executable: Field<boolean>;
  /** The container that all mounts are taken from (Docker). */
  readonly fromContainer: Field<string>;
  /** Of projected service account tokens: whether one has no audience, and the longest life in seconds. */
  readonly tokenWithoutAudience: Field<boolean>;
  readonly tokenSeconds: Field<number>;
}
