import { expect, test } from "vitest";
import { placeOf } from "./combobox";

test("keys move within the list and not over its ends", () => {
  expect(placeOf("ArrowDown", 0, 3, false)).toBe(1);
  expect(placeOf("ArrowDown", 2, 3, false)).toBe(2);
  expect(placeOf("ArrowUp", 0, 3, true)).toBe(0);
  expect(placeOf("PageDown", 0, 30, true)).toBe(10);
  expect(placeOf("PageUp", 4, 30, true)).toBe(0);
});

test("home and end are the text's until one has moved in the list", () => {
  expect(placeOf("End", 0, 3, false)).toBeUndefined();
  expect(placeOf("End", 1, 3, true)).toBe(2);
  expect(placeOf("Home", 2, 3, true)).toBe(0);
});

test("nothing found leaves all keys to the field", () => {
  expect(placeOf("ArrowDown", -1, 0, true)).toBeUndefined();
  expect(placeOf("a", 0, 3, true)).toBeUndefined();
});
