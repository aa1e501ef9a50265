import { ActionIcon, Badge, Text, Title, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconClock, IconFlame, IconMessageCircle, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { caseQuery } from "@/api/queries/case";
import { useNames } from "@/api/queries/person";
import { queuesQuery } from "@/api/queries/queue";
import type { WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";
import { said, saidAlone, saidLines } from "@/i18n/said";
import { useNow } from "@/ui/clock";
import { labelOf } from "@/ui/endings";
import { focusIsLost } from "@/ui/focus";
import { priorities } from "@/ui/priority";
import { Due, When } from "@/ui/time";
import { headword } from "@/ui/word";
import { holderOf, isOver, nameOf } from "@/ui/workitem";
import classes from "./item.module.css";
import { KindIcon, Mark } from "./kind";
import { openPromises, promiseBy } from "./promised";
import { notYet } from "./waiting";

/** Whose matter it is, until when, and what was told to them. */
export function ItemHead({
  item: w,
  onBack,
  children,
}: {
  item: WorkItemView;
  onBack: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation("desk");
  const queues = useQuery(queuesQuery);
  const queue = queues.data?.find((q) => q.queue === w.queue);
  const heading = useRef<HTMLHeadingElement>(null);
  // Who came by an offer or from the item before hears whose matter this is; who came from the list stays there.
  useEffect(() => {
    if (focusIsLost()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <ActionIcon className={classes.back} onClick={onBack} aria-label={t("keys.list")}>
          <IconArrowLeft size={18} />
        </ActionIcon>
        <Title order={2} size="h2" ref={heading} tabIndex={-1}>
          <Link to="/customers/$customer" params={{ customer: w.customer_id }} className={classes.who}>
            {nameOf(w)}
          </Link>
        </Title>
        <span className={classes.kind}>
          <KindIcon kind={w.kind} size={15} /> {headword("work_kind", w.kind)}
        </span>
        <Stand item={w} />
        {w.priority >= priorities.high && (
          <Mark tone="bad" icon={<IconFlame size={11} />}>
            {headword("priority", w.priority >= priorities.urgent ? "urgent" : "high")}
          </Mark>
        )}
        {(w.attempts ?? 0) > 0 && <Badge color="gray">{t("item.attempts", { count: w.attempts })}</Badge>}
      </div>
      <div className={classes.facts}>
        <span>{w.queue}</span>
        {!isOver(w) && (
          <span className={classes.fact}>
            <IconClock size={14} aria-hidden /> <Due at={w.due} /> · <When at={w.due} />
          </span>
        )}
        {queue && !queue.open && (
          <Text component="span" size="sm" c="var(--warn)">
            {queue.estimate.opens ? (
              <>
                {t("item.closedUntil")} <When at={queue.estimate.opens} />
              </>
            ) : (
              t("item.closed")
            )}
          </Text>
        )}
        {w.preferred?.text && <span>{t("item.preferred", { text: w.preferred.text })}</span>}
      </div>
      <Told item={w} />
      {(w.note || w.reason) && !isOver(w) && (
        <p className={classes.note} dir="auto">
          {w.note ? saidLines(w.note, w.note_said) : said(w.reason ?? "", w.reason_said)}
        </p>
      )}
      <div role="status">{w.state === "canceled" && w.reason && <Canceled item={w} />}</div>
      {children}
    </header>
  );
}

/** By whom, and why: who had it in hand hears it from here. */
function Canceled({ item: w }: { item: WorkItemView }) {
  useNames(); // shown anew when they are read
  return (
    <p className={classes.note} dir="auto">
      {saidAlone(w.reason ?? "", w.reason_said)}
    </p>
  );
}

/** What the customer knows of what was promised, and what they do not know yet: it is promised all the same. */
function Told({ item: w }: { item: WorkItemView }) {
  const { t } = useTranslation("desk");
  const matter = useQuery(caseQuery(w.case_id));
  const open = openPromises(matter.data);
  const rows = (["told", "waiting", "not_told"] as const)
    .map((heard) => ({ heard, of: open.filter((p) => p.heard === heard) }))
    .filter((row) => row.of.length > 0);
  if (rows.length === 0) return null;
  return (
    <div className={classes.told} dir="auto">
      <IconMessageCircle size={14} aria-hidden />
      <div>
        {rows.map(({ heard, of }) => (
          <p key={heard}>
            <strong>{t(`item.heard.${heard}`)}</strong> {of.map((p) => promiseBy(p, w.time_zone)).join(" · ")}
          </p>
        ))}
      </div>
    </div>
  );
}

/** Where the item stands, in a few words. */
function Stand({ item: w }: { item: WorkItemView }) {
  const { t } = useTranslation("desk");
  const { login } = useSession();
  const name = useNames();
  const now = useNow(15_000);
  const holder = holderOf(w);
  if (w.state === "canceled") return <Badge color="gray">{headword("work_state", w.state)}</Badge>;
  if (isOver(w)) {
    const how = w.disposition ? labelOf({ name: w.disposition }) : headword("work_state", w.state);
    return (
      <Tooltip label={w.close_note} disabled={!w.close_note} multiline maw={320}>
        <Badge color="teal">{w.agent ? `${how} · ${name(w.agent)}` : how}</Badge>
      </Tooltip>
    );
  }
  if (holder && holder !== login)
    return (
      <Badge color="gray" leftSection={<IconUser size={11} />}>
        {t(w.state === "reserved" ? "item.offeredTo" : "item.heldBy", { who: name(holder) })}
      </Badge>
    );
  if (w.state === "pending" && notYet(w, now))
    return (
      <Badge color="gray">
        {t("row.from")} <When at={w.not_before} />
      </Badge>
    );
  if (w.state === "wrapping") return <Mark tone="warn">{headword("work_state", w.state)}</Mark>;
  return <Badge color="accent">{headword("work_state", w.state)}</Badge>;
}
