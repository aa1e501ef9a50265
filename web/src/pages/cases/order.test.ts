import { expect, test } from "vitest";
import { isLate } from "./order";

const now = new Date("2026-03-10T12:00:00").getTime();
const on = (day: string) => new Date(`${day}T09:00:00`).toISOString();

test("an order is late when its promised day is over, or it is expected after it", () => {
  expect(isLate({ status: "shipped", promised: on("2026-03-10") }, now)).toBe(false);
  expect(isLate({ status: "shipped", promised: on("2026-03-09") }, now)).toBe(true);
  expect(isLate({ status: "shipped", promised: on("2026-03-11"), eta: on("2026-03-12") }, now)).toBe(true);
  expect(isLate({ status: "paid", eta: on("2026-03-09") }, now)).toBe(true);
  expect(isLate({ status: "delayed" }, now)).toBe(true);
  expect(isLate({ status: "delivered", promised: on("2026-03-01") }, now)).toBe(false);
  expect(isLate({ status: "paid" }, now)).toBe(false);
});
