import "@mantine/charts/styles.css";
import { BarChart, LineChart } from "@mantine/charts";
import { useTranslation } from "react-i18next";
import type { ReportRow } from "@/api/schema";
import { number, percent, span } from "@/ui/format";
import { Panel } from "@/ui/panel";
import type { Dimension } from "./data";
import { measures } from "./measures";
import classes from "./reports.module.css";
import { useKey } from "./words";

interface Series {
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
export default function Charts({ rows, by }: { rows: ReportRow[]; by: Dimension }) {
  const { t } = useTranslation("reports");
  const share = (x: number) => percent(x);
  const minutes = (x: number) => (x > 0 && x < 1 ? `< ${span(1000)}` : span(x * 1000));
  return (
    <div className={classes.charts}>
      <Chart
        title={t("chart.ended")}
        rows={rows}
        by={by}
        format={(n) => number(n)}
        stacked
        series={[
          { name: "alone", label: t("chart.alone"), color: colors.accent, of: (r) => r.cases?.answered_alone },
          { name: "person", label: t("chart.person"), color: colors.teal, of: (r) => r.cases?.by_person },
          { name: "aside", label: t("chart.aside"), color: colors.gray, of: (r) => r.cases?.set_aside },
        ]}
      />
      <Chart
        title={t("chart.kept")}
        rows={rows}
        by={by}
        format={share}
        top={1}
        series={[
          { name: "level", label: t("measure.level.label"), color: colors.accent, of: measures.level.of },
          { name: "kept", label: t("measure.kept.label"), color: colors.teal, of: measures.kept.of },
        ]}
      />
      <Chart
        title={t("chart.times")}
        rows={rows}
        by={by}
        format={minutes}
        series={[
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
        format={share}
        top={1}
        series={[
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
  series: Series[];
  format: (n: number) => string;
  stacked?: boolean;
  /** The highest value there can be. */
  top?: number;
}

function Chart({ title, rows, by, series, format, stacked, top }: ChartProps) {
  const { t } = useTranslation("reports");
  const key = useKey();
  const data = rows.map((r) => ({
    key: key(by, r.key),
    ...Object.fromEntries(series.map((s) => [s.name, s.of(r) ?? null])),
  }));
  const some = rows.some((r) => series.some((s) => s.of(r) !== undefined));
  const common = {
    h: 190,
    data,
    dataKey: "key",
    series: series.map(({ name, label, color }) => ({ name, label, color })),
    withLegend: true,
    gridAxis: "y" as const,
    tickLine: "none" as const,
    valueFormatter: format,
    yAxisProps: { width: 62, ...(top !== undefined && { domain: [0, top] as [number, number] }) },
    xAxisProps: { minTickGap: 24 },
    // What is drawn is told by the table below it.
    accessibilityLayer: false,
  };
  return (
    <Panel title={title}>
      {!some ? (
        <p className={classes.note}>{t("nothing")}</p>
      ) : (
        <figure className={classes.figure} aria-label={title}>
          <div aria-hidden>
            {stacked ? (
              <BarChart {...common} type="stacked" maxBarWidth={28} barProps={{ isAnimationActive: false }} />
            ) : (
              <LineChart
                {...common}
                curveType="linear"
                strokeWidth={2}
                connectNulls={false}
                dotProps={{ r: 2.5 }}
                lineProps={{ isAnimationActive: false }}
              />
            )}
          </div>
          <details className={classes.more}>
            <summary>{t("chart.table")}</summary>
            <Table rows={rows} by={by} series={series} format={format} />
          </details>
        </figure>
      )}
    </Panel>
  );
}

function Table({ rows, by, series, format }: Pick<ChartProps, "rows" | "by" | "series" | "format">) {
  const { t } = useTranslation("reports");
  const key = useKey();
  return (
    // A region that scrolls has to be reachable by the keyboard.
    <section className={classes.small} tabIndex={0} aria-label={t("chart.table")}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t(`by.${by}`)}</th>
            {series.map((s) => (
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
              {series.map((s) => {
                const value = s.of(r);
                return <td key={s.name}>{value === undefined ? "–" : format(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
