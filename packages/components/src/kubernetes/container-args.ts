import type * as pulumi from "@pulumi/pulumi";

/** A value of a Secret. */
export interface SecretKeyArgs {
  /** Name of the Secret, in the workload's namespace. */
  secret: pulumi.Input<string>;
  /** Key in it. */
  key: pulumi.Input<string>;
}

/** A value of a ConfigMap. */
export interface ConfigMapKeyArgs {
  /** Name of the ConfigMap, in the workload's namespace. */
  configMap: pulumi.Input<string>;
  /** Key in it. */
  key: pulumi.Input<string>;
}

/** A port that the container listens on. */
export interface ContainerPortArgs {
  /** 1 to 65535. From 1024 on, a user that is not root can listen on it everywhere. */
  port: pulumi.Input<number>;
  /** At most 15 characters. Default: `port-<number>` where there are several, else none. */
  name?: string;
  /** `TCP`, `UDP` or `SCTP`. Default: `TCP`. */
  protocol?: string;
  /** The port of the Service. Default: `port`. */
  servicePort?: pulumi.Input<number>;
}

/** A question that the kubelet asks of the container: over HTTP (`path`), by connecting (`port` alone), or by a program in it (`command`). */
export interface ProbeArgs {
  /** Path of a GET request, such as `/ready`. */
  path?: pulumi.Input<string>;
  /** Port of the container. Default: the first of `ports`. */
  port?: pulumi.Input<number>;
  /** `HTTP` or `HTTPS`. Default: `HTTP`. */
  scheme?: string;
  /** Program and arguments; no shell is started. Satisfies no-shell-probe where it names none. */
  command?: pulumi.Input<string>[];
  /** Seconds between two questions. Default: 10. */
  periodSeconds?: pulumi.Input<number>;
  /** Seconds to wait for the answer. Default: 1. */
  timeoutSeconds?: pulumi.Input<number>;
  /** Failures in a row that count. Default: 3. */
  failureThreshold?: pulumi.Input<number>;
  /** Seconds before the first question. Default: 0. */
  initialDelaySeconds?: pulumi.Input<number>;
}

/** Scratch space: an emptyDir with a size, which satisfies require-scratch-size-limit. */
export interface PodScratchArgs {
  /** Where it is mounted, such as `/tmp`. */
  path: string;
  /** Amount with its unit. Default: `64Mi`. At most the container's `ephemeralStorage`, or its `memory` where it is kept there. */
  size?: pulumi.Input<string>;
  /** Keeps it in memory, where it counts towards the container's limit. Default: false. */
  inMemory?: boolean;
  /** Containers of the pod that give the same name share it, and say the same of it. Default: the container's own. */
  name?: string;
}

/** A ConfigMap as files, read-only. */
export interface ConfigMapMountArgs {
  /** Where it is mounted. */
  path: string;
  /** Name of the ConfigMap. */
  configMap: pulumi.Input<string>;
}

/** A Secret as files, read-only; the container's group can read them. */
export interface SecretMountArgs {
  /** Where it is mounted. */
  path: string;
  /** Name of the Secret. */
  secret: pulumi.Input<string>;
}

/** A volume that exists, by its claim. */
export interface ClaimMountArgs {
  /** Where it is mounted. */
  path: string;
  /** Name of the PersistentVolumeClaim. */
  claim: pulumi.Input<string>;
  /** Lets the container write to it. Default: false, which satisfies only-declared-writable-volumes. */
  writable?: boolean;
}

/** What every container of a workload may be given. There is no argument for privileged containers, host namespaces, host paths or the runtime's socket: use the raw resource, with an exemption. */
export interface PodContainerArgs {
  /** Image reference, best with its digest: `registry.example.com/app:1.4.2@sha256:...` satisfies require-image-digest and no-latest-tag. */
  image: pulumi.Input<string>;
  /** Memory limit and request, an amount with its unit such as `128Mi`; at least `6Mi`. Satisfies require-memory-limit, require-memory-request and bounded-memory-ratio. */
  memory: pulumi.Input<string>;
  /** CPU limit, such as `500m` or `2`. Default: `500m`. Satisfies require-cpu-limit. */
  cpu?: pulumi.Input<string>;
  /** CPU request. Default: a quarter of `cpu`. Satisfies require-cpu-request and bounded-cpu-ratio. */
  cpuRequest?: pulumi.Input<string>;
  /** What it may write on the node's disk: logs, scratch space and, where that is writable, the root file system. Default: `1Gi`. Satisfies require-storage-limit. */
  ephemeralStorage?: pulumi.Input<string>;
  /** Stands in place of the image's entry point. */
  command?: pulumi.Input<string>[];
  /** Arguments of the entry point. */
  args?: pulumi.Input<string>[];
  /** Environment variables that are no secrets: they can be read in the pod's spec. A value that Pulumi knows to be a secret is refused. */
  environment?: { [key: string]: pulumi.Input<string> };
  /** Environment variables from Secrets. Satisfies no-literal-secrets. */
  secretEnvironment?: { [key: string]: SecretKeyArgs };
  /** Environment variables from ConfigMaps. */
  configEnvironment?: { [key: string]: ConfigMapKeyArgs };
  /** Places that may be written to: the root file system is read-only, which satisfies read-only-root-filesystem. */
  scratch?: PodScratchArgs[];
  /** ConfigMaps as files. */
  configMaps?: ConfigMapMountArgs[];
  /** Secrets as files. */
  secrets?: SecretMountArgs[];
  /** Volumes that exist. */
  volumes?: ClaimMountArgs[];
}

/** A container that runs to its end before the others start. Hardened as the main one is, without its weakenings. */
export interface InitContainerArgs extends PodContainerArgs {
  /** Lower-case letters, digits and dashes. */
  name: string;
}

/** A container that runs beside the main one, and ends after it. Hardened as the main one is, without its weakenings. */
export interface SidecarArgs extends PodContainerArgs {
  /** Lower-case letters, digits and dashes. */
  name: string;
  /** Ports that it listens on. The Service leads to the main container's only. */
  ports?: ContainerPortArgs[];
  /** Restarts the container where it fails. Satisfies require-liveness-probe. */
  livenessProbe?: ProbeArgs;
  /** Takes the pod out of its Services while it fails. Satisfies require-readiness-probe. */
  readinessProbe?: ProbeArgs;
  /** Holds the other probes back until it succeeds. */
  startupProbe?: ProbeArgs;
}
