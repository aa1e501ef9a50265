import { expect, test } from "vitest";
import { due, expectedAt } from "./times";

test("an order's date is told as that date, without a clock, wherever the customer is", () => {
  const date = "2026-11-26T00:00:00Z";
  for (const zone of ["America/New_York", "Asia/Tokyo", "UTC", undefined])
    expect(expectedAt(date, zone)).toBe("Thu, Nov 26");
  expect(expectedAt("2026-11-26T00:30:00Z", "America/New_York")).toBe("Wed, Nov 25, 7:30 PM EST");
  expect(due(date, "America/New_York")).toBe("Wed, Nov 25, 7:00 PM EST");
});
