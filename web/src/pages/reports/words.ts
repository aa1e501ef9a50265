import i18next from "i18next";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { language } from "@/i18n";
import { number, percent, span } from "@/ui/format";
import { headword } from "@/ui/word";
import type { Dimension } from "./data";
import type { Change, Measure } from "./measures";

/** A figure in its unit. */
export function written(unit: Measure["unit"], value: number): string {
  switch (unit) {
    case "share":
      return percent(value, value > 0.995 && value < 1 ? 1 : 0);
    case "seconds":
      return value < 1 ? `< ${span(1000)}` : span(value * 1000);
    case "count":
      return number(value);
    default:
      return number(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  }
}

/** How a figure moved: "+4 points", "−12 %". */
export function moved(m: Measure, c: Change): string {
  const signed: Intl.NumberFormatOptions = { signDisplay: "exceptZero" };
  if (c.by === 0) return i18next.t("reports:change.same");
  if (m.unit === "share")
    return i18next.t("reports:change.points", {
      by: number(Math.round(c.by * 1000) / 10, { ...signed, maximumFractionDigits: 1 }),
    });
  if (m.unit === "count" || m.unit === "seconds")
    return number(c.by, { ...signed, style: "percent", maximumFractionDigits: 0 });
  return number(c.by, { ...signed, maximumFractionDigits: 1, minimumFractionDigits: 1 });
}

/** What a row is for, in words. */
export function useKey(): (by: Dimension, key: string) => string {
  const { t } = useTranslation("reports");
  return useCallback(
    (by, key) => {
      if (!key) return by === "queue" || by === "network" || by === "intent" ? t(`table.none.${by}`) : "–";
      if (by === "intent") return headword("intent", key);
      if (by === "hour")
        return new Intl.DateTimeFormat(language(), { hour: "numeric", minute: "2-digit" }).format(new Date(key));
      if (by === "day")
        // At noon, so that no zone makes it another day.
        return new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "short" }).format(
          new Date(`${key}T12:00`),
        );
      return key;
    },
    [t],
  );
}
