import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { QueueView } from "@/api/schema";
import { said, says } from "@/i18n/said";
import { percent, shortTime, span } from "@/ui/format";
import { GoTo } from "@/ui/goto";
import { Panel } from "@/ui/panel";
import { Empty } from "@/ui/states";
import classes from "./live.module.css";

interface QueuesProps {
  list: QueueView[];
  /** Today's share in target, by queue; null: nothing was taken up. */
  levels: Map<string, number | null> | undefined;
  show: (queue: string) => void;
}

export function Queues({ list, levels, show }: QueuesProps) {
  const { t } = useTranslation("live");
  return (
    <Panel flush title={t("queues.title")}>
      {list.length === 0 ? (
        <Empty
          title={t("queues.empty")}
          text={t("queues.emptyText")}
          action={<GoTo to="/playbooks">{t("queues.go")}</GoTo>}
        />
      ) : (
        <ul className={classes.rows}>
          {list.map((q) => (
            <li key={q.queue}>
              <UnstyledButton
                className={classes.row}
                w="100%"
                fz="inherit"
                onClick={() => show(q.queue)}
                title={t("queues.show", { queue: q.queue })}
              >
                <Queue of={q} level={levels?.get(q.queue)} />
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Queue({ of: q, level }: { of: QueueView; level: number | null | undefined }) {
  const { t } = useTranslation("live");
  const late = q.open && q.waiting > 0 && q.oldest_seconds > q.settings.target_seconds;
  const low = level != null && level * 100 < q.settings.target_share;
  const target = t("queues.target", {
    share: percent(q.settings.target_share / 100),
    time: span(q.settings.target_seconds * 1000),
  });
  return (
    <>
      <span className={classes.line}>
        <strong className={classes.clip}>{q.queue}</strong>
        <span className={`${classes.end} ${late ? classes.warn : ""}`}>
          {q.waiting > 0 ? t("queues.waiting", { count: q.waiting }) : t("queues.none")}
          {q.waiting > 0 && `, ${t("queues.oldest", { time: span(q.oldest_seconds * 1000) })}`}
        </span>
      </span>
      <span className={`${classes.under} ${classes.dim}`}>
        {q.open ? (
          <span className={q.agents === 0 && q.waiting > 0 ? classes.warn : undefined}>
            {q.agents > 0 ? t("queues.agents", { count: q.agents }) : t("queues.noAgents")}
          </span>
        ) : (
          <span>
            {q.estimate.opens ? t("queues.opens", { time: shortTime(q.estimate.opens) }) : t("queues.closed")}
          </span>
        )}
        {q.later > 0 && <span>{t("queues.later", { count: q.later })}</span>}
        <span className={low ? classes.warn : undefined} title={target}>
          {level == null ? t("queues.levelNone") : t("queues.level", { share: percent(level) })}
        </span>
      </span>
      {q.open && (
        <span className={`${classes.line} ${classes.dim}`}>
          <Estimate of={q} />
        </span>
      )}
    </>
  );
}

function Estimate({ of: q }: { of: QueueView }) {
  const { t } = useTranslation("live");
  const { known, why = "", why_said, median_seconds: median = 0, upper_seconds: upper = 0 } = q.estimate;
  // That no agent is there stands beside it.
  if (!known)
    return why && !says("wait_no_agents", why_said)
      ? t("queues.unknownWhy", { why: said(why, why_said) })
      : t("queues.unknown");
  if (upper === 0) return t("queues.estimateNone");
  const time = span(median * 1000);
  return upper > median
    ? t("queues.estimateUpTo", { time, upper: span(upper * 1000) })
    : t("queues.estimate", { time });
}
