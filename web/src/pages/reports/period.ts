/** What a report is about: whole days in the viewer's zone. */
export interface Period {
  from: Date;
  /** Without it; now, where that is earlier. */
  to: Date;
  /** The period before, as long and ending at the same time of day. */
  before: { from: Date; to: Date };
  /** A day or less is shown by the hour. */
  by: "hour" | "day";
}

export type Preset = "today" | "week" | "month" | "own";

/** How far back reports reach. */
export const mostDays = 400;

const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
/** The same time of day so many days later, whatever the clocks did. */
const plus = (d: Date, days: number) => {
  const out = new Date(d);
  out.setDate(out.getDate() + days);
  return out;
};
const daysBetween = (from: Date, to: Date) =>
  Math.round((midnight(to).getTime() - midnight(from).getTime()) / 86_400_000);

export function presetOf(preset: Exclude<Preset, "own">, now: Date): Period {
  const days = { today: 1, week: 7, month: 30 }[preset];
  return periodOf(plus(midnight(now), 1 - days), midnight(now), now);
}

/** From the first day to the last, both whole. */
export function periodOf(first: Date, last: Date, now: Date): Period {
  const from = midnight(first);
  const end = plus(midnight(last), 1);
  const to = end > now ? now : end;
  const days = daysBetween(from, end);
  return { from, to, before: { from: plus(from, -days), to: plus(to, -days) }, by: days <= 1 ? "hour" : "day" };
}

/** Why these days cannot be reported; undefined where they can. */
export function wrongDays(first: string, last: string, now: Date): "missing" | "order" | "future" | "long" | undefined {
  if (!first || !last) return "missing";
  const [from, to] = [dayOf(first), dayOf(last)];
  if (from > to) return "order";
  if (from > now) return "future";
  if (daysBetween(from, to) >= mostDays) return "long";
  return undefined;
}

/** A date field's value as a day here. */
export function dayOf(field: string): Date {
  const [y = 0, m = 1, d = 1] = field.split("-").map(Number);
  return new Date(y, m - 1, d);
}

/** A day as a date field has it. */
export function fieldOf(day: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
