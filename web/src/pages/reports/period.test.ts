import { expect, test } from "vitest";
import { dayOf, fieldOf, periodOf, presetOf, wrongDays } from "./period";

const now = new Date(2026, 2, 12, 15, 30);

test("presets end now and are compared with as much time before", () => {
  const today = presetOf("today", now);
  expect([today.from, today.to, today.by]).toEqual([new Date(2026, 2, 12), now, "hour"]);
  expect([today.before.from, today.before.to]).toEqual([new Date(2026, 2, 11), new Date(2026, 2, 11, 15, 30)]);
  const week = presetOf("week", now);
  expect([week.from, week.before.from, week.before.to, week.by]).toEqual([
    new Date(2026, 2, 6),
    new Date(2026, 1, 27),
    new Date(2026, 2, 5, 15, 30),
    "day",
  ]);
});

test("days that are over are whole", () => {
  const p = periodOf(new Date(2026, 1, 1), new Date(2026, 1, 28), now);
  expect([p.from, p.to]).toEqual([new Date(2026, 1, 1), new Date(2026, 2, 1)]);
  expect([p.before.from, p.before.to]).toEqual([new Date(2026, 0, 4), new Date(2026, 1, 1)]);
});

test("days that make no report say why", () => {
  expect(wrongDays("", "2026-03-01", now)).toBe("missing");
  expect(wrongDays("2026-03-02", "2026-03-01", now)).toBe("order");
  expect(wrongDays("2026-03-13", "2026-03-14", now)).toBe("future");
  expect(wrongDays("2025-01-01", "2026-03-12", now)).toBe("long");
  expect(wrongDays("2026-03-01", "2026-03-20", now)).toBeUndefined();
  expect(fieldOf(dayOf("2026-03-09"))).toBe("2026-03-09");
});
