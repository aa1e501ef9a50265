import { expect, test } from "vitest";
import { groupOf } from "./filter";

test("every kind has its filter", () => {
  expect(groupOf({ kind: "reply" })).toBe("messages");
  expect(groupOf({ kind: "case", what: "taken", by: "kim" })).toBe("people");
  expect(groupOf({ kind: "case", what: "opened" })).toBe("decisions");
  expect(groupOf({ kind: "of tomorrow" })).toBe("decisions");
});
