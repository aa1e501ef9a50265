import { expect, test } from "vitest";
import { workItem as item } from "@/api/sample";
import { countWaiting, rowsOf, step } from "./waiting";

const now = Date.parse("2026-03-02T11:00:00Z");

test("sections stand in their order, and the most pressing first in each", () => {
  const mine = [item("m", { state: "assigned", agent: "me" })];
  const open = [
    item("late", { due: "2026-03-02T10:30:00Z" }),
    item("soon", { due: "2026-03-02T11:30:00Z" }),
    item("closed", { due: "2026-03-02T10:00:00Z", not_before: "2026-03-03T09:00:00Z" }),
    item("off", { for: "me", not_before: "2026-03-02T15:00:00Z" }),
    item("rosas", { state: "assigned", agent: "rosa" }),
    item("m", { state: "assigned", agent: "me" }),
  ];
  const ids = (who: "mine" | "waiting" | "all") =>
    rowsOf(mine, open, { who, queue: null, kind: null }, "me", now).map((r) => r.id);
  expect(ids("all")).toEqual([
    "mine",
    "m",
    "later",
    "off",
    "waiting",
    "late",
    "soon",
    "held",
    "closed",
    "others",
    "rosas",
  ]);
  expect(ids("mine")).toEqual(["mine", "m", "later", "off"]);
  expect(ids("waiting")).toEqual(["waiting", "late", "soon", "held", "closed"]);
  expect(rowsOf(mine, open, { who: "all", queue: "urgent", kind: null }, "me", now)).toEqual([]);
});

test("what is not to be offered yet is no part of what waits, as in the queues' own counts", () => {
  const later = "2026-03-02T15:00:00Z";
  const open = [
    item("a"),
    item("b"),
    item("closed", { not_before: later }),
    item("off", { for: "me", not_before: later }),
  ];
  const rows = rowsOf([], open, { who: "all", queue: null, kind: null }, "me", now);
  expect(countWaiting(rows)).toEqual({ waiting: 2, later: 2 });
  expect(rows.find((r) => "heading" in r && r.heading === "waiting")).toMatchObject({ count: 2 });
});

test("one goes from item to item and not over the end", () => {
  const rows = rowsOf([item("m")], [item("a")], { who: "all", queue: null, kind: null }, "me", now);
  expect(step(rows, undefined, 1)?.id).toBe("m");
  expect(step(rows, "m", 1)?.id).toBe("a");
  expect(step(rows, "a", 1)).toBeUndefined();
  expect(step(rows, "a", -1)?.id).toBe("m");
});
