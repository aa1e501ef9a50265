import { Alert, Anchor, Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ConnectionView, StatusView } from "@/api/schema";
import { saidAlone } from "@/i18n/said";
import { number, span } from "@/ui/format";
import { Panel } from "@/ui/panel";
import { Read } from "@/ui/states";
import { When } from "@/ui/time";
import classes from "./connections.module.css";
import { Connection } from "./link";
import { connectionsQuery, statusQuery } from "./queries";

const kinds = ["network", "source", "component", "webhook"] as const;

export function Overview({ add }: { add: () => void }) {
  const connections = useQuery(connectionsQuery);
  const status = useQuery(statusQuery);
  return (
    <>
      <Read of={status} lines={3}>
        {(s) => (
          <>
            <Troubles of={s} />
            <Figures of={s} />
          </>
        )}
      </Read>
      <Read of={connections}>
        {(list) => kinds.map((kind) => <Kind key={kind} kind={kind} list={list} add={add} />)}
      </Read>
    </>
  );
}

function Kind({ kind, list, add }: { kind: ConnectionView["kind"]; list: ConnectionView[]; add: () => void }) {
  const { t } = useTranslation("connections");
  const of = list.filter((c) => c.kind === kind);
  return (
    <Panel title={t(`kind.${kind}.title`)} flush>
      {of.length === 0 ? (
        <p className={classes.none}>
          <span>{t(`kind.${kind}.none`)}</span>
          <Button variant="default" size="compact-xs" onClick={add}>
            {t("add.how")}
          </Button>
        </p>
      ) : (
        <ul className={classes.list}>
          {of.map((c) => (
            <Connection key={`${c.name}/${c.account ?? ""}`} of={c} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What stops the work as a whole, and what to do about it. */
function Troubles({ of }: { of: StatusView }) {
  const { t } = useTranslation("connections");
  const found: [string, ReactNode, ReactNode][] = [];
  if (of.store_failing)
    found.push([
      "store",
      t("trouble.store.title"),
      <>
        {saidAlone(of.store_failing, of.store_failing_said)}. {t("trouble.store.text")}{" "}
        <When at={of.store_failing_since} />
      </>,
    ]);
  if (!of.running) found.push(["running", t("trouble.running.title"), t("trouble.running.text")]);
  if (of.stopped)
    found.push([
      "stopped",
      t("trouble.stopped.title"),
      <>
        {t("trouble.stopped.text")}{" "}
        <Anchor component={Link} to="/playbooks" size="sm">
          {t("trouble.stopped.go")}
        </Anchor>
      </>,
    ]);
  if (of.playbook_broken)
    found.push(["broken", t("trouble.broken.title", { version: of.playbook_broken }), t("trouble.broken.text")]);
  if (of.stuck) found.push(["stuck", t("trouble.stuck.title", { count: of.stuck }), t("trouble.stuck.text")]);
  return found.map(([key, title, text]) => (
    <Alert key={key} color="red" icon={<IconAlertTriangle size={18} />} title={title} className={classes.alert}>
      {text}
    </Alert>
  ));
}

/** How the engine stands: what came in, what is to be decided, what is on its way out. */
function Figures({ of }: { of: StatusView }) {
  const { t } = useTranslation("connections");
  const late = 5;
  const hint = (seconds: number, key: "figure.oldest" | "figure.late") =>
    seconds >= 1 ? t(key, { time: span(seconds * 1000) }) : undefined;
  return (
    <Panel title={t("figure.title")}>
      <dl className={classes.figures}>
        <Figure
          label={t("figure.inbox")}
          value={of.inbox_pending}
          hint={hint(of.oldest_pending_seconds, "figure.oldest")}
          bad={of.oldest_pending_seconds > late}
        />
        <Figure
          label={t("figure.outbox")}
          value={of.effects_pending}
          hint={hint(of.overdue_seconds, "figure.late")}
          bad={of.overdue_seconds > 60}
        />
        <Figure
          label={t("figure.held")}
          value={of.effects_held}
          hint={
            of.effects_held > 0 && (
              <Anchor component={Link} to="/approvals" size="xs">
                {t("figure.heldGo")}
              </Anchor>
            )
          }
        />
        <Figure
          label={t("figure.dead")}
          value={of.effects_dead}
          bad={of.effects_dead > 0}
          hint={
            of.effects_dead > 0 && (
              <Link to="/connections/$tab" params={{ tab: "dead-letters" }} className={classes.go}>
                {t("figure.deadGo")}
              </Link>
            )
          }
        />
        <Figure label={t("figure.work")} value={of.work_items_open} />
        <Figure label={t("figure.customers")} value={of.customers} />
        <Figure label={t("figure.orders")} value={of.orders} />
        <Figure label={t("figure.posts")} value={of.posts} />
        <Figure label={t("figure.events")} value={of.events} />
        <Figure label={t("figure.subscriptions")} value={of.subscriptions} />
      </dl>
    </Panel>
  );
}

function Figure({ label, value, hint, bad }: { label: string; value: number; hint?: ReactNode; bad?: boolean }) {
  return (
    <div className={classes.figure} data-bad={bad || undefined}>
      <dt>{label}</dt>
      <dd>
        <span className={classes.value}>{number(value)}</span>
        {hint && <span className={classes.hint}>{hint}</span>}
      </dd>
    </div>
  );
}
