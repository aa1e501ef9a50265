import { expect, test } from "vitest";
import type { HistoryEntry } from "@/api/schema";
import { fold, grown, isOurs, joined, named, reasonOf, type Step, step } from "./history";

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

test("an older page that goes on from what was replaced meanwhile is not taken", () => {
  const page = (kind: "newest" | "older", items: HistoryEntry[], next?: string, cursor = ""): Step => ({
    kind,
    of: "c1",
    cursor,
    items,
    next,
  });
  const first = step({ lines: [], of: "" }, page("newest", [entry(3), entry(2)], "c2"));
  const anew = step(first, page("newest", [entry(9), entry(8)], "c8")); // while what follows c2 is read
  expect(step(anew, page("older", [entry(1)], undefined, "c2"))).toBe(anew);
  const whole = step(anew, page("older", [entry(7), entry(3)], undefined, "c8"));
  expect(keys(whole)).toEqual(["9.0", "8.0", "7.0", "3.0"]);
  expect(step(first, { ...page("older", [entry(1)], undefined, "c2"), of: "c7" })).toBe(first);
});

test("why it could not be read on is kept until it is tried again", () => {
  const failed = (error: unknown, cursor = "c2"): Step => ({ kind: "failed", of: "c1", cursor, error });
  const was = step({ lines: [], of: "" }, { kind: "newest", of: "c1", items: [entry(2)], next: "c2" });
  expect(step(was, failed(undefined))).toBe(was);
  expect(step(was, failed("away", "c1"))).toBe(was);
  const stuck = step(was, failed("away"));
  expect(stuck).toMatchObject({ failed: "away", next: "c2" });
  expect(keys(stuck)).toEqual(["2.0"]);
  expect(step(stuck, failed(undefined)).failed).toBeUndefined();
  expect(step(stuck, { kind: "older", of: "c1", cursor: "c2", items: [], next: undefined }).failed).toBeUndefined();
});

test("a past that has changed is read anew", () => {
  const known = joined({ lines: [] }, [entry(5), entry(3)], undefined);
  const between = joined(known, [entry(5), entry(4), entry(3)], undefined);
  expect(keys(between)).toEqual(["5.0", "4.0", "3.0"]);
  const more = grown(joined({ lines: [] }, [entry(5)], "c5"), [entry(3)], undefined);
  const merged = joined(more, [{ ...entry(6, "identity"), what: "merged" }, entry(5)], "c5");
  expect(keys(merged)).toEqual(["6.0", "5.0"]);
  expect(merged.next).toBe("c5");
});

test("that a reply was sent stands at the reply", () => {
  const e = (kind: string, ref: string): HistoryEntry => ({ ...entry(1, kind), ref });
  const lines = fold(named([e("sent", "e1"), e("sent", "e0"), e("reply", "e1"), e("post", "p")]));
  expect(lines.map((l) => [l.line.kind, l.end?.kind])).toEqual([
    ["sent", undefined],
    ["reply", "sent"],
    ["post", undefined],
  ]);
});

test("ids of ours are known by their form", () => {
  expect(isOurs("c38g4tyx9r5m00-k1")).toBe(true);
  expect(isOurs("s06h09p0c05eq8s4w2fb0")).toBe(false);
  expect(isOurs("c38g4tyx9r5m00")).toBe(false);
});

test("a line is explained by what it names, else by its case, else by its customer", () => {
  const of = (ref: string | undefined, case_id?: string, kind = "event") => reasonOf({ kind, ref, case_id }, "c1");
  expect(of("c38g4tyx9r5m00-e1", "k")).toBe("c38g4tyx9r5m00-e1");
  expect(of("order/7", "k")).toBe("k");
  expect(of("sandbox/7", "k", "post")).toBe("sandbox/7");
  expect(of(undefined)).toBe("c1");
});
