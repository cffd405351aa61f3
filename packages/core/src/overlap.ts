import type { Path } from "./field";
import type { Finding, Outcome } from "./outcome";
import type { AnyRule } from "./rule";

/** Where two rules speak of the same setting of the same subject, keeps the more specific one and lists the other under it. */
export function collapse(outcome: Outcome): Outcome {
  if (outcome.findings.length < 2) return outcome;
  const specifics = bySubject(outcome.findings);
  const above = new Map<Finding, Finding>();
  for (const general of outcome.findings) {
    const specific = specifics.get(general.rule.id)?.get(general.container)?.find((other) => other !== general && covers(other, general));
    if (specific !== undefined) above.set(general, specific);
  }
  if (above.size === 0) return outcome;
  const also = new Map<Finding, AnyRule[]>();
  for (const general of above.keys()) {
    let top = general;
    for (let next = above.get(top); next !== undefined; next = above.get(top)) top = next;
    const rules = also.get(top);
    if (rules === undefined) also.set(top, [general.rule]);
    else rules.push(general.rule);
  }
  return { ...outcome, findings: outcome.findings.filter((finding) => !above.has(finding)).map((finding) => ({ ...finding, also: also.get(finding) ?? [] })) };
}

type BySubject = ReadonlyMap<string, ReadonlyMap<string | undefined, readonly Finding[]>>;

/** The findings that may cover one of a rule, for each rule and each container: a document may have thousands. */
function bySubject(findings: readonly Finding[]): BySubject {
  const found = new Map<string, Map<string | undefined, Finding[]>>();
  for (const finding of findings) {
    for (const id of finding.rule.overlaps ?? []) {
      const ofRule = found.get(id) ?? new Map<string | undefined, Finding[]>();
      found.set(id, ofRule);
      const list = ofRule.get(finding.container);
      if (list === undefined) ofRule.set(finding.container, [finding]);
      else list.push(finding);
    }
  }
  return found;
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
