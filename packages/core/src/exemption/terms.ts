import { didYouMean } from "../settings";

/** What an exemption must say, and the containers that it is meant for. */
export interface ExemptionTerms {
  readonly reason: string;
  readonly owner: string;
  /** The last day that it holds, in UTC: `2027-03-31`; or `never`, which any `maxExemptionDays` refuses. */
  readonly expires: string;
  /** Names of containers; without them, everything that the exemption stands on. */
  readonly containers?: readonly string[];
}

/** Terms, or the rest of the sentence "the exemption must ...". */
export type ReadTerms = { readonly terms: ExemptionTerms } | { readonly problem: string };

export const exampleDate = "2027-03-31";
const keys = ["owner", "expires", "container", "reason"];
const day = 86_400_000;

/**
 * `owner=team-a; expires=2027-03-31; container=web,sidecar; reason=free text`, in any order. The reason may hold `;`,
 * unless what follows it reads as another key: what was meant to narrow must not end as prose.
 */
export function readTerms(text: string): ReadTerms {
  const given = new Map<string, string>();
  const problems: string[] = [];
  let current = "";
  for (const part of text.split(";")) {
    const [, word = "", value = ""] = /^\s*([A-Za-z][\w-]*)\s*=(.*)$/s.exec(part) ?? [];
    const key = word.toLowerCase();
    const near = key === "" ? undefined : didYouMean(key, keys);
    if (current === "reason" && near === undefined) given.set(current, `${given.get(current) ?? ""};${part}`);
    else if (key === "" && part.trim() !== "") problems.push("be written as `key=value; key=value`");
    else if (key !== "" && !keys.includes(key)) problems.push(`not have the unknown key ${JSON.stringify(key)}${near === undefined ? "" : ` (did you mean ${near}?)`}`);
    else if (given.has(key)) problems.push(`not say ${key} twice`);
    else if (key !== "") given.set(key, value);
    if (key !== "" && (current !== "reason" || near !== undefined)) current = key;
  }
  const said = (key: string): string => oneLine(given.get(key) ?? "");
  const containers = listOf(given.get("container"));
  if (said("reason") === "") problems.push("give a reason");
  if (said("owner") === "") problems.push("name an owner");
  if (said("expires") === "") problems.push("say when it expires");
  else if (endOf(said("expires")) === undefined) problems.push(`expire at a date such as ${exampleDate}`);
  if (containers?.length === 0) problems.push("name a container under container");
  if (problems.length > 0) return { problem: problems.join(", and ") };
  return { terms: { reason: said("reason"), owner: said("owner"), expires: said("expires"), ...(containers === undefined ? {} : { containers }) } };
}

/** The inverse of `readTerms`. @throws Error for terms that it would not read as they are given. */
export function writeTerms({ reason, owner, expires, containers }: ExemptionTerms): string {
  const only = containers === undefined ? "" : `; container=${containers.join(",")}`;
  const text = `owner=${owner}; expires=${expires}${only}; reason=${oneLine(reason)}`;
  const read = readTerms(text);
  if ("problem" in read) throw new Error(`the exemption must ${read.problem}`);
  const { terms } = read;
  if (terms.owner !== owner || terms.reason !== oneLine(reason) || terms.containers?.join("\n") !== containers?.join("\n")) throw new Error("an owner and a container must hold no `;`, no `,` and no space at an end");
  return text;
}

/** What a weakened component says where no date was given: it is code that somebody reads with each change. A configuration has to name a date. */
export const never = "never";

/** The moment after a date's last one, in UTC; undefined for what is no date of the calendar. */
export function endOf(date: string): number | undefined {
  if (date === never) return Number.POSITIVE_INFINITY;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const start = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== date ? undefined : start + day;
}

/** Days from `now` to the end of a date; 0 or less where it is over. */
export function daysLeft(date: string, now: number): number {
  return ((endOf(date) ?? now) - now) / day;
}

/** Line breaks and control characters would let a reason write over the report. */
export function oneLine(text: string): string {
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text?.split(",").map(oneLine).filter((name) => name !== "");
}
