import { Badge, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { CaseView, SubscriptionView } from "@/api/schema";
import { said } from "@/i18n/said";
import { useNow } from "@/ui/clock";
import { dayOrTime } from "@/ui/format";
import { arrivalOf, itemsOf, totalOf } from "@/ui/order";
import { Panel } from "@/ui/panel";
import { Empty, Read } from "@/ui/states";
import { Ago, Due } from "@/ui/time";
import { WhyLink } from "@/ui/why";
import { headword, word } from "@/ui/word";
import { isOver } from "@/ui/workitem";
import { CaseLine } from "./case";
import classes from "./customers.module.css";
import { casesQuery, type KnownOrder, ordersQuery, subscriptionsQuery } from "./queries";

/** What is going on for a customer: cases, work for people, orders, what is waited for. */
export function Matters({ id }: { id: string }) {
  const cases = useQuery(casesQuery(id));
  return (
    <>
      <Cases of={cases} />
      <Work cases={cases.data ?? []} />
      <Orders id={id} />
      <Subscriptions id={id} />
    </>
  );
}

function Cases({ of }: { of: Parameters<typeof Read<CaseView[]>>[0]["of"] }) {
  const { t } = useTranslation("customers");
  return (
    <Panel title={t("cases.title")} flush>
      <Read of={of}>
        {(list) => {
          if (list.length === 0) return <Empty title={t("cases.none")} text={t("cases.noneText")} />;
          const sorted = [...list.filter((c) => c.state !== "resolved"), ...list.filter((c) => c.state === "resolved")];
          return (
            <ul className={classes.plain}>
              {sorted.slice(0, 50).map((c) => (
                <li key={c.id}>
                  <CaseLine of={c} />
                </li>
              ))}
            </ul>
          );
        }}
      </Read>
    </Panel>
  );
}

const workColors: Record<string, string> = { completed: "green", canceled: "gray", pending: "yellow" };

/** Work items stand in the cases that they are about. */
function Work({ cases }: { cases: CaseView[] }) {
  const { t } = useTranslation("customers");
  const items = cases.flatMap((c) => c.work_items ?? []);
  if (items.length === 0) return null;
  items.sort((a, b) => Number(isOver(a)) - Number(isOver(b)));
  return (
    <Panel title={t("work.title")} flush>
      <ul className={classes.plain}>
        {items.slice(0, 30).map((w) => (
          <li key={w.id} className={classes.item}>
            <span className={classes.rowMain}>
              <span className={classes.rowLine}>
                <Text component="span" fw={600} size="sm">
                  {headword("work_kind", w.kind)}
                </Text>
                <Badge color={workColors[w.state] ?? "accent"}>{word("work_state", w.state)}</Badge>
              </span>
              <span className={classes.rowDim}>
                <span>{w.queue}</span>
                {!isOver(w) && w.due && (
                  <span>
                    <Due at={w.due} />
                  </span>
                )}
              </span>
            </span>
            <WhyLink id={w.id} of={headword("work_kind", w.kind)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Orders({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const orders = useQuery(ordersQuery(id));
  return (
    <Panel title={t("orders.title")} flush>
      <Read of={orders} lines={3}>
        {(list) =>
          list.length === 0 ? (
            <Empty title={t("orders.none")} text={t("orders.noneText")} />
          ) : (
            <ul className={classes.plain}>
              {list.map((o) => (
                <li key={o.id} className={classes.item}>
                  <Order of={o} />
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  );
}

const orderColors: Record<string, string> = { delivered: "green", delayed: "red", canceled: "gray", refunded: "gray" };

function Order({ of: k }: { of: KnownOrder }) {
  const { t } = useTranslation("customers");
  const now = useNow(60_000);
  const o = k.order;
  const { came, expected } = o ? arrivalOf(o) : {};
  return (
    <span className={classes.rowMain}>
      <span className={classes.rowLine}>
        <code className={classes.strong}>{k.id}</code>
        {o && <Badge color={orderColors[o.status] ?? "accent"}>{word("order_status", o.status)}</Badge>}
        {k.late && o?.status !== "delayed" && <Badge color="red">{t("orders.late")}</Badge>}
        {o?.total && <span className={classes.end}>{totalOf(o)}</span>}
      </span>
      {!k.open ? (
        <span className={classes.rowDim}>
          <IconLock size={13} aria-hidden /> {t("orders.closed")}
        </span>
      ) : !o ? (
        <span className={classes.rowDim}>{t("orders.unknown")}</span>
      ) : (
        <>
          {(o.items ?? []).length > 0 && <span className={classes.rowDim}>{itemsOf(o)}</span>}
          <span className={classes.rowDim}>
            {came && (
              <span>
                {t("orders.delivered")} {dayOrTime(came, now)}
              </span>
            )}
            {expected && (
              <span>
                {t("orders.eta")} {dayOrTime(expected, now)}
              </span>
            )}
            {o.promised && !came && k.late && (
              <span>
                {t("orders.promised")} {dayOrTime(o.promised, now)}
              </span>
            )}
            {o.carrier && (
              <span>
                {o.carrier} {o.tracking}
              </span>
            )}
            {o.reason && <span>{o.reason}</span>}
          </span>
        </>
      )}
    </span>
  );
}

function Subscriptions({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const subs = useQuery(subscriptionsQuery(id));
  return (
    <Panel title={t("subs.title")} flush>
      <Read of={subs} lines={3}>
        {(list) =>
          list.length === 0 ? (
            <Empty title={t("subs.none")} text={t("subs.noneText")} />
          ) : (
            <ul className={classes.plain}>
              {list.map((s) => (
                <li key={s.id} className={classes.item}>
                  <Subscription of={s} />
                  <WhyLink id={s.id} of={s.to} />
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  );
}

function Subscription({ of: s }: { of: SubscriptionView }) {
  const { t } = useTranslation("customers");
  return (
    <span className={classes.rowMain}>
      <span className={classes.rowLine}>
        <code className={classes.strong}>{s.to}</code>
      </span>
      <span className={classes.rowDim}>
        {[s.anchor, ...(s.where ?? [])].map((a) => (
          <code key={a.attr}>
            {a.attr}={a.value}
          </code>
        ))}
      </span>
      <span className={classes.rowDim}>
        {s.rule ? (
          <span>{t("subs.rule", { rule: s.rule })}</span>
        ) : (
          s.reason && <span>{said(s.reason, s.reason_said)}</span>
        )}
        <span>
          {t("subs.until")} <Ago at={s.expires} />
        </span>
      </span>
    </span>
  );
}
