export { ArgumentError } from "./arguments/argument-error";
export type { Exemption, Weakening } from "./arguments/weakening";
