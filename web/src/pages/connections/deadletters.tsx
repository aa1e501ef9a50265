import { Badge, Button } from "@mantine/core";
import { IconMailOff, IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { EffectView } from "@/api/schema";
import { useSession } from "@/api/session";
import { said } from "@/i18n/said";
import { useAct } from "@/ui/act";
import { useGoing } from "@/ui/going";
import { GoTo } from "@/ui/goto";
import { Keys } from "@/ui/kbd";
import { Panel } from "@/ui/panel";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import { Ago } from "@/ui/time";
import { headword } from "@/ui/word";
import classes from "./connections.module.css";

/** Requests at once while all are tried again. */
const abreast = 4;
const touches = [["dead-letters"], ["status"], ["connections"]];

/** A dead letter as it failed this time: what is tried again and fails anew is another, and shown. */
const turnOf = (e: EffectView) => `${e.id} ${e.not_before}`;

/** What could not be sent or asked, and stays until somebody decides. */
export function DeadLetters() {
  const { t } = useTranslation(["connections", "ui"]);
  const navigate = useNavigate();
  const may = useSession().can("configure");
  const act = useAct();
  const { gone, stays } = useGoing();
  const [at, setAt] = useState(0);
  const letters = useInfiniteQuery({
    queryKey: ["dead-letters"],
    queryFn: ({ pageParam }) =>
      take(api.GET("/v1/dead-letters", { params: { query: { cursor: pageParam, limit: 100 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
  });
  const shown = (letters.data?.pages ?? []).flatMap((p) => p.items ?? []).filter((e) => stays(turnOf(e)));
  const selected = shown[Math.min(at, shown.length - 1)];

  const retry = async (e: EffectView) => {
    gone(turnOf(e), true);
    const went = await act.now(() => take(retryOne(e.id)), { done: t("dead.retried"), touches });
    if (!went) gone(turnOf(e), false);
  };
  const drop = (e: EffectView) => {
    gone(turnOf(e), true);
    act.later({
      text: t("dead.dropping"),
      done: t("dead.dropped"),
      run: ({ keepalive }) =>
        take(api.POST("/v1/dead-letters/{id}/drop", { params: { path: { id: e.id } }, keepalive })),
      undone: () => gone(turnOf(e), false),
      touches,
    });
  };
  const retryAll = () =>
    act.now(
      async () => {
        const ids = shown.map((e) => e.id);
        const failed: unknown[] = [];
        const work = async () => {
          for (let id = ids.pop(); id; id = ids.pop()) await take(retryOne(id)).catch((error) => failed.push(error));
        };
        await Promise.all(Array.from({ length: abreast }, work));
        if (failed.length > 0) throw failed[0];
      },
      { done: t("dead.retriedAll", { count: shown.length }), touches },
    );

  useShortcuts([
    {
      keys: "j",
      label: t("dead.keys.next"),
      group: t("tab.dead-letters"),
      run: () => setAt(Math.min(at + 1, shown.length - 1)),
      hidden: true,
    },
    {
      keys: "k",
      label: t("dead.keys.back"),
      group: t("tab.dead-letters"),
      run: () => setAt(Math.max(at - 1, 0)),
      hidden: true,
    },
    ...(may && selected
      ? [
          { keys: "r", label: t("dead.retry"), group: t("tab.dead-letters"), run: () => void retry(selected) },
          { keys: "x", label: t("dead.drop"), group: t("tab.dead-letters"), run: () => drop(selected) },
        ]
      : []),
    ...(selected
      ? [
          {
            keys: "y",
            label: t("dead.why"),
            group: t("tab.dead-letters"),
            run: () => void navigate({ to: "/why/$id", params: { id: selected.id } }),
          },
        ]
      : []),
  ]);

  return (
    <Panel
      title={t("dead.title")}
      about={t("dead.about")}
      aside={
        may && shown.length > 0 ? (
          <>
            <span className={classes.keys} aria-hidden>
              <Keys of="r" /> {t("dead.retry")} <Keys of="x" /> {t("dead.drop")}
            </span>
            <Button
              variant="default"
              leftSection={<IconRefresh size={14} />}
              loading={act.busy}
              onClick={() => void retryAll()}
            >
              {t("dead.all", { count: shown.length })}
            </Button>
          </>
        ) : undefined
      }
      flush
    >
      <Read of={letters}>
        {() =>
          shown.length === 0 ? (
            <Empty
              icon={<IconMailOff />}
              title={t("dead.none")}
              text={t("dead.noneText")}
              action={<GoTo to="/connections">{t("dead.go")}</GoTo>}
            />
          ) : (
            <ul className={classes.list} aria-label={t("dead.title")}>
              {shown.map((e, i) => (
                <Letter
                  key={e.id}
                  of={e}
                  selected={e === selected}
                  select={() => setAt(i)}
                  {...(may && { retry: () => void retry(e), drop: () => drop(e) })}
                />
              ))}
            </ul>
          )
        }
      </Read>
      {letters.hasNextPage && (
        <div className={classes.more}>
          <Button variant="default" loading={letters.isFetchingNextPage} onClick={() => void letters.fetchNextPage()}>
            {t("ui:more")}
          </Button>
        </div>
      )}
    </Panel>
  );
}

const retryOne = (id: string) => api.POST("/v1/dead-letters/{id}/retry", { params: { path: { id } } });

interface LetterProps {
  of: EffectView;
  selected: boolean;
  select: () => void;
  retry?: () => void;
  drop?: () => void;
}

function Letter({ of, selected, select, retry, drop }: LetterProps) {
  const { t } = useTranslation("connections");
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const kind = headword("effect", of.kind);
  const [, destination = of.destination] = of.destination.split(/:(.*)/s);
  const text = of.reply?.text ?? of.notify?.text ?? of.lookup?.id ?? of.lookup?.query ?? of.emit?.type;
  return (
    // Chosen by j and k; a click anywhere does the same.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the page's own
    <li ref={row} className={classes.letter} data-selected={selected || undefined} onClick={select}>
      <div className={classes.what}>
        <div className={classes.name}>
          <strong>{t("dead.to", { kind, destination })}</strong>
          <span className={classes.dim}>
            {t("dead.attempts", { count: of.attempt })} · <Ago at={of.updated_at || of.created_at} />
          </span>
          {of.rule && <Badge color="gray">{of.rule}</Badge>}
        </div>
        {text && <p className={classes.quote}>{text}</p>}
        {of.last_error && <p className={classes.error}>{said(of.last_error, of.last_error_said)}</p>}
        <div className={classes.links}>
          <Link to="/customers/$customer" params={{ customer: of.customer_id }}>
            {t("dead.customer")}
          </Link>
          {of.case_id && (
            <Link to="/cases/$case" params={{ case: of.case_id }}>
              {t("dead.case")}
            </Link>
          )}
          <Link to="/why/$id" params={{ id: of.id }}>
            {t("dead.why")}
          </Link>
        </div>
      </div>
      {retry && drop && (
        <div className={classes.acts}>
          <Button variant="default" onClick={retry}>
            {t("dead.retry")}
          </Button>
          <Button variant="subtle" color="gray" onClick={drop}>
            {t("dead.drop")}
          </Button>
        </div>
      )}
    </li>
  );
}
