import type { Field, Path, PlainObject } from "../field";
import type { Image, Resource } from "../model/subject";
import type { Labels, Selector } from "./selector";

/** What is kept of a document for the rules about the whole stack: a few settings, never the document. */
interface MemberBase {
  readonly resource: Resource;
  /** The beginning of a sentence: `Deployment "shop/api"`. */
  readonly label: string;
  readonly path: Path;
}

/** Something that a workload has, and others may have as well. */
export interface SharedUse {
  readonly name: string;
  /** Equal where it is the same thing, within a namespace or a daemon. */
  readonly key: string;
  readonly path: Path;
  /** Whether it is known to have it; else only perhaps. */
  readonly certain: boolean;
  /** Whether it is made outside of what was read. */
  readonly elsewhere?: boolean;
}
/** Storage that outlives a container, and that it may write to. */
export type StorageUse = SharedUse;
/** A user id, other than root's, that processes are given on the host. */
export type UserUse = SharedUse;

interface SharedUses {
  readonly storage: Field<readonly StorageUse[]>;
  readonly users: Field<readonly UserUse[]>;
}

/** An image that a workload runs, as far as evidence is looked up by it. */
export type RunImage = Pick<Image, "registry" | "version">;

interface Reachable {
  readonly images: Field<readonly RunImage[]>;
  /** How the containers are reached from outside by settings of their own, in words: `port 8080 of its host`. */
  readonly exposures: Field<readonly string[]>;
}

/** The pods of a workload, as selectors see them. */
export interface Workload extends MemberBase, SharedUses, Reachable {
  readonly about: "workload";
  readonly name: Field<string>;
  readonly namespace: Field<string>;
  /** The labels of the pods, not of the workload. */
  readonly labels: Field<Labels>;
  readonly serviceAccount: Field<string>;
  /** Whether they are on the network of their node, where no policy applies. */
  readonly hostNetwork: Field<boolean>;
  /** Ports that the containers declare; what they listen on may be others. */
  readonly ports: Field<readonly PodPort[]>;
}

export interface PodPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
}

/** A namespace, as far as the program makes it or puts something into it. */
export interface Tenancy extends MemberBase {
  readonly about: "tenancy";
  readonly name: Field<string>;
  readonly labels: Field<Labels>;
  /** The mesh that takes in every pod of the namespace (Istio, Linkerd); unset for none, unknown where the program does not make the namespace. */
  readonly mesh: Field<string>;
  /** Whether the program makes the namespace; otherwise the subject is the first workload that names it. */
  readonly declared: boolean;
}

export interface PolicyPort {
  /** Undefined is each port; a text is a port of the pod by name. */
  readonly port?: number | string;
  readonly endPort?: number;
  readonly protocol: string;
}

export interface AddressBlock {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** Whom a rule lets through: pods, by selectors, or addresses. */
export type PolicyPeer =
  | { readonly kind: "pods"; readonly path: Path; readonly namespaces: Field<Selector>; readonly pods: Field<Selector> }
  | { readonly kind: "addresses"; readonly path: Path; readonly block: Field<AddressBlock> };

export interface PolicyRule {
  readonly path: Path;
  /** An empty list is everybody. */
  readonly peers: Field<readonly PolicyPeer[]>;
  /** An empty list is every port. */
  readonly ports: Field<readonly PolicyPort[]>;
}

/** A NetworkPolicy as it is matched against the pods of the stack. */
export interface TrafficPolicy extends MemberBase {
  readonly about: "trafficPolicy";
  readonly namespace: Field<string>;
  readonly selector: Field<Selector>;
  readonly isolatesIngress: Field<boolean>;
  readonly isolatesEgress: Field<boolean>;
  readonly ingress: Field<readonly PolicyRule[]>;
  readonly egress: Field<readonly PolicyRule[]>;
}

/** A policy of the whole cluster (policy.networking.k8s.io), kept as it stands for whoever evaluates it. */
export interface ClusterPolicy extends MemberBase {
  readonly about: "clusterPolicy";
  readonly apiVersion: Field<string>;
  readonly kind: string;
  readonly name: string;
  /** Unknown where a value somewhere in it is. */
  readonly spec: Field<PlainObject>;
}

/** A Service of Kubernetes, as it is matched against the pods of the stack. */
export interface ClusterService extends MemberBase {
  readonly about: "clusterService";
  readonly name: Field<string>;
  readonly namespace: Field<string>;
  /** Unset where it selects no pods. */
  readonly selector: Field<Selector>;
  /** How the Service itself is reached from outside of the cluster, in words: `the NodePort Service "shop/web"`. */
  readonly exposures: Field<readonly string[]>;
}

/** A Service that traffic is sent on to. */
export interface RouteBackend {
  readonly service: Field<string>;
  /** Unset is the namespace of the route. */
  readonly namespace: Field<string>;
}

/** An Ingress, or a route of the Gateway API: what brings traffic from outside to Services. */
export interface TrafficRoute extends MemberBase {
  readonly about: "trafficRoute";
  readonly namespace: Field<string>;
  readonly backends: readonly RouteBackend[];
}

/** An object that counts by its presence in a namespace. */
export interface NamespacedObject extends MemberBase {
  readonly about: "namespacedObject";
  readonly kind: "ServiceAccount" | "LimitRange" | "ResourceQuota" | "PersistentVolumeClaim" | "AuthorizationPolicy";
  readonly name: Field<string>;
  readonly namespace: Field<string>;
}

/** A Docker container, or the containers of a service, as networks see them. */
export interface Attachment extends MemberBase, SharedUses, Reachable {
  readonly about: "attachment";
  /** What Docker calls the container; `*` is any text, where several may run, or the project has no name. Unset for those of a Swarm service. */
  readonly containerName: Field<string>;
  /** Names of the networks that it is attached to; none where it has another container's, the host's or no network. */
  readonly networks: Field<readonly string[]>;
  /** Whether a port is published on the host. */
  readonly published: Field<boolean>;
}

/** A Docker network that the program makes. */
export interface ContainerNetwork extends MemberBase {
  readonly about: "containerNetwork";
  readonly name: Field<string>;
  readonly internal: Field<boolean>;
  /** Whether the containers on it reach each other. */
  readonly communication: Field<boolean>;
  /** Whether it is a bridge that leads outside, and lets the containers on it reach each other. */
  readonly mingles: Field<boolean>;
}

/** A container of Docker, or the containers of a Swarm service, whose pids limit no setting of their own can say. */
export interface DockerContainer extends MemberBase {
  readonly about: "dockerContainer";
  /** Unset where another resource can set it, unsupported where none can. */
  readonly pidsLimit: Field<number>;
}

/** A resource that limits the processes of a Docker container of the stack. */
export interface PidsLimit extends MemberBase {
  readonly about: "pidsLimit";
  /** The URN of the container's resource. */
  readonly container: Field<string>;
  readonly containerName: Field<string>;
  readonly limit: Field<number>;
}

export interface MemberByAbout {
  readonly workload: Workload;
  readonly tenancy: Tenancy;
  readonly trafficPolicy: TrafficPolicy;
  readonly clusterPolicy: ClusterPolicy;
  readonly clusterService: ClusterService;
  readonly trafficRoute: TrafficRoute;
  readonly namespacedObject: NamespacedObject;
  readonly attachment: Attachment;
  readonly containerNetwork: ContainerNetwork;
  readonly dockerContainer: DockerContainer;
  readonly pidsLimit: PidsLimit;
}
export type Member = MemberByAbout[keyof MemberByAbout];
export const memberKinds: readonly (keyof MemberByAbout)[] = ["workload", "tenancy", "trafficPolicy", "clusterPolicy", "clusterService", "trafficRoute", "namespacedObject", "attachment", "containerNetwork", "dockerContainer", "pidsLimit"];

/** Something of the program that is not read: what is missing elsewhere may stand there. */
export interface Gap {
  /** Unset or unknown is any namespace. */
  readonly namespace: Field<string>;
  /** Whether it can only hold pods, as most custom resources do, or is a policy of the cluster, which not every question takes into account, or anything. */
  readonly holds: "pods" | "clusterPolicies" | "anything";
  readonly reason: string;
}
