import { Chip, Group, SegmentedControl } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { fold, useHistory } from "@/ui/history";
import { Empty } from "@/ui/states";
import { Timeline } from "@/ui/timeline";
import classes from "./customers.module.css";
import { Decisions } from "./decisions";
import type { CustomerDetail } from "./queries";

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
          <Entries of={c} kinds={[...new Set(chosen.flatMap((g) => groups[g]))].sort()} />
        ) : (
          <Decisions id={c.id} />
        )}
      </div>
    </section>
  );
}

function Entries({ of: c, kinds }: { of: CustomerDetail; kinds: string[] }) {
  const { t } = useTranslation("customers");
  const history = useHistory(c.id, { kinds });
  const lines = useMemo(() => fold(history.data ?? []), [history.data]);
  const [title, text] =
    kinds.length > 0
      ? ([t("history.none"), t("history.noneText")] as const)
      : ([t("history.empty"), t("history.emptyText")] as const);
  return (
    <Timeline
      of={history}
      lines={lines}
      customer={c}
      label={t("history.title")}
      none={<Empty icon={<IconHistory />} title={title} text={text} />}
    />
  );
}
