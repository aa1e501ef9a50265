import { ActionIcon, Badge, Text, Title, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconClock, IconFlame, IconMessageCircle, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useNow } from "@/ui/clock";
import { Due, When } from "@/ui/time";
import { holderOf, isOver, nameOf, queuesQuery } from "./data";
import classes from "./item.module.css";
import { KindIcon, Mark } from "./kind";
import { notYet } from "./waiting";
import { dispositionLabel, word } from "./words";

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
  const queue = queues.data?.items?.find((q) => q.queue === w.queue);
  const told = w.promised ?? [];
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <ActionIcon className={classes.back} onClick={onBack} aria-label={t("keys.list")}>
          <IconArrowLeft size={18} />
        </ActionIcon>
        <Title order={2} size="h2">
          <Link to="/customers/$customer" params={{ customer: w.customer_id }} className={classes.who}>
            {nameOf(w)}
          </Link>
        </Title>
        <span className={classes.kind}>
          <KindIcon kind={w.kind} size={15} /> {word(t, "kind", w.kind)}
        </span>
        <Stand item={w} />
        {w.priority >= 80 && (
          <Mark tone="bad" icon={<IconFlame size={11} />}>
            {t(w.priority >= 100 ? "priority.urgent" : "priority.high")}
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
      {told.length > 0 && (
        <p className={classes.told} dir="auto">
          <IconMessageCircle size={14} aria-hidden />
          <span>
            <strong>{t("item.told")}</strong> {told.join(" · ")}
          </span>
        </p>
      )}
      {(w.note || w.reason) && !isOver(w) && (
        <p className={classes.note} dir="auto">
          {w.note || w.reason}
        </p>
      )}
      {children}
    </header>
  );
}

/** Where the item stands, in a few words. */
function Stand({ item: w }: { item: WorkItemView }) {
  const { t } = useTranslation("desk");
  const { login } = useSession();
  const now = useNow(15_000);
  const holder = holderOf(w);
  if (isOver(w)) {
    const how =
      w.state === "completed" && w.disposition
        ? dispositionLabel(t, { name: w.disposition })
        : word(t, "state", w.state);
    return (
      <Tooltip label={w.close_note} disabled={!w.close_note} multiline maw={320}>
        <Badge color={w.state === "completed" ? "teal" : "gray"}>{w.agent ? `${how} · ${w.agent}` : how}</Badge>
      </Tooltip>
    );
  }
  if (holder && holder !== login)
    return (
      <Badge color="gray" leftSection={<IconUser size={11} />}>
        {t(w.state === "reserved" ? "item.offeredTo" : "item.heldBy", { who: holder })}
      </Badge>
    );
  if (w.state === "pending" && notYet(w, now))
    return (
      <Badge color="gray">
        {t("row.from")} <When at={w.not_before} />
      </Badge>
    );
  if (w.state === "wrapping") return <Mark tone="warn">{word(t, "state", w.state)}</Mark>;
  return <Badge color="accent">{word(t, "state", w.state)}</Badge>;
}
