import { Badge, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { mineQuery, useMe } from "@/api/queries/agent";
import { useSession } from "@/api/session";
import { useNow } from "@/ui/clock";
import { useLeaving } from "@/ui/leaving";
import { openWork, useOpenWork } from "@/ui/openwork";
import { Page } from "@/ui/page";
import { useShortcuts } from "@/ui/shortcuts";
import { Failed, Loading } from "@/ui/states";
import classes from "./desk.module.css";
import { NothingOpen, Standing } from "./empty";
import { WorkList } from "./list";
import { ItemPane } from "./pane";
import { countWaiting, rowsOf, type Shown, step } from "./waiting";

/** The agent's desk: what there is to do, and the work item that is open. */
export function DeskPage() {
  const { t } = useTranslation("desk");
  const { item } = useParams({ strict: false });
  const { login } = useSession();
  const { agent } = useMe();
  const navigate = useNavigate();
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const [shown, setShown] = useState<Shown>({ who: "all", queue: null, kind: null });
  /** Where the keys have gone in the list; the focus goes along. */
  const [marked, setMarked] = useState<string>();
  const mine = useQuery({ ...mineQuery, enabled: agent });
  const open = useOpenWork();
  const leaving = useLeaving();
  const now = useNow(15_000);
  const rows = useMemo(() => {
    const here = [...open.items.values()].filter((w) => !leaving.has(w.id));
    const held = (mine.data ?? []).filter((w) => !leaving.has(w.id));
    return rowsOf(held, here, shown, login, now);
  }, [open.items, mine.data, leaving, shown, login, now]);
  /** The first page is shown while the others are on their way. */
  const read = open.ready || open.items.size > 0;

  const go = useCallback(
    (id: string | undefined) => {
      setMarked(undefined);
      return id ? navigate({ to: "/desk/$item", params: { item: id } }) : navigate({ to: "/desk" });
    },
    [navigate],
  );
  const at = marked ?? item;
  const move = (by: 1 | -1) => {
    const next = step(rows, at, by);
    if (next) setMarked(next.id);
  };
  const group = t("title");
  useShortcuts([
    { keys: "j", label: t("keys.next"), group, run: () => move(1) },
    { keys: "k", label: t("keys.previous"), group, run: () => move(-1) },
    { keys: "u", label: t("keys.list"), group, run: () => void go(undefined) },
    { keys: "g m", label: t("keys.mine"), group, run: () => setShown({ ...shown, who: "mine" }) },
    { keys: "g w", label: t("keys.waiting"), group, run: () => setShown({ ...shown, who: "waiting" }) },
    { keys: "g b", label: t("keys.all"), group, run: () => setShown({ ...shown, who: "all" }) },
  ]);
  /** Where one goes when an item is done: to what one still holds, else to the list. */
  const onDone = useCallback(() => {
    const rest = (mine.data ?? []).filter((w) => w.id !== item && !leaving.has(w.id) && w.state !== "reserved");
    void go(rest[0]?.id);
  }, [mine.data, item, leaving, go]);

  const { waiting, later } = countWaiting(rows);
  const held = (mine.data ?? []).filter((w) => !leaving.has(w.id)).length;
  const aside = (
    <>
      {held > 0 && <Badge color="accent">{t("count.mine", { count: held })}</Badge>}
      {read && shown.who !== "mine" && (
        <Text size="sm" c="var(--dim)">
          {t("count.waiting", { count: waiting })}
          {later > 0 && `, ${t("count.later", { count: later })}`}
        </Text>
      )}
    </>
  );
  return (
    <Page title={t("title")} fill aside={aside}>
      <div className={classes.desk} data-open={item ? "" : undefined}>
        {!(narrow && item) && (
          <div className={classes.list}>
            {narrow && <Standing />}
            {read ? (
              <WorkList
                rows={rows}
                shown={shown}
                onShow={setShown}
                current={item}
                marked={marked}
                onMove={move}
                onOpen={go}
              />
            ) : open.error ? (
              <Failed error={open.error} retry={openWork.reload} />
            ) : (
              <Loading lines={8} />
            )}
          </div>
        )}
        {(item || !narrow) && (
          <div className={classes.pane}>
            {item ? (
              <ItemPane key={item} id={item} onDone={onDone} onBack={() => void go(undefined)} />
            ) : (
              <NothingOpen rows={rows} onOpen={go} />
            )}
          </div>
        )}
      </div>
    </Page>
  );
}
