import { expect, test } from "vitest";
import { clockAt, presets, zoneOr } from "./times";

test("nine o'clock tomorrow is the customer's", () => {
  // 23:30 in New York is the next day in UTC already.
  const now = Date.parse("2026-03-03T04:30:00Z");
  expect(clockAt(now, "America/New_York", 1, 9).toISOString()).toBe("2026-03-03T14:00:00.000Z");
  expect(clockAt(now, "Asia/Tokyo", 1, 9).toISOString()).toBe("2026-03-04T00:00:00.000Z");
});

test("a day on which clocks change has its nine o'clock too", () => {
  const eve = Date.parse("2026-03-28T12:00:00Z");
  expect(clockAt(eve, "Europe/Madrid", 0, 9).toISOString()).toBe("2026-03-28T08:00:00.000Z");
  expect(clockAt(eve, "Europe/Madrid", 1, 9).toISOString()).toBe("2026-03-29T07:00:00.000Z");
});

test("presets are ahead, in whole minutes", () => {
  const now = Date.parse("2026-03-02T10:00:20Z");
  const { halfHour, twoHours } = presets(now, "UTC");
  expect(halfHour.toISOString()).toBe("2026-03-02T10:31:00.000Z");
  expect(twoHours.toISOString()).toBe("2026-03-02T12:01:00.000Z");
});

test("a zone that nobody knows is the viewer's", () => {
  expect(zoneOr("Nowhere/Land")).toBe(zoneOr(undefined));
  expect(zoneOr("Europe/Madrid")).toBe("Europe/Madrid");
});
