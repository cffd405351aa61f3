export { ArgumentError } from "./arguments/argument-error";
export type { Exemption, Weakening } from "./arguments/weakening";
export type { PidsLimitArgs } from "./pids";
export { PidsLimit } from "./pids";
