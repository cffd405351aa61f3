/** For those who write rules: the cases that a rule's own examples make, for any test runner. */
export type { Case, ReadModels } from "./harness";
export { casesOf } from "./harness";
export { dockerfileOf, goodCompose, goodContainer, goodDocker, goodPod } from "../example-documents";
