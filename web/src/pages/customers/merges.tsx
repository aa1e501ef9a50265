import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { Panel } from "@/ui/panel";
import { Person } from "@/ui/person";
import { When } from "@/ui/time";
import classes from "./customers.module.css";
import { undoMerge } from "./merge";
import { mergesQuery } from "./queries";

/** Merges that can be undone, the newest first: only that one can be, as things stand. */
export function Merges({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const merges = useQuery(mergesQuery(id));
  const may = useSession().can("erase");
  const act = useAct();
  const list = merges.data ?? [];
  if (list.length === 0) return null;
  return (
    <Panel title={t("merges.title")} flush>
      <ul className={classes.plain}>
        {list.map((m, i) => (
          <li key={m.id} className={classes.item}>
            <span className={classes.rowMain}>
              <Text size="sm">
                <code>{m.from}</code> {t("merges.joined")}
              </Text>
              <span className={classes.rowDim}>
                <Person login={m.by} /> · <When at={m.at} />
              </span>
            </span>
            {may && i === 0 && (
              <Button
                size="compact-xs"
                variant="default"
                loading={act.busy}
                onClick={() =>
                  void act.now(() => undoMerge(m.id), {
                    done: t("merges.undone"),
                    touches: [["customers"], ["customers-list"], ["cases-list"]],
                  })
                }
              >
                {t("merges.undo")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
