import { language } from "@/i18n";
import { dateIn } from "@/ui/format";

/** An order's time or date, as messages to the customer give it. */
export function expectedAt(at: string, timeZone: string | undefined): string {
  return dateIn(at, { weekday: "short", day: "numeric", month: "short" }) || due(at, timeZone);
}

/** A time with its day and its zone, as messages to the customer give it. */
export function due(at: string, timeZone: string | undefined): string {
  return new Intl.DateTimeFormat(language(), {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone,
  }).format(new Date(at));
}

/** A zone's short name of now, where it has one that says more than its long one. */
export function shortZone(zone: string): string {
  const part = new Intl.DateTimeFormat(language(), { timeZone: zone, timeZoneName: "short" })
    .formatToParts(new Date())
    .find((p) => p.type === "timeZoneName");
  return part && part.value !== zone ? part.value : "";
}
