import { Chip, Group, SegmentedControl } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { List } from "@/ui/list";
import { Empty, Failed, Loading } from "@/ui/states";
import classes from "./customers.module.css";
import { Decisions } from "./decisions";
import { EntryLine } from "./entry";
import { fold } from "./logic";
import { type CustomerDetail, historyQuery } from "./queries";

/** What the filters let through; nothing chosen is everything. */
const groups = {
  talk: ["post", "reply", "sent", "not_sent", "staff", "rating"],
  orders: ["event", "lookup", "answer", "subscription"],
  work: ["case", "work_item", "promise", "note"],
  person: ["identity", "consent"],
  trouble: ["not_sent", "set_aside", "alarm"],
} as const;
type Kinds = keyof typeof groups;

/** The whole history as one timeline, or the decisions that wrote it. */
export function History({ of: c }: { of: CustomerDetail }) {
  const { t } = useTranslation("customers");
  const [view, setView] = useState<"history" | "decisions">("history");
  const [chosen, setChosen] = useState<Kinds[]>([]);
  return (
    <section className={classes.middle} aria-labelledby="history-title">
      <header className={classes.bar}>
        <Group gap="sm">
          <h2 id="history-title" className={classes.heading}>
            {t("history.title")}
          </h2>
          <SegmentedControl
            size="xs"
            ml="auto"
            aria-label={t("history.view")}
            value={view}
            onChange={(v) => setView(v as typeof view)}
            data={[
              { value: "history", label: t("history.entries") },
              { value: "decisions", label: t("history.decisions") },
            ]}
          />
        </Group>
        {view === "history" && (
          <Chip.Group multiple value={chosen} onChange={(v) => setChosen(v as Kinds[])}>
            <fieldset className={classes.filters} aria-label={t("history.filter")}>
              {(Object.keys(groups) as Kinds[]).map((g) => (
                <Chip key={g} value={g} size="xs" variant="light">
                  {t(`history.${g}`)}
                </Chip>
              ))}
            </fieldset>
          </Chip.Group>
        )}
      </header>
      <div className={classes.found}>
        {view === "history" ? (
          <Timeline of={c} kinds={[...new Set(chosen.flatMap((g) => groups[g]))].sort()} />
        ) : (
          <Decisions id={c.id} />
        )}
      </div>
    </section>
  );
}

function Timeline({ of: c, kinds }: { of: CustomerDetail; kinds: string[] }) {
  const { t } = useTranslation("customers");
  const history = useInfiniteQuery(historyQuery(c.id, kinds));
  const lines = useMemo(() => fold(history.data?.pages.flatMap((p) => p.items ?? []) ?? []), [history.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = history;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (history.data === undefined) {
    return history.error ? (
      <Failed error={history.error} retry={() => void history.refetch()} />
    ) : (
      <Loading lines={10} />
    );
  }
  if (lines.length === 0) {
    return kinds.length > 0 ? (
      <Empty icon={<IconHistory />} title={t("history.none")} text={t("history.noneText")} />
    ) : (
      <Empty icon={<IconHistory />} title={t("history.empty")} text={t("history.emptyText")} />
    );
  }
  return (
    <List
      items={lines}
      keyOf={(l, i) => `${l.entry.decision} ${l.entry.kind} ${l.entry.ref ?? ""} ${lines.length - i}`}
      estimate={56}
      onEnd={more}
      label={t("history.title")}
      render={(l) => <EntryLine of={l} customer={c} />}
      footer={isFetchingNextPage ? <Loading lines={2} /> : undefined}
    />
  );
}
