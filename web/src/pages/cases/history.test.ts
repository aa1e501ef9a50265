import { expect, test } from "vitest";
import type { HistoryEntry } from "@/api/schema";
import { dueIn, groupOf, grown, joined, named } from "./history";

const entry = (decision: number, kind = "post"): HistoryEntry => ({ at: "2026-01-01T00:00:00Z", kind, decision });
const keys = (p: { lines: { key: string }[] }) => p.lines.map((l) => l.key);

test("lines of one decision have names of their own", () => {
  expect(named([entry(2), entry(2), entry(1)]).map((l) => l.key)).toEqual(["2.0", "2.1", "1.0"]);
});

test("what is new comes before what was read on, which stays", () => {
  const first = joined({ lines: [] }, [entry(3), entry(2)], "c2");
  const more = grown(first, [entry(1)], undefined);
  const live = joined(more, [entry(4), entry(3), entry(2)], "c2");
  expect(keys(live)).toEqual(["4.0", "3.0", "2.0", "1.0"]);
  expect(live.next).toBeUndefined();
  expect(joined(live, [entry(4), entry(3)], "c3")).toBe(live);
});

test("a gap is not closed by guessing", () => {
  const known = joined({ lines: [] }, [entry(2), entry(1)], undefined);
  const after = joined(known, [entry(9), entry(8)], "c8");
  expect(keys(after)).toEqual(["9.0", "8.0"]);
  expect(after.next).toBe("c8");
});

test("every kind has its filter", () => {
  expect(groupOf({ kind: "reply" })).toBe("messages");
  expect(groupOf({ kind: "case", what: "taken", by: "kim" })).toBe("people");
  expect(groupOf({ kind: "case", what: "opened" })).toBe("decisions");
  expect(groupOf({ kind: "of tomorrow" })).toBe("decisions");
});

test("a promise's line has its time", () => {
  expect(dueIn("callback by 2026-11-22T23:57:39Z")).toEqual({ what: "callback", due: "2026-11-22T23:57:39Z" });
  expect(dueIn("callback: called")).toBeUndefined();
});
