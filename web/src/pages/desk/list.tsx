import { SegmentedControl, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queuesQuery } from "@/api/queries/queue";
import { List } from "@/ui/list";
import { headword, wordsOf } from "@/ui/word";
import { NothingToDo } from "./empty";
import classes from "./list.module.css";
import { expectItem } from "./pane";
import { WorkRow } from "./row";
import type { Row, Shown } from "./waiting";

interface WorkListProps {
  rows: Row[];
  shown: Shown;
  onShow: (next: Shown) => void;
  /** The item that is open, and the one that the keys have gone to. */
  current: string | undefined;
  marked: string | undefined;
  onMove: (by: 1 | -1) => void;
  onOpen: (id: string) => void;
}

/** What there is to do: one's own, what one has put off, what waits, and what others have. */
export function WorkList({ rows, shown, onShow, current, marked, onMove, onOpen }: WorkListProps) {
  const { t } = useTranslation("desk");
  const filtered = shown.queue !== null || shown.kind !== null || shown.who !== "all";
  return (
    <>
      <Filters shown={shown} onShow={onShow} />
      {rows.length === 0 ? (
        <NothingToDo filtered={filtered} onClear={() => onShow({ who: "all", queue: null, kind: null })} />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: the arrows move the focus among the links inside
        <div
          className={classes.rows}
          onPointerEnter={expectItem}
          onFocus={expectItem}
          onKeyDown={(e) => {
            if ((e.key !== "ArrowDown" && e.key !== "ArrowUp") || e.altKey || e.ctrlKey || e.metaKey) return;
            e.preventDefault();
            onMove(e.key === "ArrowDown" ? 1 : -1);
          }}
        >
          <List
            items={rows}
            keyOf={(r) => r.id}
            estimate={74}
            label={t("list.label")}
            selected={
              (marked ?? current) === undefined ? undefined : rows.findIndex((r) => r.id === (marked ?? current))
            }
            render={(r) =>
              "item" in r ? (
                <WorkRow
                  item={r.item}
                  section={r.section}
                  open={r.id === current}
                  marked={r.id === marked}
                  onOpen={() => onOpen(r.id)}
                />
              ) : (
                <h2 className={classes.heading}>
                  {t(`section.${r.heading}`)} <span>{r.count}</span>
                </h2>
              )
            }
          />
        </div>
      )}
    </>
  );
}

function Filters({ shown, onShow }: Pick<WorkListProps, "shown" | "onShow">) {
  const { t } = useTranslation("desk");
  const queues = useQuery(queuesQuery);
  const names = (queues.data ?? []).map((q) => q.queue);
  return (
    <div className={classes.filters}>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t("filter.who")}
        value={shown.who}
        onChange={(who) => onShow({ ...shown, who: who as Shown["who"] })}
        data={(["all", "mine", "waiting"] as const).map((value) => ({ value, label: t(`filter.${value}`) }))}
      />
      <div className={classes.selects}>
        <Select
          size="xs"
          clearable
          aria-label={t("filter.queue")}
          placeholder={t("filter.allQueues")}
          value={shown.queue}
          onChange={(queue) => onShow({ ...shown, queue })}
          data={names}
          comboboxProps={{ shadow: "md" }}
        />
        <Select
          size="xs"
          clearable
          aria-label={t("filter.kind")}
          placeholder={t("filter.allKinds")}
          value={shown.kind}
          onChange={(kind) => onShow({ ...shown, kind })}
          data={wordsOf("work_kind").map((value) => ({ value, label: headword("work_kind", value) }))}
          comboboxProps={{ shadow: "md" }}
        />
      </div>
      <Text component="p" className="sr-only">
        {t("list.hint")}
      </Text>
    </div>
  );
}
