import { expect, test } from "vitest";
import type { WorkItemView } from "@/api/schema";
import { apply, type Open, rowsOf, step } from "./waiting";

const item = (id: string, more: Partial<WorkItemView> = {}): WorkItemView => ({
  id,
  customer_id: "c1",
  case_id: "c1-k1",
  kind: "callback",
  state: "pending",
  queue: "care",
  priority: 50,
  due: "2026-03-02T12:00:00Z",
  post: { network: "sandbox", account: "", id: "1" },
  post_text: "",
  created_at: "2026-03-02T10:00:00Z",
  updated_at: "2026-03-02T10:00:00Z",
  version: 1,
  ...more,
});
const of = (...items: WorkItemView[]): Open => new Map(items.map((w) => [w.id, w]));
const event = (what: string, workitemid: string, data: Record<string, unknown> = {}) => ({
  id: "1",
  type: `advocate.workitem.${what}`,
  event: { workitemid, data },
});
const now = Date.parse("2026-03-02T11:00:00Z");

test("an event that says it all needs no reading", () => {
  const open = of(item("a"), item("b"));
  const done = apply(open, event("completed", "a"));
  expect("open" in done && [...done.open.keys()]).toEqual(["b"]);
  const taken = apply(open, event("assigned", "b", { agent: "rosa" }));
  expect("open" in taken && taken.open.get("b")).toMatchObject({ state: "assigned", agent: "rosa" });
  const back = apply(open, event("pending", "b", { why: "timeout", agent: "rosa" }));
  expect("open" in back && back.open.get("b")?.state).toBe("pending");
});

test("what an event does not say is read", () => {
  const open = of(item("a"));
  expect(apply(open, event("created", "x"))).toEqual({ read: "first" });
  expect(apply(open, event("pending", "a", { why: "snoozed" }))).toEqual({ read: "all" });
  expect(apply(open, event("assigned", "x", { agent: "rosa" }))).toEqual({ read: "all" });
  expect(apply(open, event("completed", "x"))).toEqual({ read: "nothing" });
  expect(apply(open, { id: "1", type: "advocate.post.received", event: {} })).toEqual({ read: "nothing" });
});

test("sections stand in their order, and the most pressing first in each", () => {
  const mine = [item("m", { state: "assigned", agent: "me" })];
  const open = of(
    item("late", { due: "2026-03-02T10:30:00Z" }),
    item("soon", { due: "2026-03-02T11:30:00Z" }),
    item("closed", { due: "2026-03-02T10:00:00Z", not_before: "2026-03-03T09:00:00Z" }),
    item("off", { for: "me", not_before: "2026-03-02T15:00:00Z" }),
    item("rosas", { state: "assigned", agent: "rosa" }),
    item("m", { state: "assigned", agent: "me" }),
  );
  const ids = (who: "mine" | "waiting" | "all") =>
    rowsOf(mine, open, { who, queue: null, kind: null }, "me", now).map((r) => r.id);
  expect(ids("all")).toEqual(["mine", "m", "later", "off", "waiting", "late", "soon", "closed", "others", "rosas"]);
  expect(ids("mine")).toEqual(["mine", "m", "later", "off"]);
  expect(ids("waiting")).toEqual(["waiting", "late", "soon", "closed"]);
  expect(rowsOf(mine, open, { who: "all", queue: "urgent", kind: null }, "me", now)).toEqual([]);
});

test("one goes from item to item and not over the end", () => {
  const rows = rowsOf([item("m")], of(item("a")), { who: "all", queue: null, kind: null }, "me", now);
  expect(step(rows, undefined, 1)?.id).toBe("m");
  expect(step(rows, "m", 1)?.id).toBe("a");
  expect(step(rows, "a", 1)).toBeUndefined();
  expect(step(rows, "a", -1)?.id).toBe("m");
});
