import { describe, expect, test } from "vitest";
import { isSeen, scrollBy } from "./place";

const window = { top: 100, bottom: 500 };

describe("what came last is brought into view", () => {
  test("from above and from below, by as little as it takes", () => {
    expect(scrollBy({ top: 20, bottom: 90 }, window)).toBe(-92);
    expect(scrollBy({ top: 600, bottom: 700 }, window)).toBe(212);
    expect(scrollBy({ top: 200, bottom: 300 }, window)).toBe(0);
  });

  test("of what is longer than the window its beginning", () => {
    expect(scrollBy({ top: 300, bottom: 900 }, window)).toBe(188);
    expect(scrollBy({ top: 112, bottom: 900 }, window)).toBe(0);
  });

  test("it is seen with its first lines, and not where it is not shown", () => {
    expect(isSeen({ top: 470, bottom: 700 }, window)).toBe(true);
    expect(isSeen({ top: 490, bottom: 700 }, window)).toBe(false);
    expect(isSeen({ top: 40, bottom: 110 }, window)).toBe(false);
    expect(isSeen({ top: 480, bottom: 495 }, window)).toBe(true);
    expect(isSeen({ top: 0, bottom: 0 }, window)).toBe(false);
    expect(isSeen(undefined, window)).toBe(false);
  });
});
