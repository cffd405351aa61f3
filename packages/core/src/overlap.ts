import type { Path } from "./field";
import type { Finding, Outcome } from "./outcome";

/** Where two rules speak of the same setting of the same subject, keeps the more specific one and lists the other under it. */
export function collapse(outcome: Outcome): Outcome {
  if (outcome.findings.length < 2) return outcome;
  const above = new Map<Finding, Finding>();
  for (const general of outcome.findings) {
    const specific = outcome.findings.find((other) => other !== general && covers(other, general));
    if (specific !== undefined) above.set(general, specific);
  }
  if (above.size === 0) return outcome;
  const top = (finding: Finding): Finding => {
    const next = above.get(finding);
    return next === undefined ? finding : top(next);
  };
  const findings = outcome.findings
    .filter((finding) => !above.has(finding))
    .map((finding) => ({ ...finding, also: [...above.keys()].filter((general) => top(general) === finding).map((general) => general.rule) }));
  return { ...outcome, findings };
}

function covers(specific: Finding, general: Finding): boolean {
  if (specific.rule.overlaps?.includes(general.rule.id) !== true) return false;
  if (specific.resource !== general.resource || specific.container !== general.container) return false;
  return general.paths.some((path) => specific.paths.some((other) => within(path, other) || within(other, path)));
}

/** A setting is also part of what it stands in: a host path of its volume's source. */
function within(path: Path, whole: Path): boolean {
  return whole.length > 0 && whole.length <= path.length && whole.every((key, index) => path[index] === key);
}
