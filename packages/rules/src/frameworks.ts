import type { AnyRule } from "@bulkhead/core";
import { cisDocker } from "./frameworks-cis-docker";
import { cisKubernetes, cisKubernetesNext } from "./frameworks-cis-kubernetes";
import { nist, nsaCisa, owaspDocker, owaspKubernetes, podSecurity } from "./frameworks-guides";

/** A standard whose controls rules may cite. Titles are the standard's own words. */
export interface Framework {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** Titles by control, in the standard's order. */
  readonly controls: { readonly [control: string]: string };
  /** Why a control has no rule, by the control or the section; the first that fits. */
  readonly reasons: readonly (readonly [prefix: string, reason: string])[];
  /** The version that rules cite, and the control there that each control here was. */
  readonly follows?: { readonly framework: string; readonly controls: { readonly [control: string]: string } };
}

export const frameworks: readonly Framework[] = [podSecurity, cisDocker, cisKubernetes, cisKubernetesNext, nsaCisa, nist, owaspDocker, owaspKubernetes];

/** A control and the rules that ask for what it asks for. */
export interface ControlCoverage {
  readonly control: string;
  readonly title: string;
  readonly rules: readonly string[];
  /** Why there is no rule, where that is known. */
  readonly reason?: string;
}

/** Every control of a framework, in its order. */
export function coverageOf(framework: Framework, rules: readonly AnyRule[]): readonly ControlCoverage[] {
  return Object.entries(framework.controls).map(([control, title]) => {
    const citing = rules.filter((rule) => controlsOf(rule, framework.id).includes(control)).map(({ id }) => id);
    const reason = citing.length === 0 ? framework.reasons.find(([prefix]) => control === prefix || control.startsWith(`${prefix}.`))?.[1] : undefined;
    return { control, title, rules: citing, ...(reason === undefined ? {} : { reason }) };
  });
}

/** The controls of a framework that a rule cites, or cites in the version before. */
export function controlsOf(rule: AnyRule, framework: string): readonly string[] {
  const follows = frameworks.find(({ id }) => id === framework)?.follows;
  const before = follows === undefined ? [] : [rule.frameworks[follows.framework] ?? []].flat();
  const following = Object.entries(follows?.controls ?? {}).filter(([, control]) => before.includes(control)).map(([control]) => control);
  return [...new Set([...[rule.frameworks[framework] ?? []].flat(), ...following])];
}

const aliases: { readonly [name: string]: string } = { "cis-k8s": "cis-kubernetes", "owasp-k8s": "owasp-kubernetes", "pod-security": "pss", "800-190": "nist" };

/** The frameworks that a name means: its id, the beginning of its id, or another name for it. Of several versions, the latest. */
export function findFrameworks(name: string): readonly Framework[] {
  const wanted = name.toLowerCase();
  const start = Object.hasOwn(aliases, wanted) ? (aliases[wanted] ?? wanted) : wanted;
  const exact = frameworks.filter(({ id }) => id === start);
  if (exact.length > 0 || start === "") return exact;
  const found = frameworks.filter(({ id }) => id.startsWith(start));
  const latest = new Map(found.map((framework) => [framework.id.replace(/-[\d.]+$/, ""), framework]));
  return [...latest.values()];
}
