import { Anchor, Badge, Button, Group, Text } from "@mantine/core";
import { useInViewport } from "@mantine/hooks";
import { IconBell, IconBolt, IconLock, IconSearch, IconWorld } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { EffectView } from "@/api/schema";
import { languageName } from "@/ui/format";
import { Keys } from "@/ui/kbd";
import { NetworkIcon, Post } from "@/ui/post";
import { Ago, Due } from "@/ui/time";
import { headword } from "@/ui/word";
import classes from "./approvals.module.css";
import { outline } from "./outline";
import { activeOf, versionQuery, versionsQuery } from "./query";

interface HeldProps {
  of: EffectView;
  chosen: boolean;
  can: boolean;
  card: (el: HTMLElement | null) => void;
  choose: () => void;
  approve: () => void;
  drop: () => void;
}

/** One message that waits: what it answers, the text as it will be sent, where to, and why. */
export function Held({ of: e, chosen, can, card, choose, approve, drop }: HeldProps) {
  const { t } = useTranslation(["playbooks", "ui"]);
  const { ref, inViewport } = useInViewport();
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (inViewport) setSeen(true);
  }, [inViewport]);
  const r = e.reply;
  const to = r ? r.handle || r.to.author : "";
  return (
    <li ref={ref}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: j and k choose */}
      <article
        ref={card}
        tabIndex={-1}
        className={classes.card}
        data-chosen={chosen || undefined}
        aria-label={r ? t("approvals.to", { who: to }) : e.kind}
        onClick={choose}
        onFocus={choose}
      >
        <header className={classes.top}>
          {r ? <NetworkIcon network={r.to.network} /> : <KindIcon kind={e.kind} />}
          <strong>
            {r
              ? t("approvals.to", { who: to })
              : t("approvals.other", { kind: headword("effect", e.kind), to: e.destination })}
          </strong>
          {r && <Visibility of={r.visibility} />}
          {r?.proactive && <Badge color="gray">{t("approvals.proactive")}</Badge>}
          {r?.lang && <Badge color="gray">{languageName(r.lang)}</Badge>}
          <span className={classes.time}>
            <Ago at={e.created_at} />
            {e.not_after && (
              <>
                {" · "}
                {t("approvals.worth")} <Due at={e.not_after} />
              </>
            )}
          </span>
        </header>
        {r && seen && <Asked of={e} />}
        {r && <Post network={r.to.network} name={t("approvals.ours")} text={r.text} ours />}
        {e.notify && <p className={classes.text}>{e.notify.text}</p>}
        {e.lookup && (
          <p className={classes.text}>
            {e.lookup.component} {e.lookup.id || e.lookup.query}
          </p>
        )}
        {e.emit && <p className={classes.text}>{e.emit.type}</p>}
        <footer className={classes.foot}>
          {can && (
            <Group gap="xs">
              <Button
                onClick={approve}
                rightSection={
                  chosen && (
                    <span className={classes.key}>
                      <Keys of="a" />
                    </span>
                  )
                }
              >
                {t("approvals.approve")}
              </Button>
              <Button
                variant="default"
                onClick={drop}
                rightSection={
                  chosen && (
                    <span className={classes.key}>
                      <Keys of="x" />
                    </span>
                  )
                }
              >
                {t("approvals.drop")}
              </Button>
            </Group>
          )}
          <Group gap="md" className={classes.more}>
            {e.rule && <RuleLink rule={e.rule} />}
            <Anchor component={Link} to="/why/$id" params={{ id: e.id } as never} size="sm">
              {t("approvals.why")}
            </Anchor>
            {e.case_id && (
              <Anchor component={Link} to="/cases/$case" params={{ case: e.case_id } as never} size="sm">
                {t("approvals.case")}
              </Anchor>
            )}
          </Group>
        </footer>
      </article>
    </li>
  );
}

function Visibility({ of }: { of: string }) {
  const { t } = useTranslation("ui");
  return of === "public" ? (
    <Badge color="yellow" leftSection={<IconWorld size={11} />}>
      {t("visibility.public")}
    </Badge>
  ) : (
    <Badge color="gray" leftSection={<IconLock size={11} />}>
      {t("visibility.private")}
    </Badge>
  );
}

function KindIcon({ kind }: { kind: string }) {
  const Icon = kind === "notify" ? IconBell : kind === "lookup" ? IconSearch : IconBolt;
  return <Icon size={16} aria-hidden />;
}

/** What the customer wrote, read when the card comes into view. */
function Asked({ of: e }: { of: EffectView }) {
  const { t } = useTranslation("playbooks");
  const history = useQuery({
    queryKey: ["customers", e.customer_id, "history", "asked", e.case_id],
    queryFn: () =>
      take(
        api.GET("/v1/customers/{id}/history", {
          params: { path: { id: e.customer_id }, query: { case: e.case_id, limit: 100 } },
        }),
      ),
    enabled: !!e.case_id,
  });
  const posts = (history.data?.items ?? []).filter((h) => h.kind === "post" && h.text);
  const asked = posts.find((h) => h.ref === e.reply?.in_reply_to) ?? posts[0];
  if (!asked)
    return history.isFetched ? (
      <Text size="sm" c="var(--dim)">
        {t("approvals.noPost")}
      </Text>
    ) : null;
  return (
    <Post
      network={e.reply!.to.network}
      handle={asked.by}
      text={asked.text ?? ""}
      at={asked.at}
      visibility={asked.visibility}
    />
  );
}

function RuleLink({ rule }: { rule: string }) {
  const { t } = useTranslation("playbooks");
  const active = activeOf(useQuery(versionsQuery).data ?? []);
  const source = useQuery(versionQuery(active?.version ?? 0)).data?.source ?? "";
  const line = outline(source).find((p) => p.kind === "rule" && p.name === rule)?.line;
  if (!active || !line)
    return (
      <Text size="sm" c="var(--dim)">
        {t("approvals.rule", { rule })}
      </Text>
    );
  return (
    <Anchor
      component={Link}
      to="/playbooks/$version"
      params={{ version: String(active.version) } as never}
      search={{ line } as never}
      size="sm"
    >
      {t("approvals.rule", { rule })}
    </Anchor>
  );
}
