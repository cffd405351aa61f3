export type { StackChange, StackOutcome } from "./draft";
export type { StackReport } from "./harden-stack";
export { hardenStack } from "./harden-stack";
export type { HardenStackOptions, StackExemptionArgs } from "./options";
