import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { language } from "@/i18n";
import { dateTime } from "@/ui/format";

/** A word of the API as people read it: the catalogue's, else the word itself. */
export function useWord(): (group: string, raw: string | undefined) => string {
  const { t } = useTranslation("sandbox");
  return useCallback(
    (group, raw) => {
      if (!raw) return "";
      const look = t as unknown as (key: string, options: object) => string;
      return look(`${group}.${raw.replaceAll(".", "_")}`, { defaultValue: raw.replaceAll(/[._]/g, " ") });
    },
    [t],
  );
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

/** A text of the history with its times as people read them. */
export function told(text: string, timeZone: string | undefined): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (at) => dateTime(at, timeZone));
}
