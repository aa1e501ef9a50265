import { Button, Menu, SegmentedControl, Select, Text } from "@mantine/core";
import { IconChecklist } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Kept } from "@/api/keeper";
import { useNames } from "@/api/queries/person";
import type { AgentView, QueueView, WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useNow } from "@/ui/clock";
import { number } from "@/ui/format";
import { useLeaving } from "@/ui/leaving";
import { List } from "@/ui/list";
import { useMoves } from "@/ui/moves";
import { openWork } from "@/ui/openwork";
import { Panel } from "@/ui/panel";
import { nextPriority, priorities } from "@/ui/priority";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Failed, Loading } from "@/ui/states";
import { word } from "@/ui/word";
import { type Asking, Dialogs } from "./dialogs";
import classes from "./live.module.css";
import { byUrgency, everything, passes, type WorkFilter } from "./order";
import { WorkRow } from "./workrow";

interface WorkProps {
  kept: Kept<WorkItemView>;
  agents: AgentView[];
  queues: QueueView[];
  filter: WorkFilter;
  setFilter: (f: WorkFilter) => void;
}

/** What waits and what is held, with what a supervisor can do about it. */
export function Work({ kept, agents, queues, filter, setFilter }: WorkProps) {
  const { t } = useTranslation("live");
  const navigate = useNavigate();
  const may = useSession().can("supervise");
  const now = useNow(30_000);
  const moves = useMoves();
  const leaving = useLeaving();
  const [chosen, setChosen] = useState<string>();
  const [asking, setAsking] = useState<Asking>(null);
  const shown = useMemo(
    () => [...kept.items.values()].filter((w) => passes(w, filter)).sort(byUrgency(now)),
    [kept.items, filter, now],
  );
  const at = shown.findIndex((w) => w.id === chosen);
  const item = shown[at];
  const step = (by: number) =>
    setChosen(shown[Math.min(shown.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by))]?.id);
  const ask = (what: "pass" | "due" | "cancel", w: WorkItemView | undefined) => w && setAsking({ what, item: w });
  const raise = (w: WorkItemView | undefined) => {
    const next = w && nextPriority(w.priority);
    if (w && next)
      void moves.raise(w, { priority: priorities[next] }, t("act.raised", { priority: word("priority", next) }));
  };
  const group = t("title");
  const kinds = ["all", "waiting", "held"] as const;
  useShortcuts([
    { keys: "j", label: t("keys.next"), group, run: () => step(1), hidden: true },
    { keys: "k", label: t("keys.previous"), group, run: () => step(-1), hidden: true },
    {
      keys: "o",
      label: t("keys.open"),
      group,
      run: () => item && void navigate({ to: "/cases/$case", params: { case: item.case_id } }),
    },
    {
      keys: "f",
      label: t("keys.filter"),
      group,
      run: () => setFilter({ ...filter, which: kinds[(kinds.indexOf(filter.which) + 1) % kinds.length] ?? "all" }),
    },
    ...(may
      ? [
          { keys: "p", label: t("keys.pass"), group, run: () => ask("pass", item) },
          { keys: "r", label: t("keys.raise"), group, run: () => raise(item) },
          { keys: "d", label: t("keys.due"), group, run: () => ask("due", item) },
          { keys: "x", label: t("keys.cancel"), group, run: () => ask("cancel", item) },
        ]
      : []),
  ]);
  const filtered = filter.which !== "all" || filter.queue !== null || filter.holder !== null;
  return (
    <Panel
      flush
      title={t("work.title")}
      aside={
        <Text size="sm" c="var(--dim)">
          {kept.ready ? number(shown.length) : t("work.reading", { count: kept.items.size })}
        </Text>
      }
    >
      <Filters filter={filter} set={setFilter} queues={queues} filtered={filtered} />
      {!kept.ready && kept.items.size === 0 ? (
        kept.error ? (
          <Failed error={kept.error} retry={openWork.reload} />
        ) : (
          <Loading lines={6} />
        )
      ) : shown.length === 0 ? (
        <Empty
          icon={<IconChecklist />}
          title={t(filtered ? "work.emptyFilter" : "work.empty")}
          text={filtered ? undefined : t("work.emptyText")}
          action={
            filtered && (
              <Button variant="default" onClick={() => setFilter(everything)}>
                {t("work.clear")}
              </Button>
            )
          }
        />
      ) : (
        <div className={classes.work}>
          <List
            items={shown}
            keyOf={(w) => w.id}
            estimate={62}
            label={t("work.label")}
            selected={at}
            render={(w) => (
              <WorkRow
                of={w}
                selected={w.id === chosen}
                leaving={leaving.get(w.id) === "cancel"}
                choose={() => setChosen(w.id)}
                actions={may ? <Actions of={w} ask={ask} raise={raise} /> : undefined}
              />
            )}
            footer={
              kept.more && (
                <Text size="sm" c="var(--dim)" p="sm">
                  {t("work.more", { count: kept.items.size })}
                </Text>
              )
            }
          />
        </div>
      )}
      <Dialogs asking={asking} close={() => setAsking(null)} moves={moves} agents={agents} />
    </Panel>
  );
}

interface ActionsProps {
  of: WorkItemView;
  ask: (what: "pass" | "due" | "cancel", w: WorkItemView) => void;
  raise: (w: WorkItemView) => void;
}

function Actions({ of: w, ask, raise }: ActionsProps) {
  const { t } = useTranslation("live");
  const next = nextPriority(w.priority);
  return (
    <>
      <Menu.Item onClick={() => ask("pass", w)}>{t("act.pass")}</Menu.Item>
      <Menu.Item disabled={!next} onClick={() => raise(w)}>
        {next ? t("act.raise", { priority: word("priority", next) }) : t("act.highest")}
      </Menu.Item>
      <Menu.Item onClick={() => ask("due", w)}>{t("act.due")}</Menu.Item>
      <Menu.Divider />
      <Menu.Item c="var(--bad)" onClick={() => ask("cancel", w)}>
        {t("act.cancel")}
      </Menu.Item>
    </>
  );
}

interface FiltersProps {
  filter: WorkFilter;
  set: (f: WorkFilter) => void;
  queues: QueueView[];
  filtered: boolean;
}

function Filters({ filter, set, queues, filtered }: FiltersProps) {
  const { t } = useTranslation("live");
  const name = useNames();
  return (
    <div className={classes.filters}>
      <SegmentedControl
        size="xs"
        aria-label={t("work.filter")}
        value={filter.which}
        onChange={(which) => set({ ...filter, which: which as WorkFilter["which"] })}
        data={(["all", "waiting", "held"] as const).map((value) => ({ value, label: t(`work.${value}`) }))}
      />
      <Select
        size="xs"
        w="9.5rem"
        aria-label={t("work.queue")}
        placeholder={t("work.allQueues")}
        clearable
        value={filter.queue}
        onChange={(queue) => set({ ...filter, queue })}
        data={queues.map((q) => q.queue)}
      />
      {filter.holder && (
        <Button variant="light" onClick={() => set({ ...filter, holder: null })} rightSection="×">
          {t("work.of", { who: name(filter.holder) })}
        </Button>
      )}
      {filtered && (
        <Button variant="subtle" color="gray" c="var(--ink)" onClick={() => set(everything)}>
          {t("work.clear")}
        </Button>
      )}
    </div>
  );
}
