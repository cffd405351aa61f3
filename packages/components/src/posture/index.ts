export { inputsFor, merge, without } from "./compose";
export type { Hardening, HardeningId, Inputs } from "./hardenings";
export { defaultCpu, defaultPidsLimit, defaultScratchSize, defaultStorage, defaultUser, hardenings } from "./hardenings";
