import type { Evaluator, InventoryPart, Model, Path, ReportBuilder, Source } from "@bulkhead/core";
import { compare, inventoryPart, partPaths } from "@bulkhead/core";

/** What is kept of all files for the rules that judge them together. */
export interface Stack {
  readonly add: (source: Source, model: Model) => void;
  /** A file or a folder that was skipped, or could not be read: what is missing may stand there. */
  readonly unread: (file: string, why: "skipped" | "failed") => void;
  /** Whether a rule has to ask of what was read who may talk to whom. */
  readonly asksNetwork: (evaluator: Evaluator) => boolean;
  readonly judge: (evaluator: Evaluator, report: ReportBuilder) => void;
}

interface Part extends InventoryPart {
  readonly source: Source;
}

export function createStack(closedWorld: boolean): Stack {
  const parts: Part[] = [];
  let incomplete: string | undefined;
  return {
    add: (source, model) => {
      const part = inventoryPart(model);
      if (part !== undefined) parts.push({ ...part, source: located(source, part) });
    },
    unread: (file, why) => {
      // Who says that this is all there is has seen what is skipped.
      if (why === "failed" || !closedWorld) incomplete ??= `depends on everything that is given, of which ${file} was not read`;
    },
    asksNetwork: (evaluator) => evaluator.asksNetwork(parts),
    judge: (evaluator, report) => {
      for (const { part, outcome } of evaluator.evaluateInventory(parts.sort(inOrder), incomplete)) report.judged(part.source, outcome);
    },
  };
}

/** The order in which files are given decides nothing. */
function inOrder({ source: a }: Part, { source: b }: Part): number {
  return compare(a.file ?? "", b.file ?? "") || compare(a.document ?? 0, b.document ?? 0);
}

/** The lines of the few settings at which a verdict can stand, since the text is forgotten. */
function located({ locate, ...source }: Source, part: InventoryPart): Source {
  const { basePath = [] } = source;
  const paths = partPaths(part).map((path) => (basePath.length === 0 ? path : [...basePath, ...path]));
  const positions = paths.map((path) => locate?.(path));
  return { ...source, locate: (path) => positions[paths.findIndex((known) => isSame(known, path))] };
}

function isSame(a: Path, b: Path): boolean {
  return a === b || (a.length === b.length && a.every((key, index) => key === b[index]));
}
