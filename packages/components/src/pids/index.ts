export type { PidsLimitArgs } from "./pids-limit";
export { PidsLimit } from "./pids-limit";
export { servePidsLimits } from "./plugin";
