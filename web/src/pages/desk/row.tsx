import { Badge } from "@mantine/core";
import { IconFlame } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNames } from "@/api/queries/person";
import type { WorkItemView } from "@/api/schema";
import { said } from "@/i18n/said";
import { useNow } from "@/ui/clock";
import { NetworkIcon } from "@/ui/post";
import { priorities } from "@/ui/priority";
import { Due, When } from "@/ui/time";
import { headword } from "@/ui/word";
import { holderOf, nameOf } from "@/ui/workitem";
import { KindIcon, Mark } from "./kind";
import classes from "./list.module.css";
import { notYet, type Section } from "./waiting";

interface WorkRowProps {
  item: WorkItemView;
  section: Section;
  open: boolean;
  marked: boolean;
  onOpen: () => void;
}

/** A work item in the list: who, what about, until when. */
export function WorkRow({ item: w, section, open, marked, onOpen }: WorkRowProps) {
  const { t } = useTranslation("desk");
  const now = useNow(15_000);
  const name = useNames();
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (marked) link.current?.focus({ preventScroll: true });
  }, [marked]);
  const holder = holderOf(w);
  const later = w.state === "pending" && notYet(w, now);
  return (
    <Link
      ref={link}
      to="/desk/$item"
      params={{ item: w.id }}
      className={classes.row}
      data-marked={marked || undefined}
      aria-current={open ? "true" : undefined}
      onClick={(e) => {
        if (e.ctrlKey || e.metaKey || e.shiftKey) return;
        e.preventDefault();
        onOpen();
      }}
      preload={false}
    >
      <span className={classes.kind} data-kind={w.kind} title={headword("work_kind", w.kind)}>
        <KindIcon kind={w.kind} size={15} />
        <span className="sr-only">{headword("work_kind", w.kind)}</span>
      </span>
      <span className={classes.main}>
        <span className={classes.line}>
          <strong className={classes.name}>{nameOf(w)}</strong>
          <span className={classes.due}>
            {later ? (
              <>
                {t("row.from")} <When at={w.not_before} />
              </>
            ) : (
              <Due at={w.due} />
            )}
          </span>
        </span>
        <span className={classes.text} dir="auto">
          {w.post_text || said(w.summary ?? "", w.summary_said) || said(w.reason ?? "", w.reason_said)}
        </span>
        <span className={classes.line}>
          <span className={classes.meta}>
            <NetworkIcon network={w.post.network} size={13} /> {w.queue}
            {w.lang && ` · ${w.lang}`}
          </span>
          <span className={classes.marks}>
            {w.priority >= priorities.high && (
              <Mark tone="bad" icon={<IconFlame size={11} />}>
                {headword("priority", w.priority >= priorities.urgent ? "urgent" : "high")}
              </Mark>
            )}
            {section !== "mine" && (w.raised ?? 0) > 0 && (
              <Mark tone="warn">{t("row.again", { count: (w.raised ?? 0) + 1 })}</Mark>
            )}
            {section === "mine" &&
              (w.state === "wrapping" ? (
                <Mark tone="warn">{headword("work_state", w.state)}</Mark>
              ) : (
                <Badge color="accent">{headword("work_state", w.state)}</Badge>
              ))}
            {section === "others" && (
              <Badge color="gray">{holder ? name(holder) : headword("work_state", w.state)}</Badge>
            )}
            {(section === "waiting" || section === "held") && w.for && (
              <Badge color="gray">{t("row.for", { who: name(w.for) })}</Badge>
            )}
          </span>
        </span>
      </span>
    </Link>
  );
}
