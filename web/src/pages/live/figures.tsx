import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { LiveView, StatusView } from "@/api/schema";
import { useSession } from "@/api/session";
import { Figure, Figures } from "@/ui/figure";
import { number, span } from "@/ui/format";

/** Promises at risk are counted up to this. */
const mostAtRisk = 100;

/** The day in numbers; colour is for what needs somebody. */
export function Standing({ of, stuck }: { of: LiveView; stuck: StatusView | undefined }) {
  const { t } = useTranslation("live");
  const queues = of.queues ?? [];
  const waiting = queues.reduce((n, q) => n + q.waiting, 0);
  const later = queues.reduce((n, q) => n + q.later, 0);
  const oldest = Math.max(0, ...queues.map((q) => q.oldest_seconds));
  const late = queues.some((q) => q.open && q.waiting > 0 && q.oldest_seconds > q.settings.target_seconds);
  const { agents, promises, posts } = of;
  const all = agents.available + agents.busy + agents.break + agents.offline;
  const there = agents.available + agents.busy;
  const hand = (["assigned", "offered", "wrapping"] as const)
    .filter((k) => agents[k] > 0)
    .map((k) => t(`figure.${k}`, { count: agents[k] }));
  const many = promises.at_risk >= mostAtRisk;
  return (
    <Figures label={t("figure.label")}>
      <Figure
        label={t("figure.waiting")}
        value={number(waiting)}
        note={
          (waiting > 0 ? t("figure.oldest", { time: span(oldest * 1000) }) : t("figure.nobody")) +
          (later > 0 ? `, ${t("queues.later", { count: later })}` : "")
        }
        tone={late ? "warn" : undefined}
      />
      <Figure
        label={t("figure.hand")}
        value={number(agents.assigned + agents.offered + agents.wrapping)}
        note={hand.length > 0 ? hand.join(", ") : t("figure.handNone")}
      />
      <Figure
        label={t("figure.there")}
        value={number(there)}
        note={t("figure.thereOf", { all, break: agents.break })}
        tone={there === 0 && waiting > 0 ? "warn" : undefined}
      />
      <Figure
        label={t("figure.risk")}
        value={many ? t("figure.riskMany", { count: mostAtRisk }) : number(promises.at_risk)}
        note={
          promises.overdue > 0
            ? t("figure.overdue", { count: promises.overdue })
            : t(promises.at_risk > 0 ? "figure.withinHour" : "figure.allKept")
        }
        tone={promises.overdue > 0 ? "bad" : promises.at_risk > 0 ? "warn" : undefined}
      />
      {posts && (
        <Figure label={t("figure.posts")} value={number(posts.today)} note={t("figure.hour", { count: posts.hour })} />
      )}
      {stuck && <Stuck of={stuck} />}
    </Figures>
  );
}

function Stuck({ of }: { of: StatusView }) {
  const { t } = useTranslation("live");
  const session = useSession();
  const { effects_dead: dead, effects_held: held, stopped } = of;
  // While the switch is on, what is to be sent waits, too.
  const waits = stopped ? of.effects_pending : 0;
  const setup = session.role !== "agent";
  return (
    <Figure
      label={t("figure.stuck")}
      value={number(dead + held + waits)}
      tone={dead > 0 || stopped ? "bad" : held > 0 ? "warn" : undefined}
      note={
        <>
          {stopped ? t("figure.stuckStopped", { count: waits }) : dead + held === 0 && t("figure.stuckNone")}
          {stopped && dead + held > 0 && ", "}
          {dead > 0 && (
            <Anchor
              inherit
              underline="always"
              renderRoot={(p) => (
                <Link to="/connections/$tab" params={{ tab: "dead-letters" }} disabled={!setup} {...p} />
              )}
            >
              {t("figure.dead", { count: dead })}
            </Anchor>
          )}
          {dead > 0 && held > 0 && ", "}
          {held > 0 && (
            <Anchor
              inherit
              underline="always"
              renderRoot={(p) => <Link to="/approvals" disabled={!session.can("supervise")} {...p} />}
            >
              {t("figure.held", { count: held })}
            </Anchor>
          )}
        </>
      }
    />
  );
}
