import { endOf } from "../arguments/date";
import { exemptionPrefix } from "../arguments/weakening";
import type { ReadStackExemption } from "./options";
import { isKnown, isUnset } from "./known";

/** Why a setting is left alone. */
export interface Found {
  readonly outcome: "exempted" | "unknown";
  readonly rules: readonly string[];
  readonly what: string;
  /** The exemption of the options, where it is one. */
  readonly option?: ReadStackExemption;
}

interface CodeExemption {
  readonly rule: string;
  /** Without them it is for every container. */
  readonly containers?: readonly string[];
  readonly outcome: Found["outcome"];
  readonly what: string;
}

/** The exemptions of one resource: those of its annotations or labels, and those of the options. */
export class Exemptions {
  readonly #code: readonly CodeExemption[];
  readonly #options: readonly ReadStackExemption[];
  /** What the options exempted, by rule. */
  readonly used = new Map<string, ReadStackExemption>();

  constructor(code: readonly CodeExemption[], options: readonly ReadStackExemption[]) {
    this.#code = code;
    this.#options = options;
  }

  /** The first that holds for one of the rules, in a container or (without one) in everything. */
  of(rules: readonly string[], container?: string): Found | undefined {
    if (rules.length === 0) return undefined;
    const code = this.#code.find((one) => rules.includes(one.rule) && (one.containers === undefined || (container !== undefined && one.containers.includes(container))));
    if (code !== undefined) return { outcome: code.outcome, rules: [code.rule], what: code.what };
    const option = this.#options.find((one) => (one.container === undefined || one.container === container) && (one.rules.includes("*") || one.rules.some((rule) => rules.includes(rule))));
    if (option === undefined) return undefined;
    const matched = rules.filter((rule) => option.rules.includes("*") || option.rules.includes(rule));
    for (const rule of matched) this.used.set(rule, option);
    return { outcome: "exempted", rules: matched, what: `exempted: ${option.reason}`, option };
  }

  /** Whether some container is exempted by its name, so that what the pod says for all of them has to be said one by one. */
  namesContainers(rules: readonly string[]): boolean {
    return this.#code.some(({ rule, containers }) => containers !== undefined && rules.includes(rule)) || this.#options.some((one) => one.container !== undefined && (one.rules.includes("*") || one.rules.some((rule) => rules.includes(rule))));
  }
}

/** Those among annotations (a map) or labels (a list of `{ label, value }`). One that is over, or that cannot be read, does not count. */
export function codeExemptions(place: unknown, now: number): readonly CodeExemption[] {
  const pairs = Array.isArray(place) ? place.map((entry: { readonly label?: unknown; readonly value?: unknown }) => [entry.label, entry.value] as const) : Object.entries((place ?? {}) as object);
  return pairs.flatMap(([name, value]): readonly CodeExemption[] => {
    if (typeof name !== "string" || !name.startsWith(exemptionPrefix) || isUnset(value)) return [];
    const rule = name.slice(exemptionPrefix.length);
    if (!isKnown(value)) return [{ rule, outcome: "unknown", what: "not known: whether it is exempted" }];
    const said = terms(String(value));
    return said === undefined || endOf(said.expires) <= now ? [] : [{ rule, outcome: "exempted", what: `exempted: ${said.reason}`, ...(said.containers === undefined ? {} : { containers: said.containers }) }];
  });
}

const keys = ["owner", "expires", "container", "reason"];

/** `owner=team-a; expires=2027-03-31; container=web; reason=free text`; the pack says what is wrong with one that cannot be read. */
function terms(text: string): { readonly reason: string; readonly expires: string; readonly containers?: readonly string[] } | undefined {
  const given = new Map<string, string>();
  let current = "";
  for (const part of text.split(";")) {
    const [, word = "", value = ""] = /^\s*([A-Za-z][\w-]*)\s*=(.*)$/s.exec(part) ?? [];
    const key = word.toLowerCase();
    if (keys.includes(key) && given.has(key)) return undefined;
    if (keys.includes(key)) given.set((current = key), value);
    else if (current === "reason") given.set(current, `${given.get(current) ?? ""};${part}`);
    else if (part.trim() !== "") return undefined;
  }
  const [owner, expires, reason] = ["owner", "expires", "reason"].map((key) => (given.get(key) ?? "").replace(/\s+/g, " ").trim());
  const containers = given.get("container")?.split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (owner === "" || reason === undefined || reason === "" || expires === undefined || expires === "" || containers?.length === 0) return undefined;
  return { reason, expires, ...(containers === undefined ? {} : { containers }) };
}
