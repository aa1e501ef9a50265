import { afterEach, expect, test, vi } from "vitest";
import { clockIn, dayOrTime, shortTime } from "./format";

afterEach(() => vi.unstubAllEnvs());

const now = Date.parse("2026-01-01T03:00:00Z");

test("what is this year is so where one looks", () => {
  // In New York it is still the old year.
  expect(shortTime("2025-12-30T12:00:00Z", now, "America/New_York")).not.toContain("2025");
  expect(shortTime("2025-12-30T12:00:00Z", now, "Asia/Tokyo")).toContain("2025");
  expect(shortTime("2026-01-01T04:30:00Z", now, "America/New_York")).toBe("11:30 PM");
});

test("a date without a time is that date in every zone", () => {
  for (const zone of ["America/Los_Angeles", "Asia/Tokyo", "UTC"]) {
    vi.stubEnv("TZ", zone);
    expect(dayOrTime("2026-01-05T00:00:00Z", now)).toBe("Jan 5");
    expect(dayOrTime("2025-12-24T00:00:00.000Z", now)).toBe("Dec 24, 2025");
    expect(dayOrTime("2026-01-05T09:30:00Z", now)).toMatch(/Jan 5.*\d:30/);
  }
});

test("a clock elsewhere has its day and its place", () => {
  expect(clockIn("America/New_York", now)).toMatch(/^Wed.* 10:00 PM, New York$/);
  expect(clockIn("Mars/Olympus", now)).toBe("");
});
