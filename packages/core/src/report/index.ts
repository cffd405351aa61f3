export type { ReportBuilder, ReportError, ReportSource, SkippedInput } from "./create";
export { createReport } from "./create";
export type { JsonCoverage, JsonError, JsonExempted, JsonFinding, JsonLocation, JsonNotConfigured, JsonNotExamined, JsonReport, JsonSubject, JsonSummary, JsonUndecided } from "./json";
export { renderJson } from "./json";
export type { TextOptions } from "./text";
export { renderText } from "./text";
