import { Badge, Button, Text } from "@mantine/core";
import { IconChecklist } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import { useLive } from "@/api/listening";
import type { EffectView } from "@/api/schema";
import { useSession } from "@/api/session";
import { showError, useAct } from "@/ui/act";
import { useGoing } from "@/ui/going";
import { Page } from "@/ui/page";
import { sentence } from "@/ui/problem";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import classes from "./approvals.module.css";
import { decideEach } from "./decide";
import { Held } from "./held";

/** Held effects make no event of their own: they are looked for when something was posted, and now and then. */
const lookAgainMs = 5000;
const gatherMs = 400;
const pageSize = 50;
const heldKey = ["effects", "held"];

/** The messages that wait for a person: to be read as they will be sent, and released or dropped. */
export function ApprovalsPage() {
  const { t } = useTranslation("playbooks");
  const { query, stays, decide } = useHeld();
  const list = (query.data?.pages ?? []).flatMap((p) => p.items ?? []).filter((e) => stays(e.id));
  const count = query.data ? `${list.length}${query.hasNextPage ? "+" : ""}` : "";
  return (
    <Page title={list.length > 0 ? t("approvals.titleCount", { count }) : t("approvals.title")}>
      <Read of={query}>
        {() =>
          list.length === 0 ? (
            <Nothing />
          ) : (
            <Queue
              list={list}
              decide={decide}
              more={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
              busy={query.isFetchingNextPage}
            />
          )
        }
      </Read>
    </Page>
  );
}

type Decision = "release" | "drop";

function useHeld() {
  const { t } = useTranslation("playbooks");
  const act = useAct();
  const live = useLive();
  const queries = useQueryClient();
  const { gone, stays } = useGoing();
  const query = useInfiniteQuery({
    queryKey: heldKey,
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/v1/effects", {
          params: { query: { state: "held", limit: pageSize, cursor: pageParam || undefined } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: lookAgainMs,
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = live?.listen((e) => {
      if (e.type.startsWith("advocate.agent.")) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: heldKey });
      }, gatherMs);
    });
    return () => {
      clearTimeout(timer);
      stop?.();
    };
  }, [live, queries]);

  const decide = (what: Decision, effects: EffectView[]) => {
    const ids = effects.map((e) => e.id);
    let undecided = ids;
    const who = effects[0]?.reply?.handle;
    const text = t(`approvals.will.${what}`, { count: ids.length });
    for (const id of ids) gone(id, true);
    act.later({
      text: ids.length === 1 && who ? `${text} (@${who})` : text,
      run: async (init) => {
        const path = what === "release" ? ("/v1/effects/{id}/release" as const) : ("/v1/effects/{id}/drop" as const);
        const one = (id: string) => take(api.POST(path, { params: { path: { id } }, ...init }));
        const { done, decided, refused } = await decideEach(ids, one, init.keepalive);
        await queries.invalidateQueries({ queryKey: ["effects"] });
        const said = [
          done.length > 0 && ids.length > 1 && t(`approvals.did.${what}`, { count: done.length }),
          decided.length > 0 && t("approvals.decided", { count: decided.length }),
        ];
        if (said.some(Boolean)) act.say(`${said.filter(Boolean).join(". ")}.`);
        undecided = refused.map((r) => r.id);
        const errors = [...new Map(refused.map((r) => [sentence(r.error), r.error])).values()];
        for (const error of errors.slice(0, -1)) showError(error);
        if (errors.length > 0) throw errors.at(-1); // shown like the others, and who signs out stays
      },
      undone: () => {
        for (const id of undecided) gone(id, false);
      },
      touches: [["effects"]],
    });
  };
  return { query, stays, decide };
}

interface QueueProps {
  list: EffectView[];
  decide: (what: Decision, effects: EffectView[]) => void;
  more?: () => void;
  busy: boolean;
}

function Queue({ list, decide, more, busy }: QueueProps) {
  const { t } = useTranslation(["playbooks", "ui"]);
  const can = useSession().can("work");
  const waiting = list.filter((e) => !e.restored);
  const restored = list.filter((e) => e.restored);
  const order = useMemo(() => [...list.filter((e) => !e.restored), ...list.filter((e) => e.restored)], [list]);
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, order.length - 1);
  const cards = useRef(new Map<string, HTMLElement>());
  const moved = useRef(false);
  const go = (to: number) => {
    moved.current = true;
    setChosen(Math.min(Math.max(to, 0), order.length - 1));
  };
  const here = order[at];
  const act = (what: Decision) => {
    if (!here) return;
    moved.current = true;
    decide(what, [here]);
  };
  // After a decision the next card comes to this place: the focus goes with the place.
  useEffect(() => {
    if (!moved.current || !here) return;
    moved.current = false;
    const card = cards.current.get(here.id);
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
  }, [here]);
  const group = t("approvals.title");
  useShortcuts([
    { keys: "j", label: t("keys.nextOne"), group, run: () => go(at + 1) },
    { keys: "k", label: t("keys.previousOne"), group, run: () => go(at - 1) },
    ...(can
      ? [
          { keys: "a", label: t("approvals.approve"), group, run: () => act("release") },
          { keys: "x", label: t("approvals.drop"), group, run: () => act("drop") },
        ]
      : []),
  ]);
  const section = (title: string, help: string, effects: EffectView[], warn: boolean) =>
    effects.length === 0 ? null : (
      <section className={classes.section} aria-label={title}>
        <header className={classes.head}>
          <h2>{title}</h2>
          <Badge color={warn ? "yellow" : "gray"}>{effects.length}</Badge>
          {can && effects.length > 1 && (
            <div className={classes.all}>
              <Button variant="subtle" size="compact-xs" onClick={() => decide("release", effects)}>
                {t("approvals.approveAll", { count: effects.length })}
              </Button>
              <Button variant="subtle" color="red" size="compact-xs" onClick={() => decide("drop", effects)}>
                {t("approvals.dropAll", { count: effects.length })}
              </Button>
            </div>
          )}
        </header>
        <Text size="sm" c={warn ? "var(--warn)" : "var(--dim)"} mb="sm">
          {help}
        </Text>
        <ul className={classes.list}>
          {effects.map((e) => (
            <Held
              key={e.id}
              of={e}
              chosen={e.id === here?.id}
              can={can}
              card={(el) => {
                if (el) cards.current.set(e.id, el);
                else cards.current.delete(e.id);
              }}
              choose={() => setChosen(order.indexOf(e))}
              approve={() => {
                moved.current = true;
                decide("release", [e]);
              }}
              drop={() => {
                moved.current = true;
                decide("drop", [e]);
              }}
            />
          ))}
        </ul>
      </section>
    );
  return (
    <div className={classes.queue}>
      <p className="sr-only" role="status">
        {t("approvals.count", { count: list.length })}
      </p>
      {section(t("approvals.waiting"), t("approvals.waitingHelp"), waiting, false)}
      {section(t("approvals.restored"), t("approvals.restoredHelp"), restored, true)}
      {more && (
        <Button variant="default" loading={busy} onClick={more}>
          {t("ui:more")}
        </Button>
      )}
    </div>
  );
}

function Nothing() {
  const { t } = useTranslation("playbooks");
  const session = useSession();
  return (
    <Empty
      icon={<IconChecklist size={30} />}
      title={t("approvals.none")}
      text={t("approvals.noneText")}
      action={
        session.can("read_setup") &&
        session.role !== "agent" && (
          <Button component={Link} to="/playbooks" variant="default">
            {t("approvals.modes")}
          </Button>
        )
      }
    />
  );
}
