import { expect, test } from "vitest";
import { Attended } from "./attended";

test("a page that nobody touches says so, and one that is touched again does not", () => {
  const page = new Attended(0);
  expect(page.header(60_000)).toEqual({});
  expect(page.header(60_001)).toEqual({ "Advocate-Unattended": "1" });
  page.touched(100_000);
  expect(page.header(120_000)).toEqual({});
});
