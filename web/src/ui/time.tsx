import { Text, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNow } from "./clock";
import { ago, clockIn, dateIn, dateTime, dayOrTime, elsewhere, shortTime, span } from "./format";

/*
 * Whose a time is: the viewer's, on every page. Where the customer's clock matters to what is said, it stands
 * behind in brackets and names its place (withTheirs, LocalTime). A place that shows the customer's times alone,
 * since it shows what the customer reads, says so once at its head: the sandbox does. Messages to a customer
 * mean the customer's clock; where they stand beside other times, TheirClock says that.
 */

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

/** An order's time, or its date, which is the same in every zone. */
export function DayOrTime({ at }: { at: string }) {
  const now = useNow(60_000);
  return dateIn(at, {}) ? <time dateTime={at.slice(0, 10)}>{dayOrTime(at, now)}</time> : <When at={at} />;
}

/** The time of day where the customer is. */
export function LocalTime({ zone }: { zone: string }) {
  const now = useNow(30_000);
  return (
    <Tooltip label={zone}>
      <span>{clockIn(zone, now) || zone}</span>
    </Tooltip>
  );
}

/** Beside messages to a customer whose clock is not the viewer's: which clock they mean. */
export function TheirClock({ zone, className }: { zone: string | undefined; className?: string }) {
  const { t } = useTranslation("ui");
  const now = useNow(30_000);
  if (!elsewhere(zone, now)) return null;
  return (
    <Text size="xs" c="var(--dim)" className={className}>
      {t("time.theirs", { clock: clockIn(zone, now) })}
    </Text>
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
