import { addsBeyond, capabilityRules } from "./capabilities";

/** A rule that a weakening leaves unsatisfied; with a condition, only where it holds. */
export interface WeakenedRule {
  readonly rule: string;
  /** Only where a capability is added that is none of these. */
  readonly unlessOnly?: readonly string[];
  /** Only for a port of the host below this one. */
  readonly below?: number;
  /** Only without a user namespace: from Kubernetes 1.35 on, root in one counts as nobody. Before, such a pod is refused, and found. */
  readonly inHostUsers?: true;
}

/** One way in which a workload may be less than hardened, each with a reason. */
export interface KubernetesWeakening {
  readonly argument: "capabilities" | "writableRootFilesystem" | "runAsRoot" | "hostPort" | "apiToken";
  /** For the reader of a page: what it lets the container do. */
  readonly what: string;
  readonly rules: readonly WeakenedRule[];
  /** Whether a namespace that enforces `restricted` admits it; always, but for what stands here. */
  readonly refusedByRestricted: boolean;
}

/** The weakenings of a Kubernetes workload, in the order of the page; each exempts from its rules and no others. */
export const kubernetesWeakenings: readonly KubernetesWeakening[] = [
  { argument: "capabilities", what: "Adds capabilities to the main container. Restricted namespaces admit NET_BIND_SERVICE only.", rules: capabilityRules, refusedByRestricted: true },
  { argument: "writableRootFilesystem", what: "Lets the main container write to its root file system.", rules: [{ rule: "read-only-root-filesystem" }], refusedByRestricted: false },
  { argument: "runAsRoot", what: "Runs the main container as user 0. The group stays as it is.", rules: [{ rule: "run-as-non-root", inHostUsers: true }, { rule: "no-root-user", inHostUsers: true }, { rule: "no-low-user-id" }], refusedByRestricted: true },
  { argument: "hostPort", what: "Takes a port of the node.", rules: [{ rule: "no-host-port" }, { rule: "no-privileged-host-port", below: 1024 }], refusedByRestricted: true },
  { argument: "apiToken", what: "Mounts a credential for the API server.", rules: [{ rule: "no-service-account-token" }], refusedByRestricted: false },
];

/** What decides about the rules that have a condition. */
export interface WeakenedWorkload {
  readonly add?: readonly string[];
  readonly hostPort?: number;
  readonly userNamespace?: boolean;
}

/** The rules that a weakening leaves unsatisfied. */
export function rulesOfWeakening(argument: KubernetesWeakening["argument"], { add = [], hostPort = 0, userNamespace = false }: WeakenedWorkload): readonly string[] {
  const found = kubernetesWeakenings.find((weakening) => weakening.argument === argument)?.rules ?? [];
  const applies = ({ unlessOnly, below, inHostUsers }: WeakenedRule): boolean => (unlessOnly === undefined || addsBeyond(unlessOnly, add)) && (below === undefined || hostPort < below) && !(inHostUsers === true && userNamespace);
  return found.filter(applies).map(({ rule }) => rule);
}
