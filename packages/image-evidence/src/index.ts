export { formatInstant, parseInstant } from "./instant";
export type { DocumentProblem } from "./read/document-error";
export { DocumentError } from "./read/document-error";
export type { DocumentLimits } from "./read/json";
export { defaultLimits, parseJson, splitLines } from "./read/json";
export type { Statement, StatementProof, StatementSubject, VerifiedStatement } from "./statement";
export { isVerifiedStatement, parseStatement, statementPayloadType, subjectDigests, verifiedStatement } from "./statement";
