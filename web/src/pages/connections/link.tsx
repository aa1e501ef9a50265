import { Anchor, Badge } from "@mantine/core";
import { IconBell, IconPlugConnected, IconTool, IconWebhook } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ConnectionView } from "@/api/schema";
import { number, span } from "@/ui/format";
import { NetworkIcon } from "@/ui/post";
import { Ago, When } from "@/ui/time";
import { headword, isWord, word } from "@/ui/word";
import classes from "./connections.module.css";

const icons = { source: IconWebhook, component: IconPlugConnected, webhook: IconBell };
const tones = { ok: "green", unused: "gray", failing: "red", left_alone: "yellow" } as const;

/** One thing outside: how it does, when it was heard of, and what mends it. */
export function Connection({ of }: { of: ConnectionView }) {
  const { t } = useTranslation("connections");
  const Icon = of.kind === "network" ? undefined : icons[of.kind];
  const name = `${of.kind}.${of.name}`;
  const facts: [string, ReactNode][] = [];
  if (of.heard_at) facts.push(["heard", <Fact key="h" of={t("link.heard")} is={<Ago at={of.heard_at} />} />]);
  if (of.went_at && of.kind !== "source")
    facts.push([
      "went",
      <Fact
        key="w"
        of={t("link.went")}
        is={
          <>
            <Ago at={of.went_at} />
            {!!of.took_ms && ` (${t("link.took", { ms: number(of.took_ms) })})`}
          </>
        }
      />,
    ]);
  if (of.failed_at) facts.push(["failed", <Fact key="f" of={t("link.failed")} is={<Ago at={of.failed_at} />} />]);
  if (of.mode)
    facts.push([
      "mode",
      <Fact
        key="m"
        of={t("link.mode")}
        is={
          <>
            {t(`mode.${of.mode}`)}
            {of.mode_since && (
              <>
                {" ("}
                <Ago at={of.mode_since} />)
              </>
            )}
          </>
        }
      />,
    ]);
  if (of.hook && !of.mode) facts.push(["hook", <Fact key="o" of={t("link.hook")} is={of.hook} />]);
  if (of.lost) facts.push(["lost", <Fact key="l" of={t("link.lost")} is={number(of.lost)} />]);
  for (const q of of.quotas ?? [])
    facts.push([
      `quota ${q.name}`,
      <Fact
        key={`quota ${q.name}`}
        of={t("link.quota", { name: q.name })}
        is={q.of ? t("link.left", { left: number(q.left), of: number(q.of) }) : number(q.left)}
      />,
    ]);
  if (of.expires_at) facts.push(["expires", <Fact key="e" of={t("link.expires")} is={<When at={of.expires_at} />} />]);
  if (of.waiting > 0)
    facts.push([
      "waiting",
      <Fact
        key="q"
        of={t("link.waiting")}
        is={`${number(of.waiting)} (${t("link.lag", { time: span(of.lag_seconds * 1000) })})`}
      />,
    ]);
  return (
    <li className={classes.row}>
      <span className={classes.icon}>
        {Icon ? <Icon size={18} aria-hidden /> : <NetworkIcon network={of.name} size={18} />}
      </span>
      <div className={classes.what}>
        <div className={classes.name}>
          <strong>
            {isWord("connection", name)
              ? headword("connection", name)
              : of.name === "sandbox"
                ? headword("network", of.name)
                : of.name}
          </strong>
          {of.account && <span className={classes.dim}>@{of.account}</span>}
          {of.switch && (
            <Anchor component={Link} to="/playbooks" underline="never" title={t("link.switches")}>
              <Badge color="yellow">{word("mode", of.switch)}</Badge>
            </Anchor>
          )}
        </div>
        {of.can && <span className={classes.dim}>{t("link.can", { what: abilities(of, t) })}</span>}
        {facts.length > 0 && (
          <div className={classes.facts}>
            {facts.map(([key, fact]) => (
              <Fragment key={key}>{fact}</Fragment>
            ))}
          </div>
        )}
        {of.error && of.state !== "ok" && (
          <p className={classes.error}>
            {of.error}
            {!!of.failures && of.failures > 1 && ` (${t("link.row", { count: of.failures })})`}
          </p>
        )}
        {(of.remedy || of.mend) && (
          <p className={classes.mend}>
            <IconTool size={15} aria-hidden />
            <span>
              <strong>{t("link.mend")}</strong> {of.remedy ? t(`mend.${of.remedy}`, { count: of.waiting }) : of.mend}
              {of.command && (
                <>
                  {" "}
                  <code>{of.command}</code>
                </>
              )}
            </span>
          </p>
        )}
      </div>
      <Badge color={tones[of.state]} title={of.state === "unused" ? t("link.unused") : undefined}>
        {t(`state.${of.state}`)}
      </Badge>
    </li>
  );
}

function Fact({ of, is }: { of: string; is: ReactNode }) {
  return (
    <span>
      {of} <b>{is}</b>
    </span>
  );
}

type Translate = ReturnType<typeof useTranslation<"connections">>["t"];

function abilities({ can }: ConnectionView, t: Translate): string {
  const words = [];
  if (can?.public_reply) words.push(t("can.public"));
  if (can?.private_message) words.push(t("can.private"));
  if (can?.brings_posts) words.push(t("can.posts"));
  if (can?.private) words.push(t("can.hears"));
  if (can?.edits) words.push(t("can.edits"));
  if (can?.deletions) words.push(t("can.deletions"));
  if (can?.max_text) words.push(t("can.max", { count: can.max_text, max: number(can.max_text) }));
  if (can?.max_parts) words.push(t("can.parts", { max: number(can.max_parts) }));
  if (can?.max_private_text && can.max_private_text !== can.max_text)
    words.push(t("can.max_private", { max: number(can.max_private_text) }));
  if ((can?.public_reply || can?.private_message) && !can.settles) words.push(t("can.unsettled"));
  return words.join(" · ");
}
