import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReportRow } from "@/api/schema";
import type { Dimension } from "./data";
import { type MeasureName, measures } from "./measures";
import classes from "./reports.module.css";
import { useKey, written } from "./words";

const columns: MeasureName[] = [
  "cases",
  "resolved",
  "alone",
  "first",
  "work",
  "level",
  "waiting",
  "handling",
  "kept",
  "csat",
];

interface Order {
  by: MeasureName | "key";
  down: boolean;
}

interface RowsProps {
  rows: ReportRow[];
  /** All of them in one: what the tiles say. */
  all: ReportRow | undefined;
  by: Dimension;
  busy: boolean;
}

/** A report's rows, in any order, and below them all in one. */
export function Rows({ rows, all, by, busy }: RowsProps) {
  const { t } = useTranslation("reports");
  const key = useKey();
  const [order, setOrder] = useState<Order>({ by: "key", down: false });
  const shown = sorted(
    rows.filter((r) => r.key || columns.some((c) => measures[c].of(r))),
    order,
  );
  const head = (name: Order["by"], label: string) => {
    const on = order.by === name;
    return (
      <th key={name} scope="col" aria-sort={on ? (order.down ? "descending" : "ascending") : undefined}>
        <UnstyledButton
          className={classes.sort}
          onClick={() => setOrder({ by: name, down: on ? !order.down : name !== "key" })}
        >
          {label}
          {on && (order.down ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />)}
        </UnstyledButton>
      </th>
    );
  };
  return (
    // A region that scrolls has to be reachable by the keyboard.
    <section className={classes.scroll} tabIndex={0} aria-label={t("table.title")} aria-busy={busy}>
      <table className={classes.table}>
        <thead>
          <tr>
            {head("key", t(`by.${by}`))}
            {columns.map((c) => head(c, t(`measure.${c}.column`)))}
          </tr>
        </thead>
        <tbody>
          {shown.map((r) => (
            <Row key={r.key} of={r} label={key(by, r.key)} />
          ))}
        </tbody>
        {all && (
          <tfoot>
            <Row of={all} label={t("table.all")} />
          </tfoot>
        )}
      </table>
    </section>
  );
}

function Row({ of: r, label }: { of: ReportRow; label: string }) {
  return (
    <tr>
      <th scope="row">{label}</th>
      {columns.map((c) => {
        const value = measures[c].of(r);
        return <td key={c}>{value === undefined ? "–" : written(measures[c].unit, value)}</td>;
      })}
    </tr>
  );
}

/** What is not known comes last, whichever way. */
function sorted(rows: ReportRow[], { by, down }: Order): ReportRow[] {
  const sign = down ? -1 : 1;
  if (by === "key") return rows.toSorted((a, b) => sign * a.key.localeCompare(b.key));
  return rows.toSorted((a, b) => {
    const [x, y] = [measures[by].of(a), measures[by].of(b)];
    if (x === undefined || y === undefined) return (x === undefined ? 1 : 0) - (y === undefined ? 1 : 0);
    return sign * (x - y) || a.key.localeCompare(b.key);
  });
}
