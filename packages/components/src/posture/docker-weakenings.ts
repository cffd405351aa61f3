/** The rules that each weakening of a Docker component leaves unsatisfied; it exempts from these and no others. */
export const dockerWeakenings = {
  writableRootFilesystem: ["read-only-root-filesystem"],
  runAsRoot: ["no-root-user", "no-low-user-id", "no-root-group", "no-low-group-id"],
  internet: ["internal-backend-network"],
  restartAlways: ["bounded-restarts"],
  executableScratch: ["no-executable-scratch"],
  publishEverywhere: ["bind-published-ports"],
  publishLow: ["no-privileged-host-port"],
} as const;
