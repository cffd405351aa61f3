/** Plain data of a resource's inputs. */
export type Inputs = { readonly [key: string]: unknown };

/** What can be given up, with a reason, and what never can. */
export type HardeningId =
  | "non-root-user" | "drop-all-capabilities" | "no-new-privileges" | "seccomp" | "read-only-root" | "private-namespaces" | "memory-limit" | "cpu-limit"
  | "pids-limit" | "storage-limit" | "no-service-account-token" | "no-service-links" | "init-process" | "bounded-restarts" | "bounded-log" | "ulimits" | "private-network";

/** One default of the components: what it sets on each platform, and the rules that it satisfies. */
export interface Hardening {
  readonly id: HardeningId;
  /** For the reader of a page: what it keeps from happening. */
  readonly what: string;
  /** Merged into the inputs of a `docker.Container`. */
  readonly docker?: Inputs;
  /** Merged into a pod's spec. */
  readonly pod?: Inputs;
  /** Merged into every container of a pod. */
  readonly container?: Inputs;
  /** The rules that judge it, by platform: without this hardening they are what is found. */
  readonly rules: { readonly docker: readonly string[]; readonly kubernetes: readonly string[] };
  /** Set by the component from its arguments, and therefore without data here. */
  readonly from?: "arguments";
}

/** The user and group that a container runs as: above every account of a host, and of no image. */
export const defaultUser = 10_001;
export const defaultCpu = "500m";
/** Processes and threads in a container. */
export const defaultPidsLimit = 128;
export const defaultScratchSize = "64Mi";
/** Logs, layers and scratch files of a container on Kubernetes. */
export const defaultStorage = "1Gi";

/** What hardened means, as data. In the order of the page. */
export const hardenings: readonly Hardening[] = [
  {
    id: "non-root-user",
    what: "Runs as a numeric user that is not root, whatever the image says.",
    docker: { user: `${defaultUser}:${defaultUser}` },
    pod: { securityContext: { runAsNonRoot: true, runAsUser: defaultUser, runAsGroup: defaultUser, fsGroup: defaultUser } },
    rules: { docker: ["run-as-non-root"], kubernetes: ["run-as-non-root"] },
  },
  {
    id: "drop-all-capabilities",
    what: "Has no capability, not even those that root has in an ordinary container.",
    docker: { capabilities: { drops: ["ALL"] } },
    container: { securityContext: { capabilities: { drop: ["ALL"] } } },
    rules: { docker: ["drop-all-capabilities"], kubernetes: ["drop-all-capabilities"] },
  },
  {
    id: "no-new-privileges",
    what: "Setuid programs and file capabilities gain nothing.",
    docker: { securityOpts: ["no-new-privileges:true"] },
    container: { securityContext: { allowPrivilegeEscalation: false } },
    rules: { docker: ["no-privilege-escalation"], kubernetes: ["no-privilege-escalation"] },
  },
  {
    id: "seccomp",
    what: "The runtime's seccomp profile refuses the system calls that no ordinary program makes. Docker applies it by itself.",
    pod: { securityContext: { seccompProfile: { type: "RuntimeDefault" } } },
    rules: { docker: [], kubernetes: ["require-seccomp-profile"] },
  },
  {
    id: "read-only-root",
    what: "The root file system cannot be written; scratch space is named and has a size.",
    docker: { readOnly: true },
    container: { securityContext: { readOnlyRootFilesystem: true } },
    rules: { docker: ["read-only-root-filesystem"], kubernetes: ["read-only-root-filesystem"] },
  },
  {
    id: "private-namespaces",
    what: "Shares no namespace with the host or with another container.",
    docker: { ipcMode: "private", cgroupnsMode: "private" },
    pod: { hostNetwork: false, hostPID: false, hostIPC: false, shareProcessNamespace: false },
    rules: { docker: [], kubernetes: [] },
  },
  { id: "memory-limit", what: "Memory is limited, and swap with it.", from: "arguments", rules: { docker: ["require-memory-limit"], kubernetes: ["require-memory-limit"] } },
  { id: "cpu-limit", what: "CPU time is limited.", from: "arguments", rules: { docker: ["require-cpu-limit"], kubernetes: ["require-cpu-limit"] } },
  { id: "pids-limit", what: "The kernel refuses a process above the limit. On Kubernetes the kubelet sets it (`podPidsLimit`).", from: "arguments", rules: { docker: ["require-pids-limit"], kubernetes: [] } },
  { id: "storage-limit", what: "What a container writes on the node's disk is limited.", from: "arguments", rules: { docker: [], kubernetes: ["require-storage-limit"] } },
  {
    id: "no-service-account-token",
    what: "No credential for the API server is mounted.",
    pod: { automountServiceAccountToken: false },
    rules: { docker: [], kubernetes: ["no-service-account-token"] },
  },
  { id: "no-service-links", what: "The addresses of the namespace's other services are not put into the environment.", pod: { enableServiceLinks: false }, rules: { docker: [], kubernetes: [] } },
  { id: "init-process", what: "An init process reaps children and passes signals on.", docker: { init: true }, rules: { docker: ["require-init-process"], kubernetes: [] } },
  { id: "bounded-restarts", what: "A container that fails for good is not started again without an end.", docker: { restart: "on-failure", maxRetryCount: 5 }, rules: { docker: [], kubernetes: [] } },
  { id: "bounded-log", what: "The log is kept, and has a maximum.", docker: { logDriver: "json-file", logOpts: { "max-size": "10m", "max-file": "3" } }, rules: { docker: ["require-log-driver"], kubernetes: [] } },
  {
    id: "ulimits",
    what: "Open files are limited, and the processes of the user id on the host (which is no limit for the container: the pids limit is).",
    docker: { ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 4096, hard: 4096 }] },
    rules: { docker: ["require-open-files-limit", "require-user-process-limit"], kubernetes: [] },
  },
  { id: "private-network", what: "Has no network but those of its links; published ports have one of their own, without a way out.", from: "arguments", docker: { networkMode: "none" }, rules: { docker: ["no-default-bridge"], kubernetes: [] } },
];
