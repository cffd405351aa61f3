import type { Instant } from "@bulkhead/core";

const form = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(Z|z|[+-]\d{2}:\d{2})$/;

/**
 * Milliseconds since 1970 of an RFC 3339 date with a time and a zone (fractions up to nanoseconds, cut to milliseconds), or
 * nothing for anything else: a date without a zone is no point in time, and Go's zero time (year 1) is no time at all.
 */
export function parseInstant(text: string): number | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "", fraction = "", zone = ""] = match;
  const milliseconds = fraction === "" ? 0 : Number(fraction.slice(1, 4).padEnd(3, "0"));
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), milliseconds);
  const back = new Date(at);
  // Date.UTC carries over: 31 February would be a day in March.
  if (back.getUTCMonth() !== Number(month) - 1 || back.getUTCDate() !== Number(day) || back.getUTCHours() !== Number(hour) || back.getUTCMinutes() !== Number(minute) || back.getUTCSeconds() !== Number(second)) return undefined;
  if (Number(year) < 1970) return undefined;
  if (zone === "Z" || zone === "z") return at;
  const [hours = 0, minutes = 0] = zone.slice(1).split(":").map(Number);
  if (hours > 23 || minutes > 59) return undefined;
  return at - (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** As the lockfile writes it: UTC, without a fraction where there is none. */
export function formatInstant(milliseconds: number): Instant {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}
