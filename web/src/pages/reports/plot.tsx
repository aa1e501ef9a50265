import { Tooltip } from "@mantine/core";
import classes from "./plot.module.css";
import { roundUp, runs } from "./scale";

export interface Series {
  name: string;
  label: string;
  color: string;
  values: (number | undefined)[];
}

interface PlotProps {
  /** Under the columns. */
  keys: string[];
  series: Series[];
  unit: "count" | "share" | "seconds";
  format: (n: number) => string;
  /** Bars on top of each other instead of lines. */
  stacked?: boolean;
}

/** Bars or lines over time. What they show is to be told beside them: they are a picture. */
export function Plot({ keys, series, unit, format, stacked }: PlotProps) {
  const at = (s: Series, i: number) => s.values[i] ?? 0;
  const heights = keys.map((_, i) =>
    stacked ? series.reduce((n, s) => n + at(s, i), 0) : Math.max(0, ...series.map((s) => at(s, i))),
  );
  const top = roundUp(Math.max(0, ...heights), unit);
  return (
    <div className={classes.plot} aria-hidden>
      <div className={classes.scale}>
        {[top, top / 2, 0].map((n) => (
          <span key={n}>{n === 0 ? "0" : format(n)}</span>
        ))}
      </div>
      <div className={classes.area}>
        {!stacked && <Lines series={series} top={top} />}
        <div className={classes.columns}>
          {keys.map((key, i) => (
            <Tooltip
              key={key}
              label={<Told at={key} column={i} series={series} format={format} />}
              openDelay={0}
              position="top"
            >
              <div className={classes.column}>
                {stacked &&
                  series.map((s) => (
                    <span key={s.name} style={{ height: `${(at(s, i) / top) * 100}%`, background: s.color }} />
                  ))}
              </div>
            </Tooltip>
          ))}
        </div>
      </div>
      <div className={classes.keys}>
        <span>{keys[0]}</span>
        {keys.length > 2 && <span>{keys[Math.floor((keys.length - 1) / 2)]}</span>}
        {keys.length > 1 && <span>{keys.at(-1)}</span>}
      </div>
    </div>
  );
}

function Lines({ series, top }: { series: Series[]; top: number }) {
  return (
    <>
      <svg className={classes.lines} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        {series.flatMap((s) =>
          runs(s.values, top).map((run) => (
            <polyline
              key={`${s.name} ${run[0]?.x}`}
              points={run.map((p) => `${p.x * 100},${(1 - p.y) * 100}`).join(" ")}
              stroke={s.color}
              vectorEffect="non-scaling-stroke"
            />
          )),
        )}
      </svg>
      {series.flatMap((s) =>
        runs(s.values, top)
          .flat()
          .map((p) => (
            <i
              key={`${s.name} ${p.x}`}
              className={classes.dot}
              style={{ left: `${p.x * 100}%`, bottom: `${p.y * 100}%`, background: s.color }}
            />
          )),
      )}
    </>
  );
}

function Told({
  at,
  column,
  series,
  format,
}: {
  at: string;
  column: number;
  series: Series[];
  format: (n: number) => string;
}) {
  return (
    <div className={classes.told}>
      <strong>{at}</strong>
      {series.map((s) => {
        const value = s.values[column];
        return (
          <span key={s.name}>
            <i style={{ background: s.color }} /> {s.label}: {value === undefined ? "–" : format(value)}
          </span>
        );
      })}
    </div>
  );
}
