import type { AnyRule, ExamplePair, Fragment } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { exampleDocuments } from "../../rules/src/example-documents";
import { harden } from "../src/harden-stack/harden";
import { typeOf } from "./support";

type Mutable = { [key: string]: unknown };
const now = Date.UTC(2027, 0, 1);
const cases = 2000;

const pairsOf = (rule: AnyRule, platform: "kubernetes" | "docker"): readonly ExamplePair[] => [rule.examples[platform] ?? []].flat();
/** Every example of the whole catalogue, bad and good. */
const documents = (["kubernetes", "docker"] as const).flatMap((platform) => rules.filter((rule) => rule.inventory !== true).flatMap((rule) => pairsOf(rule, platform).flatMap((pair) => ([pair.bad, pair.good].flat() as readonly Fragment[]).flatMap((fragment) => exampleDocuments(rule, platform, pair, fragment).map(({ value, address }) => ({ type: address.type ?? typeOf(value as Mutable), inputs: value as Mutable }))))));

/** Puts something else in place of some of the values, and gives where they are. */
function scattered(value: unknown, random: (below: number) => number, make: () => unknown): unknown {
  if (random(12) === 0) return make();
  if (Array.isArray(value)) return value.map((member) => scattered(member, random, make));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, scattered(member, random, make)]));
}

function holds(value: unknown, wanted: ReadonlySet<unknown>, found = new Set<unknown>()): ReadonlySet<unknown> {
  if (wanted.has(value)) found.add(value);
  else if (Array.isArray(value) || (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)) for (const member of Object.values(value)) holds(member, wanted, found);
  return found;
}

test(`${cases} resources with values that are not known here and there: those are untouched, nothing throws, a second time changes nothing`, () => {
  const seed = Number(process.env["BULKHEAD_SEED"] ?? Date.now() % 2 ** 31);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
  const counts = { changed: 0, unknown: 0 };
  for (let index = 0; index < cases; index += 1) {
    const { type, inputs } = documents[random(documents.length)] as (typeof documents)[number];
    const later = new Set<unknown>();
    const make = (): unknown => {
      const value = [pulumi.output("hunter2"), pulumi.secret("hunter2"), Promise.resolve("hunter2")][random(3)];
      later.add(value);
      return value;
    };
    const given = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, key === "kind" || key === "apiVersion" ? value : scattered(value, random, make)]));
    const before = holds(given, later);
    const { inputs: fixed, entries } = harden(type, "web", given, { memory: "128Mi", cpu: "500m", storage: "1Gi" }, now);
    const note = `seed ${seed}, case ${index}, ${type}`;
    expect(holds(fixed ?? given, later), note).toEqual(before);
    expect(harden(type, "web", fixed ?? given, {}, now).inputs, note).toBeUndefined();
    expect(JSON.stringify(entries), note).not.toContain("hunter2");
    if (fixed !== undefined) counts.changed += 1;
    if (entries.some(({ outcome }) => outcome === "unknown")) counts.unknown += 1;
  }
  process.stderr.write(`hardenStack, ${cases} resources at random from ${documents.length} examples: seed ${seed}; ${counts.changed} changed, ${counts.unknown} with something not known\n`);
  expect(counts.changed).toBeGreaterThan(cases / 20);
  expect(counts.unknown).toBeGreaterThan(cases / 10);
});
