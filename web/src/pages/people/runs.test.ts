import { expect, test } from "vitest";
import type { AuditView } from "@/api/schema";
import { runsOf } from "./runs";

const row = (seq: number, minute: number, action: string, more: Partial<AuditView> = {}): AuditView => ({
  seq,
  at: new Date(Date.UTC(2026, 10, 24, 9, minute)).toISOString(),
  by: "ana",
  via: "session",
  action,
  outcome: "ok",
  ...more,
});

const shape = (rows: AuditView[]) => runsOf(rows).map((r) => r.rows.map((x) => x.seq));

test("what a page reads in turn is folded, each into its own, and every row stays", () => {
  const rows = [9, 8, 7, 6, 5, 4].map((seq) => row(seq, seq, seq % 2 ? "list-agents" : "stream"));
  expect(shape(rows)).toEqual([
    [9, 7, 5],
    [8, 6, 4],
  ]);
});

test("another person, target or outcome, and what comes much later, are not one thing", () => {
  const same = row(9, 30, "get-customer", { customer_id: "c1" });
  for (const other of [{ by: "bo" }, { customer_id: "c2" }, { outcome: "refused" }, { object: "x" }])
    expect(shape([same, { ...row(8, 29, "get-customer", { customer_id: "c1" }), ...other }])).toEqual([[9], [8]]);
  expect(shape([same, row(8, 19, "get-customer", { customer_id: "c1" })])).toEqual([[9], [8]]);
});

test("a row keeps its place and its key as older ones are read", () => {
  const first = [row(9, 9, "stream"), row(8, 8, "erase-customer")];
  const more = [...first, row(7, 7, "stream")];
  expect(runsOf(first).map((r) => r.key)).toEqual(["9", "8"]);
  expect(runsOf(more).map((r) => r.key)).toEqual(["9", "8"]);
});

test("changes are never folded, not even the same one", () => {
  expect(shape([row(9, 9, "set-user"), row(8, 8, "create-token"), row(7, 7, "set-user")])).toEqual([[9], [8], [7]]);
  expect(shape([row(9, 9, "submit-events"), row(8, 8, "submit-events")])).toEqual([[9, 8]]);
});
