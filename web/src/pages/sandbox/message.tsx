import { Badge, Tooltip } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { SandboxPost } from "@/api/schema";
import { said } from "@/i18n/said";
import { initials } from "@/ui/post";
import { When } from "@/ui/time";
import { word } from "@/ui/word";
import { personOf, useMay, useNetwork } from "./context";
import classes from "./message.module.css";

export type Act = "reply" | "edit" | "delete" | "staff";

interface MessageProps {
  post: SandboxPost;
  /** Who reads. */
  handle: string;
  timeZone: string | undefined;
  leaving: boolean;
  onAct: (act: Act, post: SandboxPost) => void;
}

/** A post as one customer sees it. What people wrote is text, never markup. */
export function Message({ post, handle, timeZone, leaving, onAct }: MessageProps) {
  const { t } = useTranslation(["sandbox", "ui"]);
  const { info } = useNetwork();
  const may = useMay();
  const own = !post.company && post.handle === handle;
  const name = post.company ? word("company", info.company) : post.name || personOf(info, post.handle).name;
  const by = `@${post.handle}`;
  const reason = said(post.reason ?? "", post.reason_said);
  const acts: Act[] = [];
  if (!post.deleted && !leaving) {
    acts.push("reply");
    if (own) acts.push("edit", "delete");
    if (!post.company && may("work")) acts.push("staff");
  }
  return (
    <article
      className={classes.post}
      data-private={post.visibility === "private" || undefined}
      data-gone={post.deleted || leaving || undefined}
      data-from={post.company ? "company" : own ? "own" : "other"}
      id={`${handle}-${post.id}`}
    >
      <Face handle={post.handle} name={name} company={post.company} />
      <div className={classes.main}>
        <header className={classes.head}>
          <strong className={classes.name}>{name}</strong>
          {name !== by && <span className={classes.by}>{by}</span>}
          <span className={classes.at}>
            <When at={post.at} timeZone={timeZone} />
          </span>
        </header>
        <div className={classes.tags}>
          {post.visibility === "private" && (
            <Badge color="accent" leftSection={<IconLock size={10} aria-hidden />}>
              {t("ui:visibility.private")}
            </Badge>
          )}
          {post.company && post.to !== handle && <Badge color="gray">{t("to", { handle: post.to })}</Badge>}
          {post.edited_at && !post.deleted && <Badge color="gray">{t("ui:network.edited")}</Badge>}
          {own && post.delivery === "pending" && (
            <Tooltip label={reason} disabled={!post.reason}>
              <Badge c="var(--warn)" bg="var(--warn-soft)">
                {t("delivery.pending")}
              </Badge>
            </Tooltip>
          )}
          {own && post.delivery === "refused" && (
            <Badge c="var(--bad)" bg="var(--bad-soft)">
              {t("delivery.refused", { reason })}
            </Badge>
          )}
        </div>
        <p className={classes.text} dir="auto">
          {post.deleted ? t("deleted") : post.text}
        </p>
        <div className={classes.acts}>
          {acts.map((act) => (
            <button key={act} type="button" onClick={() => onAct(act, post)}>
              {t(`act.${act}`)}
            </button>
          ))}
          {own && !post.deleted && post.delivery === "delivered" && may("read_customers") && (
            <Link to="/why/$id" params={{ id: post.id }}>
              {t("act.why")}
            </Link>
          )}
        </div>
      </div>
    </article>
  );
}

interface FaceProps {
  handle: string;
  name: string;
  company?: boolean;
}

/** A coloured disc with initials; the company's is square. */
export function Face({ handle, name, company }: FaceProps) {
  let shade = 0;
  for (const c of handle) shade = (shade * 31 + (c.codePointAt(0) ?? 0)) % 6;
  return (
    <span className={classes.face} data-shade={company ? "us" : shade} aria-hidden>
      {initials(name)}
    </span>
  );
}
