import { expect, test } from "vitest";
import { arrivalOf, itemsOf } from "./order";

test("an order that does not come any more is not expected", () => {
  const eta = "2026-11-24T10:00:00Z";
  expect(arrivalOf({ status: "shipped", eta })).toEqual({ expected: eta });
  expect(arrivalOf({ status: "canceled", eta })).toEqual({});
  expect(arrivalOf({ status: "refunded", eta })).toEqual({});
  expect(arrivalOf({ status: "delivered", eta, delivered_at: "2026-11-23T10:00:00Z" })).toEqual({
    came: "2026-11-23T10:00:00Z",
  });
});

test("what was ordered, in a line", () => {
  expect(itemsOf({ items: [{ sku: "K-1", name: "Kettle", quantity: 2 }, { sku: "K-2" }] })).toBe("2 × Kettle, K-2");
  expect(itemsOf({})).toBe("");
});
