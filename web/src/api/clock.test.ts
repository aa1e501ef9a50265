import { expect, test } from "vitest";
import { Skew } from "./clock";

const date = (at: number) => new Date(at).toUTCString();
const noon = Date.parse("2026-03-10T12:00:00Z");

test("a clock that may be right is taken to be", () => {
  const s = new Skew();
  expect(s.ms).toBe(0);
  s.heard(date(noon), noon + 300, noon + 350);
  s.heard(date(noon + 1000), noon + 1900, noon + 1950);
  s.heard(null, noon, noon);
  s.heard("soon", noon, noon);
  expect(s.ms).toBe(0);
});

test("each answer narrows what is known of a clock that is wrong", () => {
  const s = new Skew();
  const ahead = 90_000;
  for (const at of [noon + 120, noon + 1830, noon + 2990, noon + 4010])
    s.heard(date(at), at + ahead - 5, at + ahead + 5);
  expect(Math.abs(s.ms - ahead)).toBeLessThan(150);
  const behind = new Skew();
  behind.heard(date(noon), noon - 60_000, noon - 59_900);
  expect(Math.abs(behind.ms + 60_000)).toBeLessThan(1100);
});

test("a clock that is set anew is believed anew", () => {
  const s = new Skew();
  s.heard(date(noon), noon + 90_000, noon + 90_050);
  s.heard(date(noon + 5000), noon + 5200, noon + 5250);
  expect(s.ms).toBe(0);
});

test("a clock that is set while an answer is on its way tells nothing", () => {
  const s = new Skew();
  s.heard(date(noon), noon + 3_600_000, noon);
  expect(s.ms).toBe(0);
});
