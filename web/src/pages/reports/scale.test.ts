import { expect, test } from "vitest";
import { roundUp, runs } from "./scale";

test("axes end at round numbers", () => {
  expect([0, 1, 3, 7, 11, 55, 130].map((n) => roundUp(n, "count"))).toEqual([2, 2, 4, 8, 20, 60, 200]);
  expect([0, 25, 61, 4000].map((n) => roundUp(n, "seconds"))).toEqual([60, 30, 120, 7200]);
  expect(roundUp(0.4, "share")).toBe(1);
});

test("what is not known is a gap in the line", () => {
  expect(runs([1, undefined, 2, 4], 4)).toEqual([
    [{ x: 0.125, y: 0.25 }],
    [
      { x: 0.625, y: 0.5 },
      { x: 0.875, y: 1 },
    ],
  ]);
  expect(runs([undefined], 1)).toEqual([]);
});
