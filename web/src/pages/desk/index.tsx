import { Badge, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { useNow } from "@/ui/clock";
import { Page } from "@/ui/page";
import { useShortcuts } from "@/ui/shortcuts";
import { Failed, Loading } from "@/ui/states";
import { mineQuery, useMe } from "./data";
import classes from "./desk.module.css";
import { NothingOpen, Standing } from "./empty";
import { ItemPane } from "./item";
import { useLeaving } from "./leaving";
import { WorkList } from "./list";
import { useOpenWork } from "./open";
import { rowsOf, type Shown, step } from "./waiting";

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
    const here = [...(open.data ?? new Map()).values()].filter((w) => !leaving.has(w.id));
    const held = (mine.data?.items ?? []).filter((w) => !leaving.has(w.id));
    return rowsOf(held, new Map(here.map((w) => [w.id, w])), shown, login, now);
  }, [open.data, mine.data, leaving, shown, login, now]);

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
    const rest = (mine.data?.items ?? []).filter((w) => w.id !== item && !leaving.has(w.id) && w.state !== "reserved");
    void go(rest[0]?.id);
  }, [mine.data, item, leaving, go]);

  const waiting = rows.reduce((n, r) => n + Number("item" in r && r.section === "waiting"), 0);
  const held = mine.data?.items?.length ?? 0;
  const aside = (
    <>
      {held > 0 && <Badge color="accent">{t("count.mine", { count: held })}</Badge>}
      {open.data && shown.who !== "mine" && (
        <Text size="sm" c="var(--dim)">
          {t("count.waiting", { count: waiting })}
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
            {open.error && !open.data ? (
              <Failed error={open.error} retry={() => void open.refetch()} />
            ) : open.data ? (
              <WorkList
                rows={rows}
                shown={shown}
                onShow={setShown}
                current={item}
                marked={marked}
                onMove={move}
                onOpen={go}
              />
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
