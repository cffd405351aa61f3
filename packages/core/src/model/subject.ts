import type { Field, Path } from "../field";
import type { ImageReference } from "../image-reference";
import type { ConfigMap, CronJob, Job, Secret } from "./objects";
import type { Cluster, Ingress, IngressClass, Network, NetworkPolicy, PeerAuthentication, Service } from "./network";
import type { ContainerSettings, PodSettings, VolumeSettings } from "./settings";
import type { Build, ChartValues, Connection, ImageRepository, Plugin } from "./around";
import type { BuildStep, BuiltImage } from "./dockerfile";
import type { Gap, Member, MemberByAbout } from "../inventory/members";
import type { CodeExemption, Exemption } from "./exemption";
import type { EvidenceStore } from "../evidence/store";
import type { FlowStore } from "../network/store";

export type { Cluster, Ingress, IngressClass, Network, NetworkPolicy, PeerAuthentication, Service } from "./network";

/** What a document is written for; rules may say that they concern only some. */
export type Platform = "kubernetes" | "docker" | "compose" | "dockerfile";
export const platforms: readonly Platform[] = ["kubernetes", "docker", "compose", "dockerfile"];

export type ContainerRole = "main" | "init" | "sidecar" | "ephemeral";

/** The resource or object that holds a subject. */
export interface Resource {
  readonly platform: Platform;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly urn?: string;
}

export interface SubjectBase {
  readonly resource: Resource;
  /** The beginning of a sentence: `container "web" of Deployment "shop/api"`. */
  readonly label: string;
  readonly path: Path;
}

/** A container, its settings inherited from the pod where the platform inherits them. */
export interface Container extends SubjectBase, ContainerSettings {
  readonly about: "container";
  /** Whether the pod names Windows as its operating system: from Kubernetes 1.25 it is not asked for Linux settings. */
  readonly windows: boolean;
  readonly name: string;
  readonly role: ContainerRole;
  readonly privileged: Field<boolean>;
  /** Whether gaining privileges is refused (`allowPrivilegeEscalation: false`, `no-new-privileges`). */
  readonly noNewPrivileges: Field<boolean>;
  /** Capability names as the platform compares them: exact on Kubernetes, upper case without CAP_ on Docker. */
  readonly addedCapabilities: Field<readonly string[]>;
  readonly droppedCapabilities: Field<readonly string[]>;
  /** Whether the platform holds the container to a non-root user (`runAsNonRoot`; on Docker, a user is set). */
  readonly nonRoot: Field<boolean>;
  /** The container's own user, not the pod's: a UID, or on Docker `user[:group]`. */
  readonly user: Field<string>;
  /** RuntimeDefault, Localhost or Unconfined. */
  readonly seccompProfile: Field<string>;
  /** The container's own AppArmor profile type: RuntimeDefault, Localhost or Unconfined. */
  readonly appArmorProfile: Field<string>;
  /** The container's own SELinux options. */
  readonly seLinux: Field<SeLinuxOptions>;
  /** How /proc is mounted: Default or Unmasked. */
  readonly procMount: Field<string>;
  /** Ports of the host that the container takes; 0 is none. */
  readonly hostPorts: Field<readonly number[]>;
  /** Hosts that probes and lifecycle handlers name. */
  readonly probeHosts: Field<readonly string[]>;
  /** Whether the container itself says that it is a Windows HostProcess container. */
  readonly hostProcess: Field<boolean>;
  /** Whether the pod has a user namespace of its own (`hostUsers: false`). */
  readonly userNamespace: Field<boolean>;
  readonly readOnlyRootFilesystem: Field<boolean>;
  /** In bytes; 0 is no limit. */
  readonly memoryLimit: Field<number>;
  /** In cores; on Docker also a share or a quota, which is above 0 where it is set. 0 is no limit. */
  readonly cpuLimit: Field<number>;
  /** Processes; 0 and below is no limit. */
  readonly pidsLimit: Field<number>;
  /** How mounts propagate between host and container: None, HostToContainer or Bidirectional. */
  readonly mountPropagation: Field<readonly string[]>;
  /** Devices of the host, or raw block volumes, by name. */
  readonly devices: Field<readonly string[]>;
  /** Whether an init process reaps what is left behind (Docker). */
  readonly initProcess: Field<boolean>;
  /** Whether standard input is kept open or a terminal is given. */
  readonly interactive: Field<boolean>;
  /** Names of the environment variables, or sources, that come from a Secret. */
  readonly secretVariables: Field<readonly string[]>;
  /** Names of the environment variables, of files beside them, and of the headers of probes whose literal value looks like a credential. Values never enter the model. */
  readonly literalSecrets: Field<readonly string[]>;
  /** Ports inside the container. */
  readonly ports: Field<readonly number[]>;
  /** Whether the command line names an SSH server. The command line itself never enters the model. */
  readonly startsSshServer: Field<boolean>;
}

/** What the containers of a pod share; on Docker, the container's own namespaces. */
export interface Pod extends SubjectBase, PodSettings {
  readonly about: "pod";
  readonly windows: boolean;
  readonly hostNetwork: Field<boolean>;
  readonly hostPid: Field<boolean>;
  readonly hostIpc: Field<boolean>;
  readonly sharedProcessNamespace: Field<boolean>;
  readonly automountedToken: Field<boolean>;
  /** The pod's own settings, as far as they stand there. */
  readonly nonRoot: Field<boolean>;
  readonly user: Field<string>;
  readonly seccompProfile: Field<string>;
  readonly appArmorProfile: Field<string>;
  /** Profiles that the annotations from before Kubernetes 1.30 name, for any container. */
  readonly appArmorAnnotations: Field<readonly string[]>;
  readonly seLinux: Field<SeLinuxOptions>;
  readonly hostProcess: Field<boolean>;
  readonly userNamespace: Field<boolean>;
  /** Whether the host's user namespace, or cgroup namespace, is shared (Docker). */
  readonly hostUserNamespace: Field<boolean>;
  readonly hostCgroupNamespace: Field<boolean>;
  /** Whether the container is on the default bridge, which every such container shares (Docker). */
  readonly defaultBridge: Field<boolean>;
  /** Interfaces that ports are published on; empty is all of them (Docker). */
  readonly publishedOn: Field<readonly string[]>;
  /** Host names that are added to /etc/hosts. */
  readonly hostAliases: Field<readonly string[]>;
  readonly serviceAccount: Field<string>;
  readonly nodeName: Field<string>;
  /** Keys of the taints that are tolerated; "*" tolerates all. */
  readonly tolerations: Field<readonly string[]>;
  readonly namespace: Field<string>;
  /** Names of the kernel parameters that are set. */
  readonly sysctls: Field<readonly string[]>;
  /** Containers whose namespace is joined (`container:x`): the other container's name. */
  readonly joinedNetwork: Field<string>;
  readonly joinedPid: Field<string>;
  readonly joinedIpc: Field<string>;
}

export interface SeLinuxOptions {
  /** Whether confinement is turned off altogether (Docker's `label=disable`). */
  readonly disabled?: boolean;
  readonly type?: string;
  readonly user?: string;
  readonly role?: string;
}

/** A volume of a pod, or a mount of a Docker container. */
export interface Volume extends SubjectBase, VolumeSettings {
  readonly about: "volume";
  readonly name: string;
  /** The path on the host that is mounted; unset for every other kind of volume. */
  readonly hostPath: Field<string>;
  /** The name of the volume's source, such as `configMap`; unset for an emptyDir that is left out. */
  readonly type: Field<string>;
  /** In bytes, of an emptyDir or a tmpfs; unset for every other kind of volume is a limit of its own. */
  readonly sizeLimit: Field<number>;
  /** Whether it is scratch space: an emptyDir or a tmpfs. */
  readonly scratch: boolean;
  /** Names of the volume driver's options that carry a credential (Docker). */
  readonly credentials: Field<readonly string[]>;
}

/** A cache is what a build takes layers from, a base what a stage of it begins with, a part what an index is put together of. */
export type ImageUse = "run" | "volume" | "pull" | "base" | "build" | "push" | "cache" | "part";

/** An image that something runs, mounts, pulls, builds, pushes or takes layers from. */
export interface Image extends SubjectBase {
  readonly about: "image";
  readonly use: ImageUse;
  /** The container that runs it. */
  readonly container?: string;
  /** The parsed, normalised name; unknown for an image id, which names no registry. */
  readonly registry: Field<ImageReference>;
  /** Always, IfNotPresent or Never (Kubernetes). */
  readonly pullPolicy: Field<string>;
  /** Names of the secrets that the pod gives to the registry. */
  readonly pullSecrets: Field<readonly string[]>;
  /** Tag and digest; an image id counts as a digest, since it is one of the content. */
  readonly version: Field<ImageVersion>;
}

export interface ImageVersion {
  readonly tag?: string;
  readonly digest?: string;
}

export interface Namespace extends SubjectBase {
  readonly about: "namespace";
  /** The values of the pod-security.kubernetes.io labels. */
  readonly enforce: Field<string>;
  readonly enforceVersion: Field<string>;
}

/** Settings of the machines that run pods: a kubelet's configuration, a node pool. */
export interface NodeConfiguration extends SubjectBase {
  readonly about: "node";
  readonly pidsLimit: Field<number>;
}

/** What only a service of a compose file says. */
export interface ComposeService extends SubjectBase {
  readonly about: "composeService";
  /** Limits that stand at the service and under deploy.resources.limits with distinct values, by the service's name for them. */
  readonly limitConflicts: Field<readonly string[]>;
  /** Lists of hooks (`post_start`) that hold one that runs privileged. */
  readonly privilegedHooks: Field<readonly string[]>;
}

export interface SubjectByAbout extends MemberByAbout {
  readonly container: Container;
  readonly pod: Pod;
  readonly volume: Volume;
  readonly image: Image;
  readonly namespace: Namespace;
  readonly network: Network;
  readonly node: NodeConfiguration;
  readonly service: Service;
  readonly ingress: Ingress;
  readonly ingressClass: IngressClass;
  readonly networkPolicy: NetworkPolicy;
  readonly peerAuthentication: PeerAuthentication;
  readonly cluster: Cluster;
  readonly job: Job;
  readonly cronJob: CronJob;
  readonly secret: Secret;
  readonly configMap: ConfigMap;
  readonly build: Build;
  readonly buildStep: BuildStep;
  readonly builtImage: BuiltImage;
  readonly connection: Connection;
  readonly plugin: Plugin;
  readonly chartValues: ChartValues;
  readonly imageRepository: ImageRepository;
  readonly exemption: Exemption;
  readonly evidenceStore: EvidenceStore;
  readonly flowStore: FlowStore;
  readonly composeService: ComposeService;
}
export type About = keyof SubjectByAbout;
export type Subject = SubjectByAbout[About];

/** A list that is not known: every rule about its members is undecided. */
export interface Hole {
  readonly about: readonly About[];
  readonly resource: Resource;
  readonly label: string;
  readonly path: Path;
  readonly reason?: string;
}

export interface NotExamined {
  readonly resource: Resource;
  readonly path: Path;
  readonly reason: string;
}

/** What a dialect reads from one document. */
export interface Model {
  readonly resource: Resource;
  readonly subjects: readonly Subject[];
  readonly holes: readonly Hole[];
  readonly notExamined: readonly NotExamined[];
  /** What the rules about the whole stack need of the document, and what of it they cannot see. */
  readonly members?: readonly Member[];
  readonly gaps?: readonly Gap[];
  /** Exemptions that stand in the document. */
  readonly exemptions?: readonly CodeExemption[];
  /** Whether the document holds containers, or may hold some. */
  readonly holdsContainers: boolean;
}
