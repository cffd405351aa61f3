import { describe, expect, test } from "vitest";
import { formatInstant, parseInstant } from "./instant.ts";

describe("instants", () => {
  test.each([
    ["2024-01-15T08:58:29.82753744Z", Date.UTC(2024, 0, 15, 8, 58, 29, 827)],
    ["2024-01-15T10:58:29+02:00", Date.UTC(2024, 0, 15, 8, 58, 29)],
    ["2024-01-14T23:28:29-09:30", Date.UTC(2024, 0, 15, 8, 58, 29)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ])("%s is read", (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  test.each(["", "2024-01-15", "2024-01-15T08:58:29", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "0001-01-01T00:00:00Z", "1705309109", "2024-01-15T08:58:29+25:00", " 2024-01-15T08:58:29Z"])("%j is no point in time", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test("is written in UTC", () => {
    expect(formatInstant(Date.UTC(2024, 0, 15, 8, 58, 29))).toBe("2024-01-15T08:58:29Z");
    expect(formatInstant(Date.UTC(2024, 0, 15, 8, 58, 29, 7))).toBe("2024-01-15T08:58:29.007Z");
  });
});
