import { Button, SegmentedControl } from "@mantine/core";
import { IconChartBar, IconDownload } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReportRow } from "@/api/schema";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { useNow } from "@/ui/clock";
import { Page } from "@/ui/page";
import { Panel } from "@/ui/panel";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import { Charts } from "./charts";
import { Choose, type Days } from "./choose";
import { type Dimension, download, type Filters, useChoices, useReport } from "./data";
import { fieldOf, type Period, type Preset, periodOf, presetOf } from "./period";
import classes from "./reports.module.css";
import { Rows } from "./table";
import { Tiles } from "./tiles";

const dimensions = ["day", "queue", "network", "intent"] as const;

/** What the contact center did. */
export function ReportsPage() {
  const { t } = useTranslation("reports");
  const act = useAct();
  const now = useNow(60_000);
  const [preset, setPreset] = useState<Preset>("week");
  const [days, setDays] = useState<Days>(() => ({ first: new Date(now), last: new Date(now) }));
  const [filters, setFilters] = useState<Filters>({ queue: null, network: null, intent: null });
  const [dimension, setDimension] = useState<(typeof dimensions)[number]>("day");
  const period = useMemo(
    () => (preset === "own" ? periodOf(days.first, days.last, new Date(now)) : presetOf(preset, new Date(now))),
    [preset, days, now],
  );
  const choices = useChoices(period);
  const by: Dimension = dimension === "day" ? period.by : dimension;
  const save = () =>
    void act.now(() => download(period, by, filters, `report-${by}-${fieldOf(period.from)}.csv`), {
      done: t("saved"),
    });
  const group = t("title");
  const choose = (p: Preset) => {
    // One's own days begin with what was shown.
    if (p === "own" && preset !== "own") setDays({ first: period.from, last: new Date(period.to.getTime() - 1) });
    setPreset(p);
  };
  useShortcuts([
    { keys: "1", label: t("period.today"), group, run: () => choose("today") },
    { keys: "2", label: t("period.week"), group, run: () => choose("week") },
    { keys: "3", label: t("period.month"), group, run: () => choose("month") },
    { keys: "4", label: t("period.own"), group, run: () => choose("own") },
    { keys: "s", label: t("csv"), group, run: save },
  ]);
  return (
    <Page
      title={t("title")}
      actions={
        <Button variant="default" leftSection={<IconDownload size={15} />} onClick={save} loading={act.busy}>
          {t("csv")}
        </Button>
      }
    >
      <Choose
        preset={preset}
        setPreset={choose}
        days={days}
        setDays={setDays}
        filters={filters}
        setFilters={setFilters}
        choices={choices}
      />
      <Report period={period} filters={filters} clear={() => setFilters({ queue: null, network: null, intent: null })}>
        <Panel
          flush
          title={t("table.title")}
          aside={
            <SegmentedControl
              size="xs"
              aria-label={t("table.by")}
              value={dimension}
              onChange={(d) => setDimension(d as typeof dimension)}
              data={dimensions.map((value) => ({
                value,
                label: t(`by.${value === "day" ? period.by : value}`),
              }))}
            />
          }
        >
          <Table period={period} by={by} filters={filters} />
        </Panel>
      </Report>
    </Page>
  );
}

interface ReportProps {
  period: Period;
  filters: Filters;
  clear: () => void;
  children: ReactNode;
}

function Report({ period, filters, clear, children }: ReportProps) {
  const { t } = useTranslation("reports");
  const session = useSession();
  const whole = useReport(period, "none", filters);
  const before = useReport(period.before, "none", filters);
  const rows = useReport(period, period.by, filters);
  const filtered = Object.values(filters).some(Boolean);
  return (
    <Read of={whole} lines={8}>
      {([all]) =>
        !all || silent(all) ? (
          <Panel>
            <Empty
              icon={<IconChartBar />}
              title={t(filtered ? "empty.filtered" : "empty.title")}
              text={t(filtered ? "empty.filteredText" : "empty.text")}
              action={
                filtered ? (
                  <Button variant="default" onClick={clear}>
                    {t("empty.clear")}
                  </Button>
                ) : (
                  session.can("supervise") && (
                    <Button variant="default" renderRoot={(p) => <Link to="/sandbox" {...p} />}>
                      {t("empty.sandbox")}
                    </Button>
                  )
                )
              }
            />
          </Panel>
        ) : (
          <>
            {!session.allQueues && (
              <p className={classes.note}>{t("some", { queues: session.queues.join(", ") || t("someNone") })}</p>
            )}
            <Tiles of={all} before={before.data?.[0]} queue={filters.queue !== null} />
            <Charts rows={rows.data ?? []} by={period.by} />
            {children}
            <p className={classes.note}>{t("about")}</p>
          </>
        )
      }
    </Read>
  );
}

const silent = (r: ReportRow) => !r.work && !r.cases && !r.promises && !r.replies && !r.csat;

function Table({ period, by, filters }: { period: Period; by: Dimension; filters: Filters }) {
  const { t } = useTranslation("reports");
  const rows = useReport(period, by, filters);
  const whole = useReport(period, "none", filters);
  return (
    <Read of={rows}>
      {(list) =>
        list.length === 0 ? (
          <Empty title={t("empty.filtered")} />
        ) : (
          <Rows key={by} rows={list} all={whole.data?.[0]} by={by} busy={rows.isPlaceholderData} />
        )
      }
    </Read>
  );
}
