import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNow } from "./clock";
import { ago, dateTime, shortTime, span } from "./format";

type At = string | number | Date | undefined | null;

const isTime = (at: At): at is string | number | Date => at != null && at !== "" && !String(at).startsWith("0001-");

/** How long ago; the exact time on hover and for screen readers' asking. */
export function Ago({ at }: { at: At }) {
  const { t } = useTranslation("ui");
  const now = useNow(15_000);
  if (!isTime(at)) return <span>{t("time.unknown")}</span>;
  return (
    <Tooltip label={dateTime(at)}>
      <time dateTime={new Date(at).toISOString()}>{ago(at, now)}</time>
    </Tooltip>
  );
}

/** The time in the viewer's zone, or in another that the tooltip names. */
export function When({ at, timeZone }: { at: At; timeZone?: string }) {
  const { t } = useTranslation("ui");
  const now = useNow(60_000);
  if (!isTime(at)) return <span>{t("time.unknown")}</span>;
  return (
    <Tooltip label={timeZone ? `${dateTime(at, timeZone)} ${timeZone}` : dateTime(at)}>
      <time dateTime={new Date(at).toISOString()}>{shortTime(at, now, timeZone)}</time>
    </Tooltip>
  );
}

/** What is left until a time, red once it is over. */
export function Due({ at, soonMs = 15 * 60_000 }: { at: At; soonMs?: number }) {
  const { t } = useTranslation("ui");
  const now = useNow(1000);
  if (!isTime(at)) return <span>{t("time.unknown")}</span>;
  const left = new Date(at).getTime() - now;
  const color = left < 0 ? "var(--bad)" : left < soonMs ? "var(--warn)" : undefined;
  return (
    <Tooltip label={dateTime(at)}>
      <time dateTime={new Date(at).toISOString()} style={{ color, fontVariantNumeric: "tabular-nums" }}>
        {t(left < 0 ? "time.over" : "time.left", { time: span(Math.abs(left)) })}
      </time>
    </Tooltip>
  );
}
