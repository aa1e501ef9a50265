/** Where a zone stands at a time, in minutes before or after UTC. */
function offsetMinutes(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const n = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const there = Date.UTC(n("year"), n("month") - 1, n("day"), n("hour"), n("minute"), n("second"));
  return Math.round((there - at) / 60_000);
}

/** The time at which a clock in a zone shows an hour, so many days from now there. */
export function clockAt(now: number, timeZone: string, days: number, hour: number): Date {
  const there = new Date(now + offsetMinutes(now, timeZone) * 60_000);
  const wanted = Date.UTC(there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate() + days, hour);
  // The offset of the day that is meant: clocks may change in between.
  const guess = wanted - offsetMinutes(wanted, timeZone) * 60_000;
  return new Date(wanted - offsetMinutes(guess, timeZone) * 60_000);
}

/** The zone, where it is one that this machine knows, else the viewer's own. */
export function zoneOr(timeZone: string | undefined): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: timeZone || undefined }).resolvedOptions().timeZone;
  } catch {
    return new Intl.DateTimeFormat("en").resolvedOptions().timeZone;
  }
}

export type Preset = "halfHour" | "twoHours" | "tomorrow";

/** When a work item comes back that is put off; tomorrow is nine o'clock where the customer is. */
export function presets(now: number, timeZone: string): Record<Preset, Date> {
  const minute = Math.ceil(now / 60_000) * 60_000;
  return {
    halfHour: new Date(minute + 30 * 60_000),
    twoHours: new Date(minute + 120 * 60_000),
    tomorrow: clockAt(now, timeZone, 1, 9),
  };
}
