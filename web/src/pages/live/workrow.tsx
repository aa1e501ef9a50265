import { ActionIcon, Badge, Menu } from "@mantine/core";
import { IconDots, IconHelpCircle, IconMessageSearch, IconPhone } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNames } from "@/api/queries/person";
import type { WorkItemView } from "@/api/schema";
import { useNow } from "@/ui/clock";
import { shortTime, span } from "@/ui/format";
import { priorities, priorityName } from "@/ui/priority";
import { Due } from "@/ui/time";
import { headword } from "@/ui/word";
import { holderOf } from "@/ui/workitem";
import classes from "./live.module.css";

const icons = { callback: IconPhone, review: IconMessageSearch, expert: IconHelpCircle };

interface WorkRowProps {
  of: WorkItemView;
  selected: boolean;
  /** It is about to be canceled. */
  leaving: boolean;
  choose: () => void;
  /** Entries of its menu. */
  actions?: ReactNode;
}

/** One work item: what it is about, who has it, and until when. */
export function WorkRow({ of: w, selected, leaving, choose, actions }: WorkRowProps) {
  const { t } = useTranslation("live");
  const Icon = icons[w.kind as keyof typeof icons] ?? IconMessageSearch;
  return (
    // A click beside the link chooses the row for the keys; who has no mouse does that with j and k.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      className={classes.item}
      data-selected={selected || undefined}
      data-leaving={leaving || undefined}
      aria-current={selected || undefined}
      onClick={choose}
    >
      <Icon size={16} aria-hidden />
      <Link to="/cases/$case" params={{ case: w.case_id }} className={`${classes.what} ${classes.clip}`} dir="auto">
        <span className="sr-only">{headword("work_kind", w.kind)}: </span>
        {w.post_text || w.summary || headword("work_kind", w.kind)}
      </Link>
      <span className={classes.due}>{leaving ? t("work.leaving") : <Due at={w.due} />}</span>
      <span>
        {actions && (
          <Menu position="bottom-end" width={210}>
            <Menu.Target>
              <ActionIcon
                aria-label={t("work.actions", { what: `${headword("work_kind", w.kind)}, ${w.queue}` })}
                disabled={leaving}
                onClick={choose}
              >
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>{actions}</Menu.Dropdown>
          </Menu>
        )}
      </span>
      <span />
      <Under of={w} leaving={leaving} />
    </div>
  );
}

function Under({ of: w, leaving }: { of: WorkItemView; leaving: boolean }) {
  const { t } = useTranslation("live");
  const name = useNames();
  const now = useNow(10_000);
  const holder = holderOf(w);
  const priority = priorityName(w.priority);
  const later = w.not_before && Date.parse(w.not_before) > now;
  return (
    <span className={`${classes.under} ${classes.dim}`} style={{ gridColumn: "2 / -1" }}>
      <span className={classes.dueUnder}>{leaving ? t("work.leaving") : <Due at={w.due} />}</span>
      <span>{headword("work_kind", w.kind)}</span>
      <span>{w.queue}</span>
      {w.priority > priorities.normal && (
        <span>
          <Badge color={w.priority >= priorities.urgent ? "red" : "gray"} c="var(--ink)">
            {priority ? headword("priority", priority) : t("priority.of", { n: w.priority })}
          </Badge>
        </span>
      )}
      {holder ? (
        <span>{t("work.stateWith", { state: headword("work_state", w.state), who: name(holder) })}</span>
      ) : later ? (
        <>
          <span>{t("work.later", { time: shortTime(w.not_before ?? "", now) })}</span>
          {w.for && <span>{t("work.for", { who: name(w.for) })}</span>}
        </>
      ) : w.for ? (
        <span>{t("work.for", { who: name(w.for) })}</span>
      ) : (
        <span>{t("work.since", { time: span(Math.max(0, now - Date.parse(w.queued_at ?? w.created_at))) })}</span>
      )}
      {(w.attempts ?? 0) > 0 && <span>{t("work.attempts", { count: w.attempts ?? 0 })}</span>}
      {(w.raised ?? 0) > 0 && <span>{t("work.raised", { count: w.raised ?? 0 })}</span>}
    </span>
  );
}
