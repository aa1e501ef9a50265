import type { ReportRow } from "@/api/schema";

/** How a figure is written, and whether more of it is better. */
export interface Measure {
  name: MeasureName;
  unit: "count" | "share" | "seconds" | "times" | "mark";
  better: "more" | "less" | "neither";
  /** undefined: nothing is known of it. */
  of: (row: ReportRow) => number | undefined;
  /** A second number for the line below. */
  second?: (row: ReportRow) => number | undefined;
}

export const measureNames = [
  "posts",
  "cases",
  "resolved",
  "alone",
  "first",
  "reopened",
  "level",
  "waiting",
  "handling",
  "attempts",
  "kept",
  "csat",
  "negative",
  "work",
] as const;
export type MeasureName = (typeof measureNames)[number];

const known = (x: number | null | undefined) => x ?? undefined;

/** The share of those who were negative at their first post and at their last. */
function negative(moods: { negative: number; neutral: number; positive: number } | undefined): number | undefined {
  const all = moods ? moods.negative + moods.neutral + moods.positive : 0;
  return moods && all > 0 ? moods.negative / all : undefined;
}

export const measures: Record<MeasureName, Measure> = {
  posts: {
    name: "posts",
    unit: "count",
    better: "neither",
    of: (r) => r.cases?.posts,
    second: (r) => r.cases?.resolved,
  },
  cases: { name: "cases", unit: "count", better: "neither", of: (r) => r.cases?.opened },
  resolved: { name: "resolved", unit: "count", better: "neither", of: (r) => r.cases?.resolved },
  alone: {
    name: "alone",
    unit: "share",
    better: "more",
    of: (r) => known(r.cases?.alone_rate),
    second: (r) => r.cases?.answered_alone,
  },
  first: {
    name: "first",
    unit: "seconds",
    better: "less",
    of: (r) => r.cases?.first_response?.p50_seconds,
    second: (r) => r.cases?.first_response?.p90_seconds,
  },
  reopened: {
    name: "reopened",
    unit: "share",
    better: "less",
    of: (r) => known(r.cases?.reopen_rate),
    second: (r) => r.cases?.reopened,
  },
  level: {
    name: "level",
    unit: "share",
    better: "more",
    of: (r) => known(r.work?.service_level),
    second: (r) => r.work?.assigned,
  },
  waiting: {
    name: "waiting",
    unit: "seconds",
    better: "less",
    of: (r) => r.work?.waiting?.p50_seconds,
    second: (r) => r.work?.waiting?.p90_seconds,
  },
  handling: {
    name: "handling",
    unit: "seconds",
    better: "neither",
    of: (r) => r.work?.handling?.mean_seconds,
    second: (r) => r.work?.wrapping?.mean_seconds,
  },
  attempts: {
    name: "attempts",
    unit: "times",
    better: "less",
    of: (r) => known(r.work?.calls_per_reached),
    second: (r) => r.work?.reached,
  },
  kept: {
    name: "kept",
    unit: "share",
    better: "more",
    of: (r) => known(r.promises?.kept_rate),
    second: (r) => r.promises?.broken,
  },
  csat: { name: "csat", unit: "mark", better: "more", of: (r) => known(r.csat?.mean), second: (r) => r.csat?.answers },
  negative: {
    name: "negative",
    unit: "share",
    better: "less",
    of: (r) => negative(r.cases?.sentiment_after),
    second: (r) => negative(r.cases?.sentiment_before),
  },
  work: {
    name: "work",
    unit: "count",
    better: "neither",
    of: (r) => r.work?.created,
    second: (r) => r.work?.completed,
  },
};

export interface Change {
  /** In the measure's unit; of a count or a time, the share by which it changed. */
  by: number;
  tone: "good" | "bad" | undefined;
}

/** How a figure moved; undefined where one of the two is not known, or nothing to compare with. */
export function changeOf(m: Measure, now: number | undefined, before: number | undefined): Change | undefined {
  if (now === undefined || before === undefined) return undefined;
  const relative = m.unit === "count" || m.unit === "seconds";
  if (relative && before === 0) return undefined;
  const by = relative ? (now - before) / before : now - before;
  const tiny = Math.abs(by) < (m.unit === "times" || m.unit === "mark" ? 0.05 : 0.005);
  if (tiny) return { by: 0, tone: undefined };
  return { by, tone: m.better === "neither" ? undefined : by > 0 === (m.better === "more") ? "good" : "bad" };
}
