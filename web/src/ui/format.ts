import i18next from "i18next";
import { now as atServer } from "@/api/clock";
import { language } from "@/i18n";

const made = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language() + JSON.stringify(options);
  let f = made.get(key);
  if (!f) {
    f = new Intl.DateTimeFormat(language(), options);
    made.set(key, f);
  }
  return f;
}

/** A day and a time in the viewer's zone, or in another. */
export function dateTime(at: string | number | Date, timeZone?: string): string {
  return formatter({ dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(at));
}

/** A day and a time to the second. */
export function exactTime(at: string | number | Date): string {
  return formatter({ dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

/** The time alone where it is today, else with its day. */
export function shortTime(at: string | number | Date, now = atServer(), timeZone?: string): string {
  const d = new Date(at);
  const day = formatter({ year: "numeric", month: "numeric", day: "numeric", timeZone });
  if (day.format(d) === day.format(new Date(now)))
    return formatter({ hour: "numeric", minute: "2-digit", timeZone }).format(d);
  const year = formatter({ year: "numeric", timeZone });
  const sameYear = year.format(d) === year.format(new Date(now));
  return formatter({
    day: "numeric",
    month: "short",
    ...(!sameYear && { year: "numeric" }),
    hour: "numeric",
    minute: "2-digit",
    timeZone,
  }).format(d);
}

/** Whether an order's time is a date without a time of day, which systems tell as the midnight of UTC. */
const isDate = (at: string) => /T00:00:00(\.0+)?(Z|\+00:00)$/.test(at);

/** A date as it stands in another format, "" for what is a time: a date is that date wherever one looks. */
export function dateIn(at: string, options: Intl.DateTimeFormatOptions): string {
  return isDate(at) ? formatter({ ...options, timeZone: "UTC" }).format(new Date(at)) : "";
}

/** An order's time as shortTime, or its date. */
export function dayOrTime(at: string, now = atServer()): string {
  const sameYear = new Date(at).getUTCFullYear() === new Date(now).getUTCFullYear();
  return dateIn(at, { day: "numeric", month: "short", ...(!sameYear && { year: "numeric" }) }) || shortTime(at, now);
}

/** What the clock shows where somebody else is, with the day, for it may be another there; "" for a zone that nobody knows. */
export function clockIn(timeZone: string, now: number): string {
  try {
    const clock = formatter({ weekday: "short", hour: "numeric", minute: "2-digit", timeZone }).format(now);
    return `${clock}, ${timeZone.split("/").at(-1)?.replaceAll("_", " ")}`;
  } catch {
    return "";
  }
}

/** Whether a clock there shows another time than the viewer's, at that moment; not for a zone that nobody knows. */
export function elsewhere(timeZone: string | undefined, at: string | number | Date): timeZone is string {
  if (!timeZone) return false;
  try {
    const shown = (zone?: string) =>
      formatter({ dateStyle: "short", timeStyle: "short", timeZone: zone }).format(new Date(at));
    return shown(timeZone) !== shown();
  } catch {
    return false;
  }
}

/** A time in the viewer's zone, and behind it what the customer's clock shows then, where that is another. */
export function withTheirs(at: string | number | Date, theirs: string | undefined): string {
  const here = dateTime(at);
  return elsewhere(theirs, at) ? `${here} (${clockIn(theirs, new Date(at).getTime())})` : here;
}

/** What a datetime-local field shows for a time, in the viewer's zone. */
export function fieldTime(at: string | number | Date): string {
  const d = new Date(at);
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** A span in its one or two largest units: "3 min", "2 h 5 min", "4 d". */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  const unit = (n: number, name: string) =>
    new Intl.NumberFormat(language(), { style: "unit", unit: name, unitDisplay: "short" }).format(n);
  if (s < 60) return unit(s, "second");
  if (s < 3600) return unit(Math.floor(s / 60), "minute");
  if (s < 86_400) {
    const m = Math.floor((s % 3600) / 60);
    return unit(Math.floor(s / 3600), "hour") + (m ? ` ${unit(m, "minute")}` : "");
  }
  return unit(Math.floor(s / 86_400), "day");
}

/** How long ago or ahead, in words. */
export function ago(at: string | number | Date, now: number): string {
  const s = Math.round((new Date(at).getTime() - now) / 1000);
  const abs = Math.abs(s);
  if (abs < 45) return i18next.t("ui:time.now");
  const f = new Intl.RelativeTimeFormat(language(), { numeric: "auto", style: "short" });
  if (abs < 3600) return f.format(Math.round(s / 60), "minute");
  if (abs < 86_400) return f.format(Math.round(s / 3600), "hour");
  if (abs < 30 * 86_400) return f.format(Math.round(s / 86_400), "day");
  return dateTime(at);
}

export function number(n: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(language(), options).format(n);
}

export function percent(share: number, digits = 0): string {
  return number(share, { style: "percent", maximumFractionDigits: digits });
}

/** A language or a country in the viewer's language: "es" → "Spanish". */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(language(), { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
