/** One way in which a container or a service of Docker may be less than hardened, each with a reason. */
export interface DockerWeakening {
  /** The argument, as a reader of the page writes it. */
  readonly argument: string;
  /** What it lets the container do. */
  readonly what: string;
  /** The rules that it leaves unsatisfied; it exempts from these and no others. */
  readonly rules: readonly string[];
}

/** The weakenings of the Docker components, in the order of the page. For capabilities it depends on which: `rulesAgainstCapabilities`. */
export const dockerWeakenings = {
  capabilities: { argument: "capabilities", what: "Gives back capabilities. NET_BIND_SERVICE alone exempts from nothing; others that Docker gives by itself from the first rule only.", rules: ["only-allowed-capabilities", "only-default-capabilities"] },
  writableRootFilesystem: { argument: "writableRootFilesystem", what: "Lets the root file system be written.", rules: ["read-only-root-filesystem"] },
  runAsRoot: { argument: "runAsRoot", what: "Runs as user 0 and group 0.", rules: ["no-root-user", "no-low-user-id", "no-root-group", "no-low-group-id"] },
  internet: { argument: "internet", what: "Gives a way out; only a container that publishes no port is exempted.", rules: ["internal-backend-network"] },
  leadingNetworks: { argument: "leadingNetworks", what: "Is on networks that lead outside; only a container that publishes no port is exempted.", rules: ["internal-backend-network"] },
  restartAlways: { argument: "restartAlways", what: "Starts it again whenever it ends, without an end.", rules: ["bounded-restarts"] },
  executableScratch: { argument: "scratch[].executable", what: "Lets programs be run from that scratch space.", rules: ["no-executable-scratch"] },
  publishEverywhere: { argument: "publish[] on all interfaces", what: "Answers on every interface of the host.", rules: ["bind-published-ports"] },
  publishLow: { argument: "publish[].hostPort below 1024", what: "Takes a port that clients trust to be the host's own.", rules: ["no-privileged-host-port"] },
} as const satisfies { readonly [name: string]: DockerWeakening };
