import { expect, test } from "vitest";
import { workItem as item } from "@/api/sample";
import { holderOf } from "@/ui/workitem";
import { byUrgency, everything, passes } from "./order";

test("what is overdue, then the priority, then the due time", () => {
  const now = Date.parse("2026-03-02T11:00:00Z");
  const list = [
    item("soon", { due: "2026-03-02T11:30:00Z" }),
    item("later"),
    item("urgent", { priority: 100 }),
    item("over", { due: "2026-03-02T10:59:00Z", priority: 20 }),
  ];
  expect(list.sort(byUrgency(now)).map((w) => w.id)).toEqual(["over", "urgent", "soon", "later"]);
});

test("who holds a work item decides what it is listed under", () => {
  const offered = item("a", { state: "reserved", reservation: { agent: "rosa" } as never });
  const held = item("b", { state: "assigned", agent: "jonas", queue: "urgent" });
  const again = item("c", { agent: "jonas" });
  expect([offered, held, again].map(holderOf)).toEqual(["rosa", "jonas", undefined]);
  const ids = (f: Partial<typeof everything>) =>
    [offered, held, again].filter((w) => passes(w, { ...everything, ...f })).map((w) => w.id);
  expect(ids({})).toEqual(["a", "b", "c"]);
  expect(ids({ which: "waiting" })).toEqual(["c"]);
  expect(ids({ which: "held" })).toEqual(["a", "b"]);
  expect(ids({ queue: "urgent" })).toEqual(["b"]);
  expect(ids({ holder: "rosa" })).toEqual(["a"]);
});
