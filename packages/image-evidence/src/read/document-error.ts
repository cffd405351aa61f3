/** What does not fit in a document. `path` is of the JSON document (`Results[0].Vulnerabilities[3].Severity`), empty for all of it. */
export interface DocumentProblem {
  readonly file: string;
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** A document that cannot be read: nothing that it says is taken. */
export class DocumentError extends Error {
  readonly problem: DocumentProblem;

  constructor(problem: DocumentProblem) {
    super(`${problem.file}: ${problem.path === "" ? "" : `${problem.path}: `}expected ${problem.expected}, found ${problem.found}`);
    this.name = "DocumentError";
    this.problem = problem;
  }
}
