import type { EvaluationContext } from "../context";
import type { Path } from "../field";
import { known, unknown, unset } from "../field";
import type { CodeExemption, Exemption } from "../model/exemption";
import type { Model, Platform } from "../model/subject";
import { platforms } from "../model/subject";
import type { AppliedExemption, Finding } from "../outcome";
import type { AnyRule } from "../rule";
import { judgesStack } from "../rule";
import type { RuleSettings } from "../settings";
import type { ConfiguredExemption } from "./configured";
import { isAboutExemptions } from "./configured";
import { configurationResource, createJudge } from "./judge";
import { concerns, includesContainer, isWithin } from "./match";

type Judged = Pick<Finding, "rule" | "resource" | "container" | "paths">;

/** The exemptions of one model, while its subjects are judged. */
export interface ModelExemptions {
  /** The exemption that covers a finding, which is a use of it. */
  readonly cover: (finding: Judged) => AppliedExemption | undefined;
  /** A rule did not come to a verdict: whether it is exempted in vain cannot be told. */
  readonly open: (rule: AnyRule) => void;
  /** The exemptions as subjects, once everything else was judged; in the inventory, those that were in vain. */
  readonly subjects: () => readonly Exemption[];
}

/** Every exemption of an evaluation, with what was covered so far. */
export interface Exemptions {
  readonly of: (model: Pick<Model, "resource" | "exemptions"> & Partial<Pick<Model, "notExamined">>) => ModelExemptions;
  /** From here on the rules about the whole stack judge, and no others. */
  readonly beginInventory: () => void;
  /** The exemptions of the configuration, which stands at `place`, as subjects, once every model was judged. */
  readonly configured: (place: Path) => readonly Exemption[];
}

interface Entry {
  readonly exemption: ConfiguredExemption;
  readonly applied: AppliedExemption | undefined;
  readonly used: Set<string>;
  readonly open: Set<string>;
  concerns: boolean;
}

export function createExemptions(settings: readonly RuleSettings[], context: EvaluationContext): Exemptions {
  const judge = createJudge(context);
  const idsOf = (inventory: boolean, platform?: Platform): ReadonlySet<string> => new Set(settings.filter(({ rule }) => judgesStack(rule, platform) === inventory).map(({ rule }) => rule.id));
  const onPlatform = new Map(platforms.map((platform) => [platform, { document: idsOf(false, platform), inventory: idsOf(true, platform) }]));
  const [ofDocument, ofInventory] = [idsOf(false), idsOf(true)];
  let inInventory = false;
  const entries = (context.exemptions?.configured ?? []).map((exemption): Entry => {
    const counts = judge.counts(judge.configured(exemption, []), "configuration");
    return { exemption, applied: counts ? applied("configuration", exemption) : undefined, used: new Set(), open: new Set(), concerns: false };
  });

  const of: Exemptions["of"] = ({ resource, exemptions = [], notExamined = [] }) => {
    const mine = entries.filter((entry) => concerns(entry.exemption, resource));
    const isPassedOver = notExamined.some(({ path }) => path.length === 0);
    for (const entry of mine) {
      entry.concerns = true;
      // No rule has judged what it is for.
      if (isPassedOver) for (const rule of entry.exemption.rules) entry.open.add(rule);
    }
    if (mine.length === 0 && exemptions.length === 0) return noExemptions;
    const codes = exemptions.map((exemption) => ({ exemption, facts: judge.code(exemption) }));
    const used = new Set<CodeExemption>();
    const open = new Set<string>();
    return {
      cover: (finding) => {
        const { rule, container, paths } = finding;
        if (isAboutExemptions(rule)) return undefined;
        for (const { exemption, facts } of codes) {
          const { terms } = exemption;
          if (exemption.rule !== rule.id || terms === undefined || !judge.counts(facts, "code")) continue;
          if (!includesContainer(terms.containers, container) || !isWithin(exemption, paths)) continue;
          used.add(exemption);
          return applied("code", terms);
        }
        for (const entry of mine) {
          if (entry.applied === undefined || !names(entry.exemption, rule.id) || !includesContainer(entry.exemption.scope.container, container)) continue;
          entry.used.add(rule.id);
          return entry.applied;
        }
        return undefined;
      },
      open: (rule) => {
        open.add(rule.id);
        for (const entry of mine) entry.open.add(rule.id);
      },
      subjects: () => codes.flatMap(({ exemption, facts }): readonly Exemption[] => {
        const { resource: on, path, rule } = exemption;
        const running = onPlatform.get(on.platform)?.[inInventory ? "inventory" : "document"];
        const isUnused = exemption.isInherited !== true && judge.counts(facts, "code") && running?.has(rule) === true && !open.has(rule) && !used.has(exemption);
        if (inInventory && !isUnused) return [];
        const unused = facts.problem.state === "unknown" ? unknown<never>(path) : isUnused ? known([rule], path) : unset<never>(path);
        return [{ about: "exemption", source: "code", concerns: known(true, path), resource: on, label: `the exemption from ${rule} on ${exemption.label}`, path, ...facts, unused }];
      }),
    };
  };

  const configured: Exemptions["configured"] = (place) => entries.map(({ exemption, applied: counts, used, open, concerns: any }) => {
    const path: Path = [...place, "exemptions", exemption.index];
    const idle = exemption.rules.filter((id) => (ofDocument.has(id) || (inInventory && ofInventory.has(id))) && !used.has(id) && !open.has(id));
    const isIdle = exemption.rules.includes("*") ? used.size === 0 && open.size === 0 : idle.length > 0;
    const unused = counts !== undefined && isIdle ? known(exemption.rules.includes("*") ? ["*"] : idle, path) : unset<never>(path);
    return { about: "exemption", source: "configuration", concerns: known(any, path), resource: configurationResource, label: `exemption ${exemption.index + 1} of the configuration, from ${exemption.rules.join(", ")},`, path, ...judge.configured(exemption, path), unused };
  });
  return { of, beginInventory: () => void (inInventory = true), configured };
}

export const noExemptions: ModelExemptions = { cover: () => undefined, open: () => undefined, subjects: () => [] };

function names({ rules }: ConfiguredExemption, id: string): boolean {
  return rules.includes(id) || rules.includes("*");
}

function applied(source: AppliedExemption["source"], { reason, owner, expires }: Omit<AppliedExemption, "source">): AppliedExemption {
  return { source, reason, owner, expires };
}
