import { useTranslation } from "react-i18next";
import type { ReportRow } from "@/api/schema";
import { Panel } from "@/ui/panel";
import type { Dimension } from "./data";
import { type Measure, measures } from "./measures";
import { Plot } from "./plot";
import classes from "./reports.module.css";
import { useKey, written } from "./words";

interface Line {
  name: string;
  label: string;
  color: string;
  of: (row: ReportRow) => number | undefined;
}

const shade = (light: string, dark: string) =>
  `light-dark(var(--mantine-color-${light}), var(--mantine-color-${dark}))`;
const colors = {
  accent: shade("accent-6", "accent-4"),
  teal: shade("teal-7", "teal-5"),
  gray: shade("gray-5", "gray-6"),
  orange: shade("orange-7", "orange-5"),
  red: shade("red-7", "red-5"),
};

/** The period by its days, or one day by its hours. */
export function Charts({ rows, by }: { rows: ReportRow[]; by: Dimension }) {
  const { t } = useTranslation("reports");
  return (
    <div className={classes.charts}>
      <Chart
        title={t("chart.ended")}
        rows={rows}
        by={by}
        unit="count"
        stacked
        lines={[
          { name: "alone", label: t("chart.alone"), color: colors.accent, of: (r) => r.cases?.answered_alone },
          { name: "person", label: t("chart.person"), color: colors.teal, of: (r) => r.cases?.by_person },
          { name: "aside", label: t("chart.aside"), color: colors.gray, of: (r) => r.cases?.set_aside },
        ]}
      />
      <Chart
        title={t("chart.kept")}
        rows={rows}
        by={by}
        unit="share"
        lines={[
          { name: "level", label: t("measure.level.label"), color: colors.accent, of: measures.level.of },
          { name: "kept", label: t("measure.kept.label"), color: colors.teal, of: measures.kept.of },
        ]}
      />
      <Chart
        title={t("chart.times")}
        rows={rows}
        by={by}
        unit="seconds"
        lines={[
          { name: "waiting", label: t("chart.waiting"), color: colors.orange, of: (r) => r.work?.waiting?.p90_seconds },
          {
            name: "first",
            label: t("chart.first"),
            color: colors.accent,
            of: (r) => r.cases?.first_response?.p90_seconds,
          },
        ]}
      />
      <Chart
        title={t("chart.mood")}
        rows={rows}
        by={by}
        unit="share"
        lines={[
          { name: "before", label: t("chart.before"), color: colors.gray, of: (r) => measures.negative.second?.(r) },
          { name: "after", label: t("chart.after"), color: colors.red, of: measures.negative.of },
        ]}
      />
    </div>
  );
}

interface ChartProps {
  title: string;
  rows: ReportRow[];
  by: Dimension;
  lines: Line[];
  unit: "count" | "share" | "seconds";
  stacked?: boolean;
}

function Chart({ title, rows, by, lines, unit, stacked }: ChartProps) {
  const { t } = useTranslation("reports");
  const key = useKey();
  const series = lines.map(({ of, ...line }) => ({ ...line, values: rows.map(of) }));
  const some = series.some((s) => s.values.some((v) => v !== undefined && (v > 0 || !stacked)));
  return (
    <Panel title={title}>
      {!some ? (
        <p className={classes.note}>{t("nothing")}</p>
      ) : (
        <figure className={classes.figure}>
          <Plot
            keys={rows.map((r) => key(by, r.key))}
            series={series}
            unit={unit}
            format={(n) => written(unit, n)}
            stacked={stacked}
          />
          <figcaption className={classes.legend}>
            {series.map((s) => (
              <span key={s.name}>
                <i style={{ background: s.color }} aria-hidden />
                {s.label}
              </span>
            ))}
          </figcaption>
          <details className={classes.more}>
            <summary>{t("chart.table")}</summary>
            <Table rows={rows} by={by} lines={lines} unit={unit} />
          </details>
        </figure>
      )}
    </Panel>
  );
}

function Table({ rows, by, lines, unit }: { rows: ReportRow[]; by: Dimension; lines: Line[]; unit: Measure["unit"] }) {
  const { t } = useTranslation("reports");
  const key = useKey();
  return (
    // A region that scrolls has to be reachable by the keyboard.
    <section className={classes.small} tabIndex={0} aria-label={t("chart.table")}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t(`by.${by}`)}</th>
            {lines.map((s) => (
              <th scope="col" key={s.name}>
                {s.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.key}>
              <th scope="row">{key(by, r.key)}</th>
              {lines.map((s) => {
                const value = s.of(r);
                return <td key={s.name}>{value === undefined ? "–" : written(unit, value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
