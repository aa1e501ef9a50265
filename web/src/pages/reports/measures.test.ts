import { expect, test } from "vitest";
import type { ReportRow } from "@/api/schema";
import { changeOf, measures } from "./measures";

test("silence is not nought", () => {
  const empty = { key: "all", from: "", to: "" } as ReportRow;
  for (const m of Object.values(measures)) expect(m.of(empty), m.name).toBeUndefined();
  const none = { ...empty, work: { service_level: null } } as unknown as ReportRow;
  expect(measures.level.of(none)).toBeUndefined();
});

test("a change is good or bad by what the figure is", () => {
  expect(changeOf(measures.level, 0.9, 0.8)).toEqual({ by: expect.closeTo(0.1), tone: "good" });
  expect(changeOf(measures.waiting, 30, 60)).toEqual({ by: -0.5, tone: "good" });
  expect(changeOf(measures.reopened, 0.2, 0.1)?.tone).toBe("bad");
  expect(changeOf(measures.posts, 20, 10)).toEqual({ by: 1, tone: undefined });
  expect(changeOf(measures.posts, 20, 0)).toBeUndefined();
  expect(changeOf(measures.csat, 4.31, 4.3)).toEqual({ by: 0, tone: undefined });
  expect(changeOf(measures.kept, undefined, 1)).toBeUndefined();
});

test("the negative are counted among those whose mood is known", () => {
  const row = { cases: { sentiment_after: { negative: 1, neutral: 2, positive: 1 } } } as unknown as ReportRow;
  expect(measures.negative.of(row)).toBe(0.25);
});

test("a tile and the table's column say the same number", () => {
  const row = { cases: { opened: 6, resolved: 7 } } as never;
  expect(measures.posts.second?.(row)).toBe(7);
  expect(measures.resolved.of(row)).toBe(7);
  expect(measures.cases.of(row)).toBe(6);
});
