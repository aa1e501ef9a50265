import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { KnownOrder } from "@/api/schema";
import { useNow } from "@/ui/clock";
import { shortTime } from "@/ui/format";
import classes from "./about.module.css";
import { Mark } from "./mark";
import { isLate, isOver } from "./order";
import { word } from "./words";

/** So many are shown at once beside those of the case. */
const few = 3;

/** A customer's orders: those of the case first, then what is late, on its way, and over. */
export function Orders({ all, named }: { all: KnownOrder[]; named: string[] }) {
  const { t } = useTranslation("cases");
  const [whole, setWhole] = useState(false);
  const now = useNow(60_000);
  const weight = (k: KnownOrder) =>
    (named.includes(k.id) ? 4 : 0) + (k.order && isLate(k.order, now) ? 2 : 0) + (k.order && !isOver(k.order) ? 1 : 0);
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
  const late = o && isLate(o, now);
  const when = o?.delivered_at
    ? t("orders.delivered", { at: shortTime(o.delivered_at, now) })
    : o?.eta && t("orders.eta", { at: shortTime(o.eta, now) });
  return (
    <li>
      <div className={classes.line}>
        <strong>{k.id}</strong>
        {!k.open ? (
          <Mark tone="plain">{t("orders.unproven")}</Mark>
        ) : !o ? (
          <Mark tone="plain">{t("orders.unknown")}</Mark>
        ) : null}
        {o && <Mark tone={late ? "bad" : o.status === "delivered" ? "good" : "plain"}>{word("order", o.status)}</Mark>}
        {late && <Mark tone="bad">{t("orders.late")}</Mark>}
        {o?.total && (
          <span className={classes.end}>
            {o.total} {o.currency}
          </span>
        )}
      </div>
      {o && (
        <Text size="xs" c="var(--dim)">
          {[when, late && o.promised && t("orders.promised", { at: shortTime(o.promised, now) }), o.carrier, o.reason]
            .filter(Boolean)
            .join(" · ")}
        </Text>
      )}
      {o?.items && o.items.length > 0 && (
        <Text size="xs" c="var(--dim)" lineClamp={2}>
          {o.items.map((i) => `${(i.quantity ?? 1) > 1 ? `${i.quantity} × ` : ""}${i.name || i.sku}`).join(", ")}
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
