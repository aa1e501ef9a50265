import i18next from "i18next";
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

/** The time alone where it is today, else with its day. */
export function shortTime(at: string | number | Date, now = Date.now(), timeZone?: string): string {
  const d = new Date(at);
  const day = formatter({ year: "numeric", month: "numeric", day: "numeric", timeZone });
  if (day.format(d) === day.format(new Date(now)))
    return formatter({ hour: "numeric", minute: "2-digit", timeZone }).format(d);
  const sameYear = d.getFullYear() === new Date(now).getFullYear();
  return formatter({
    day: "numeric",
    month: "short",
    ...(!sameYear && { year: "numeric" }),
    hour: "numeric",
    minute: "2-digit",
    timeZone,
  }).format(d);
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
