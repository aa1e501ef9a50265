import { useTranslation } from "react-i18next";
import type { SentimentHour } from "@/api/schema";
import { number, shortTime } from "@/ui/format";
import { Panel } from "@/ui/panel";
import classes from "./live.module.css";

const moods = ["negative", "neutral", "positive"] as const;
const hourMs = 3_600_000;

/** How those who wrote today felt, hour by hour: bars of posts. */
export function Mood({ hours }: { hours: SentimentHour[] }) {
  const { t } = useTranslation("live");
  const sum = (m: (typeof moods)[number]) => hours.reduce((n, h) => n + h[m], 0);
  const sums = { negative: sum("negative"), neutral: sum("neutral"), positive: sum("positive") };
  const all = filled(hours);
  const most = Math.max(1, ...all.map(total));
  return (
    <Panel title={t("mood.title")}>
      {hours.length === 0 ? (
        <p className={classes.note}>{t("mood.none")}</p>
      ) : (
        <figure className={classes.mood}>
          <div className={classes.hours} role="img" aria-label={t("mood.figure", sums)}>
            {all.map((h) => (
              <div key={h.at} className={classes.hour} title={`${shortTime(h.at)}: ${number(total(h))}`}>
                {moods.map((m) => (
                  <span key={m} className={classes[m]} style={{ height: `${(h[m] / most) * 100}%` }} />
                ))}
              </div>
            ))}
          </div>
          <div className={`${classes.axis} ${classes.dim}`} aria-hidden>
            <span>{shortTime(all[0]?.at ?? 0)}</span>
            <span>{shortTime(all.at(-1)?.at ?? 0)}</span>
          </div>
          <figcaption className={`${classes.legend} ${classes.dim}`}>
            {moods.map((m) => (
              <span key={m}>
                <i className={classes[m]} aria-hidden />
                {t(`mood.${m}`)} {number(sums[m])}
              </span>
            ))}
          </figcaption>
          <details className={classes.more}>
            <summary>{t("mood.table")}</summary>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{t("mood.hour")}</th>
                  {moods.map((m) => (
                    <th scope="col" key={m}>
                      {t(`mood.${m}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {hours.map((h) => (
                  <tr key={h.at}>
                    <th scope="row">{shortTime(h.at)}</th>
                    {moods.map((m) => (
                      <td key={m}>{number(h[m])}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </figure>
      )}
    </Panel>
  );
}

const total = (h: SentimentHour) => h.negative + h.neutral + h.positive;

/** Twelve hours at least, with the silent ones in between. */
function filled(hours: SentimentHour[]): SentimentHour[] {
  const last = Date.parse(hours.at(-1)?.at ?? "");
  const first = Math.min(Date.parse(hours[0]?.at ?? ""), last - 11 * hourMs);
  const known = new Map(hours.map((h) => [Date.parse(h.at), h]));
  const out: SentimentHour[] = [];
  for (let at = first; at <= last; at += hourMs) {
    out.push(known.get(at) ?? { at: new Date(at).toISOString(), negative: 0, neutral: 0, positive: 0 });
  }
  return out;
}
