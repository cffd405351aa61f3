import type { EvaluationContext } from "../context";
import type { Path } from "../field";
import type { CodeExemption } from "../model/exemption";
import type { Hole, Model, Resource, Subject } from "../model/subject";
import type { Outcome } from "../outcome";
import type { Inventory } from "./inventory";
import { createInventory } from "./inventory";
import type { Gap, Member } from "./members";
import { memberKinds } from "./members";

/** What is kept of a model until the whole stack is read. */
export interface InventoryPart {
  readonly resource: Resource;
  readonly members: readonly Member[];
  readonly gaps: readonly Gap[];
  readonly holes: readonly Hole[];
  readonly exemptions?: readonly CodeExemption[];
}

/** The part of a model that the rules about the whole stack need, or undefined where it has none. */
export function inventoryPart({ resource, members = [], gaps = [], holes, exemptions = [] }: Model): InventoryPart | undefined {
  const kept = holes.filter(({ about }) => about.some((kind) => memberKinds.some((member) => member === kind)));
  return members.length + gaps.length + kept.length + exemptions.length === 0 ? undefined : { resource, members, gaps, holes: kept, exemptions };
}

/** The settings at which a verdict about a part can stand. */
export function partPaths({ members, holes, exemptions = [] }: InventoryPart): readonly Path[] {
  return [...members.flatMap(settingsOf), ...holes.map(({ path }) => path), ...exemptions.map(({ path }) => path)];
}

function settingsOf(member: Member): readonly Path[] {
  const fields: Path[] = [];
  for (const value of Object.values(member) as readonly unknown[]) if (typeof value === "object" && value !== null && "state" in value && "path" in value) fields.push(value.path as Path);
  if (member.about === "workload" || member.about === "attachment") return [...fields, ...[member.storage, member.users].flatMap((field) => (field.state === "value" ? field.value.map(({ path }) => path) : []))];
  if (member.about !== "trafficPolicy") return fields;
  const rules = [member.ingress, member.egress].flatMap((field) => (field.state === "value" ? field.value : []));
  return [...fields, ...rules.flatMap(({ path, peers, ports }) => [path, peers.path, ...(peers.state === "value" ? peers.value.map((peer) => peer.path) : []), ...(ports.state === "value" ? ports.value.map((_, index) => [...ports.path, index]) : [])])];
}

type Judge = (part: InventoryPart, subjects: readonly Subject[], inventory: Inventory) => Outcome;

/** The outcome of each part about which there is something to say. */
export function judgeParts<P extends InventoryPart>(parts: readonly P[], context: EvaluationContext, incomplete: string | undefined, judge: Judge): readonly { readonly part: P; readonly outcome: Outcome }[] {
  const inventory = createInventory(eachMember(parts), eachGap(parts), context, incomplete);
  const tenancies = new Map<Member, Subject[]>();
  for (const { tenancy, member } of inventory.tenancies()) {
    const list = tenancies.get(member);
    if (list === undefined) tenancies.set(member, [tenancy]);
    else list.push(tenancy);
  }
  return parts.flatMap((part) => {
    const subjects = part.members.flatMap((member): readonly Subject[] => [...(member.about === "tenancy" ? [] : [member]), ...(tenancies.get(member) ?? [])]);
    const outcome = judge(part, subjects, inventory);
    const silent = outcome.findings.length + outcome.exempted.length + outcome.undecided.length + outcome.notExamined.length + outcome.errors.length === 0;
    return silent ? [] : [{ part, outcome }];
  });
}

function* eachMember(parts: readonly InventoryPart[]): Generator<Member> {
  for (const { members } of parts) yield* members;
}

function* eachGap(parts: readonly InventoryPart[]): Generator<Gap> {
  for (const { gaps } of parts) yield* gaps;
}
