import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { KnownOrder } from "@/api/schema";
import { useNow } from "@/ui/clock";
import { dayOrTime } from "@/ui/format";
import { arrivalOf, isSettled, itemsOf, totalOf } from "@/ui/order";
import { word } from "@/ui/word";
import classes from "./about.module.css";
import { Mark } from "./mark";

/** So many are shown at once beside those of the case. */
const few = 3;

/** A customer's orders: those of the case first, then what is late, on its way, and over. */
export function Orders({ all, named }: { all: KnownOrder[]; named: string[] }) {
  const { t } = useTranslation("cases");
  const [whole, setWhole] = useState(false);
  const now = useNow(60_000);
  const weight = (k: KnownOrder) =>
    (named.includes(k.id) ? 4 : 0) + (k.late ? 2 : 0) + (k.order && !isSettled(k.order) ? 1 : 0);
  const sorted = [...all].sort((x, y) => weight(y) - weight(x));
  const shown = whole ? sorted : sorted.slice(0, Math.max(few, named.length));
  return (
    <>
      <ul className={classes.rows}>
        {shown.map((k) => (
          <Row key={k.id} k={k} now={now} />
        ))}
      </ul>
      {shown.length < sorted.length && (
        <Button variant="subtle" size="compact-xs" mt="xs" onClick={() => setWhole(true)}>
          {t("orders.more", { count: sorted.length - shown.length })}
        </Button>
      )}
    </>
  );
}

function Row({ k, now }: { k: KnownOrder; now: number }) {
  const { t } = useTranslation("cases");
  const o = k.order;
  const { late } = k;
  const { came, expected } = o ? arrivalOf(o) : {};
  const when = came
    ? t("orders.delivered", { at: dayOrTime(came, now) })
    : expected && t("orders.eta", { at: dayOrTime(expected, now) });
  return (
    <li>
      <div className={classes.line}>
        <strong>{k.id}</strong>
        {!k.open ? (
          <Mark tone="plain">{t("orders.unproven")}</Mark>
        ) : !o ? (
          <Mark tone="plain">{t("orders.unknown")}</Mark>
        ) : null}
        {o && (
          <Mark tone={late ? "bad" : o.status === "delivered" ? "good" : "plain"}>
            {word("order_status", o.status)}
          </Mark>
        )}
        {late && <Mark tone="bad">{t("orders.late")}</Mark>}
        {o?.total && <span className={classes.end}>{totalOf(o)}</span>}
      </div>
      {o && (
        <Text size="xs" c="var(--dim)">
          {[when, late && o.promised && t("orders.promised", { at: dayOrTime(o.promised, now) }), o.carrier, o.reason]
            .filter(Boolean)
            .join(" · ")}
        </Text>
      )}
      {o?.items && o.items.length > 0 && (
        <Text size="xs" c="var(--dim)" lineClamp={2}>
          {itemsOf(o)}
        </Text>
      )}
      {!k.open && (
        <Text size="xs" c="var(--dim)">
          {t("orders.unprovenText")}
        </Text>
      )}
    </li>
  );
}
