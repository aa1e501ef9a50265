import { SegmentedControl } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { customerQuery } from "@/api/queries/customer";
import { fold, useHistory } from "@/ui/history";
import { Keys } from "@/ui/kbd";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty } from "@/ui/states";
import { Timeline } from "@/ui/timeline";
import { type Filter, filters, groupOf } from "./filter";
import classes from "./history.module.css";

/** Everything that happened, as one list: of this case, or of all the customer's. */
export function History({ id, customer }: { id: string; customer: string }) {
  const { t } = useTranslation("cases");
  const [filter, setFilter] = useState<Filter>("all");
  const [everything, setEverything] = useState(false);
  const history = useHistory(customer, everything ? {} : { ofCase: id });
  const who = useQuery(customerQuery(customer));
  const group = t("title");
  useShortcuts([
    ...filters.map((f, i) => ({
      keys: `${i + 1}`,
      label: t("keys.filter", { filter: t(`filter.${f}`) }),
      group,
      run: () => setFilter(f),
    })),
    { keys: "0", label: t("keys.scope"), group, run: () => setEverything(!everything) },
  ]);
  const lines = useMemo(
    () => fold(history.data ?? []).filter(({ line }) => filter === "all" || groupOf(line) === filter),
    [history.data, filter],
  );
  return (
    <div className={classes.timeline}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          className={classes.filters}
          value={filter}
          onChange={(v) => setFilter(v as Filter)}
          aria-label={t("timeline.filter")}
          data={filters.map((f) => ({ value: f, label: t(`filter.${f}`) }))}
        />
        <SegmentedControl
          size="xs"
          value={everything ? "all" : "case"}
          onChange={(v) => setEverything(v === "all")}
          aria-label={t("timeline.scope")}
          data={[
            { value: "case", label: t("timeline.this") },
            { value: "all", label: t("timeline.all") },
          ]}
        />
      </div>
      <div className={classes.list}>
        <Timeline
          of={history}
          lines={lines}
          customer={who.data}
          within={id}
          label={t("timeline.title")}
          none={
            <Empty
              icon={<IconHistory />}
              title={t("timeline.none")}
              text={
                <>
                  {t("timeline.noneText")} <Keys of="1" />
                </>
              }
            />
          }
        />
      </div>
    </div>
  );
}
