import type { Container } from "@bulkhead/core";

/** Kinds whose pods run to their end: nobody sends them traffic, and their own deadline ends them. */
export const completing: readonly string[] = ["Job", "CronJob", "ScaledJob"];

export function runsOn({ resource }: Container): boolean {
  return !completing.includes(resource.kind);
}
