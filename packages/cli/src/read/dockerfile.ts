import { basename } from "node:path";
import { dockerfileDocument, dockerfileType } from "@bulkhead/core";
import { hasIgnoreFile } from "./build-files";
import type { SourceFile } from "./read";

/** Names that Dockerfiles have: `Dockerfile`, `Dockerfile.prod`, `api.Dockerfile`, `Containerfile`; templates of one are none. */
export function isDockerfileName(file: string): boolean {
  const name = basename(file);
  return /^(Dockerfile|Containerfile)([._-].*)?$|\.(Dockerfile|Containerfile)$/i.test(name) && !/\.(dockerignore|containerignore|ya?ml|json|md|txt|tsx?|jsx?|mjs|cjs|py|rb|sh|go|rs|j2|jinja2?|tmpl|tpl|template|erb|in|bak|orig|rej|swp|patch|diff)$/i.test(name);
}

/** Whether a text that the user names begins as a Dockerfile does: comments and ARGs, then a FROM. */
export function isDockerfileText(file: string, text: string): boolean {
  if (/\.(ya?ml|json)$/i.test(file)) return false;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? text.length : Math.min(end, start + 1000)).trim();
    if (/^FROM\s+\S/i.test(line)) return true;
    if (line !== "" && !line.startsWith("#") && !/^ARG\s+\S/i.test(line)) return false;
    start = end < 0 ? text.length : end + 1;
  }
  return false;
}

/** One document; an instruction has its place where it begins. */
export function readDockerfile(file: string, text: string): SourceFile {
  const base = { file, skipped: [], errors: [], documents: [], read: true, text, locate: () => undefined };
  const result = dockerfileDocument(text);
  if ("error" in result) {
    const { line, reason } = result.error;
    return { ...base, errors: [{ file, line, column: 1, expected: "a Dockerfile", found: reason }] };
  }
  const { document, lines, columns, places } = result;
  const ignores = file === "-" ? {} : { ignores: hasIgnoreFile(file) };
  return {
    ...base,
    documents: [{ value: { ...document, ...ignores }, address: { type: dockerfileType, name: file }, document: 0, basePath: [] }],
    locate: (_, [key, index]) => {
      if (key === "instructions" && typeof index === "number") return { line: lines[index] ?? 1, column: columns[index] ?? 1 };
      return { line: places.get(typeof index === "string" ? `${key}/${index}` : String(key)) ?? 1, column: 1 };
    },
  };
}
