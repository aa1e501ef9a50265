import { Anchor, Badge, Button, NativeSelect, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { HistoryEntry, InsideView, KnownOrder, SubscriptionView, WorkItemView } from "@/api/schema";
import { said, saidAlone } from "@/i18n/said";
import { useAct } from "@/ui/act";
import { endingsOf, labelOf } from "@/ui/endings";
import { arrivalOf, isSettled } from "@/ui/order";
import { Read } from "@/ui/states";
import { When } from "@/ui/time";
import { happening, headword, word } from "@/ui/word";
import { isOver } from "@/ui/workitem";
import { personOf, useMay, useNetwork } from "./context";
import { Decisions } from "./decisions";
import classes from "./inside.module.css";
import { useInside } from "./known";
import { reasonOf } from "./reason";
import { knownZone } from "./thread";
import { due, expectedAt } from "./times";
import { Zone } from "./zone";

interface InsideProps {
  handle: string;
  /** Whose advocate it may be. */
  choice: string[];
  onChoose: (handle: string) => void;
  children: ReactNode;
}

/** The frame, which says whose advocate it is. */
export function Inside({ handle, choice, onChoose, children }: InsideProps) {
  const { t } = useTranslation("sandbox");
  const { info } = useNetwork();
  return (
    <aside className={classes.inside} aria-label={t("inside.title")} id="inside">
      <header className={classes.head}>
        <Title order={2} size="h3">
          {t("inside.title")}
        </Title>
        {choice.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label={t("inside.whose")}
            value={handle}
            onChange={(e) => onChoose(e.currentTarget.value)}
            data={choice.map((h) => ({ value: h, label: personOf(info, h).name }))}
          />
        )}
      </header>
      {children}
    </aside>
  );
}

/** What the advocate of one customer knows and did, and what the demo can let happen to it. */
export function InsideOf({ handle }: { handle: string }) {
  return (
    <Read of={useInside(handle, true)} lines={8}>
      {(view) => <View handle={handle} view={view} />}
    </Read>
  );
}

function View({ handle, view }: { handle: string; view: InsideView }) {
  const { t } = useTranslation("sandbox");
  const { info } = useNetwork();
  const may = useMay();
  const open = view.cases?.find((c) => c.state !== "resolved");
  const timeZone = knownZone(view.customer?.time_zone);
  const name = view.customer?.name || personOf(info, handle).name;
  return (
    <>
      <div className={classes.state}>
        <Badge color={open ? undefined : "gray"} {...(open && { c: "var(--good)", bg: "var(--good-soft)" })}>
          {view.known ? (open ? word("case_state", open.state) : t("inside.rest")) : t("inside.asleep")}
        </Badge>
        <p className={classes.lead}>
          {view.customer
            ? t(view.customer.ref ? "inside.leadKnown" : "inside.leadStranger", {
                name,
                ref: view.customer.ref,
                count: view.customer.version,
              })
            : t("inside.leadNobody", { name })}
        </p>
      </div>
      {view.customer && <Zone timeZone={timeZone} />}
      {may("read_customers") && view.customer && (
        <p className={classes.links}>
          <Anchor component={Link} to={`/customers/${view.customer.id}`} size="sm">
            {t("link.customer")}
          </Anchor>
          {view.cases?.map((c) => (
            <Anchor key={c.id} component={Link} to={`/cases/${c.id}`} size="sm">
              {t("link.case", { intent: word("intent", c.intent) })}
            </Anchor>
          ))}
        </p>
      )}
      <Section id="work" title={t("work.title")} none={t("work.none")}>
        {view.work_items?.map((w) => (
          <Work key={w.id} item={w} timeZone={timeZone} />
        ))}
      </Section>
      <Section id="orders" title={t("order.title")} none={t("order.none")}>
        {view.orders?.map((o) => (
          <Order key={o.id} known={o} timeZone={timeZone} />
        ))}
      </Section>
      <Section id="subscriptions" title={t("subscription.title")} none={t("subscription.none")}>
        {view.subscriptions?.map((s) => (
          <Subscription key={s.id} of={s} timeZone={timeZone} />
        ))}
      </Section>
      <Section id="history" title={t("history.title")} none={t("history.none")}>
        {view.history?.map((e, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: counted from the end, each keeps its own
          <Entry key={`${e.decision} ${i - (view.history?.length ?? 0)}`} of={e} timeZone={timeZone} />
        ))}
      </Section>
      <Section id="decisions" title={t("decision.title")} none={t("decision.none")}>
        {view.decisions?.length ? <Decisions list={view.decisions} timeZone={timeZone} /> : undefined}
      </Section>
    </>
  );
}

interface SectionProps {
  id: string;
  title: string;
  none: string;
  children: ReactNode;
}

function Section({ id, title, none, children }: SectionProps) {
  const empty = !children || (Array.isArray(children) && children.length === 0);
  return (
    <section className={classes.section} id={`inside-${id}`} aria-label={title} tabIndex={-1}>
      <h3>{title}</h3>
      {empty ? <p className={classes.none}>{none}</p> : children}
    </section>
  );
}

/** Has something happen in the demo; what comes of it is read at once. */
function useHappening(handleHome: string) {
  const act = useAct();
  const run = async (work: () => Promise<unknown>) => {
    await act.now(work, { touches: [["sandbox", "inside"]] });
    // What was pressed may be gone by then; the keyboard goes on from its section.
    setTimeout(() => {
      if (document.activeElement === document.body) document.getElementById(`inside-${handleHome}`)?.focus();
    }, 300);
  };
  return { run, busy: act.busy };
}

function Work({ item, timeZone }: { item: WorkItemView; timeZone: string | undefined }) {
  const { t } = useTranslation("sandbox");
  const may = useMay();
  const id = useId();
  const field = useRef<HTMLSelectElement>(null);
  const endings = endingsOf(item);
  const [how, setHow] = useState(endings[0]?.name);
  const happen = useHappening("work");
  const over = isOver(item);
  const complete = (e: FormEvent) => {
    e.preventDefault();
    const body = { work_item: item.id, disposition: how ?? "", note: t("work.note") };
    void happen.run(() => take(api.POST("/v1/sandbox/inside/complete", { body })));
  };
  const kind = headword("work_kind", item.kind);
  return (
    <div className={classes.item}>
      <div className={classes.row}>
        <strong>{item.number ? t("work.to", { kind, number: item.number }) : kind}</strong>
        <Badge {...(over ? { color: "gray" } : { c: "var(--warn)", bg: "var(--warn-soft)" })}>
          {word("work_state", item.state)}
        </Badge>
      </div>
      <small>
        {t("work.about", { queue: item.queue, due: due(item.due, timeZone), priority: item.priority })}
        {!item.number && ` · ${t("work.unproven")}`}
      </small>
      {item.reason && <p className={classes.dim}>{saidAlone(item.reason, item.reason_said)}</p>}
      {item.disposition && <small>{t("work.ended", { how: word("outcome", item.disposition) })}</small>}
      {may("work") && !over && (
        <Anchor component={Link} to={`/desk/${item.id}`} size="sm">
          {t("link.desk")}
        </Anchor>
      )}
      {!over && (
        <form className={classes.do} onSubmit={complete}>
          <NativeSelect
            id={id}
            ref={field}
            size="xs"
            aria-label={t("work.how")}
            value={how}
            onChange={(e) => setHow(e.currentTarget.value)}
            data={endings.map((d) => ({ value: d.name, label: labelOf(d) }))}
          />
          <Button type="submit" size="xs" loading={happen.busy}>
            {t("work.complete")}
          </Button>
        </form>
      )}
    </div>
  );
}

function Order({ known, timeZone }: { known: KnownOrder; timeZone: string | undefined }) {
  const { t } = useTranslation("sandbox");
  const { info } = useNetwork();
  const happen = useHappening("orders");
  const o = known.order;
  const let_ = (type: "order.delayed" | "order.shipped" | "order.delivered") => () =>
    void happen.run(() => take(api.POST("/v1/sandbox/inside/event", { body: { type, order: known.id } })));
  const { expected } = o ? arrivalOf(o) : {};
  const facts = o && [
    headword("order_status", o.status),
    expected && t("order.expected", { at: expectedAt(expected, timeZone) }),
    o.carrier,
    reasonOf(o.reason, info.reasons),
  ];
  return (
    <div className={classes.item}>
      <div className={classes.row}>
        <code>{known.id}</code>
        <Badge
          {...(known.open
            ? { c: "var(--good)", bg: "var(--good-soft)" }
            : { c: "var(--warn)", bg: "var(--warn-soft)" })}
        >
          {t(known.open ? "order.open" : "order.unproven")}
        </Badge>
      </div>
      <small>{facts ? facts.filter(Boolean).join(" · ") : t("order.untold")}</small>
      {!(o && isSettled(o)) && (
        <div className={classes.do}>
          <Button variant="light" size="compact-xs" onClick={let_("order.delayed")}>
            {t("order.late")}
          </Button>
          {o?.status !== "shipped" && (
            <Button variant="light" size="compact-xs" onClick={let_("order.shipped")}>
              {t("order.ship")}
            </Button>
          )}
          <Button variant="light" size="compact-xs" onClick={let_("order.delivered")}>
            {t("order.arrive")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Subscription({ of: s, timeZone }: { of: SubscriptionView; timeZone: string | undefined }) {
  const { t } = useTranslation("sandbox");
  return (
    <div className={classes.item}>
      <div>
        <code>{s.to}</code> {t("subscription.where")}{" "}
        <code>
          {s.anchor.attr}={s.anchor.value}
        </code>
      </div>
      <small>
        {s.reason && `${said(s.reason, s.reason_said)} · `}
        {t("subscription.until")} <When at={s.expires} timeZone={timeZone} />
      </small>
    </div>
  );
}

function Entry({ of: e, timeZone }: { of: HistoryEntry; timeZone: string | undefined }) {
  const { t } = useTranslation(["sandbox", "ui"]);
  return (
    <div className={classes.entry}>
      <span className={classes.when}>
        <When at={e.at} timeZone={timeZone} />
      </span>
      <div>
        <strong>{happening(e.kind, e.what)}</strong>{" "}
        {e.visibility === "private" && <Badge color="accent">{t("ui:visibility.private")}</Badge>}
        {e.text && e.kind !== "sent" && (
          <p className={classes.said} dir="auto">
            {said(e.text, e.text_said, { timeZone })}
          </p>
        )}
      </div>
    </div>
  );
}
