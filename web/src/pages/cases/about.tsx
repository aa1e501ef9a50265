import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { customerCasesQuery, customerQuery, ordersQuery, subscriptionsQuery } from "@/api/queries/customer";
import { useNames } from "@/api/queries/person";
import type { CaseView, CustomerDetail, FactView, CasePromise as PromiseView, SubscriptionView } from "@/api/schema";
import { useSession } from "@/api/session";
import { said } from "@/i18n/said";
import { languageName, shortTime } from "@/ui/format";
import { useHistory } from "@/ui/history";
import { Panel } from "@/ui/panel";
import { NetworkIcon } from "@/ui/post";
import { Read } from "@/ui/states";
import { Ago, Due, LocalTime, When } from "@/ui/time";
import { headword, word } from "@/ui/word";
import { isOver } from "@/ui/workitem";
import classes from "./about.module.css";
import type { CaseActions } from "./actions";
import { To } from "./link";
import { Mark, type Tone } from "./mark";
import { Orders } from "./orders";

/** What one has to know beside what was said. */
export function About({ of: c, actions }: { of: CaseView; actions: CaseActions }) {
  return (
    <div className={classes.about}>
      <Promises of={c} actions={actions} />
      <Work of={c} />
      <Who of={c} />
      <OrdersPanel of={c} />
      <Found of={c} />
      <OtherCases of={c} />
    </div>
  );
}

function Why({ id, what }: { id: string; what: string }) {
  const { t } = useTranslation("cases");
  return (
    <To to="/why/$id" params={{ id }} size="xs" className={classes.why} aria-label={t("why.of", { what })}>
      {t("why.short")}
    </To>
  );
}

const promiseTones: Record<string, Tone> = { kept: "good", broken: "bad", withdrawn: "plain" };

function Promises({ of: c, actions }: { of: CaseView; actions: CaseActions }) {
  const { t } = useTranslation("cases");
  const all = [...(c.promises ?? [])].sort((x, y) => Number(y.state === "open") - Number(x.state === "open"));
  if (all.length === 0) return null;
  return (
    <Panel title={t("promises.title")}>
      <ul className={classes.rows}>
        {all.map((p) => (
          <PromiseRow key={p.id} p={p} of={c} actions={actions} />
        ))}
      </ul>
    </Panel>
  );
}

function PromiseRow({ p, of: c, actions }: { p: PromiseView; of: CaseView; actions: CaseActions }) {
  const { t } = useTranslation("cases");
  const me = useSession();
  const name = useNames();
  const what = headword("promise", p.what);
  const may = p.state === "open" && me.can("work") && (!c.owner || c.owner === me.login) && c.state !== "resolved";
  return (
    <li>
      <div className={classes.line}>
        <strong>{what}</strong>
        {p.state === "open" ? (
          <Due at={p.due} soonMs={3_600_000} />
        ) : (
          <Mark tone={promiseTones[p.state] ?? "plain"}>{word("promise_state", p.state)}</Mark>
        )}
        <span className={classes.end}>
          {may && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => void actions.keep(p.id)}
              aria-label={t("promises.keepOf", { what })}
            >
              {t("promises.keep")}
            </Button>
          )}
          <Why id={p.id} what={what} />
        </span>
      </div>
      <Text size="xs" c="var(--dim)">
        {p.state === "open" ? t("due.by", { at: shortTime(p.due) }) : said(p.evidence ?? "", p.evidence_said)}
        {p.by && <> · {t("promises.by", { by: name(p.by) })}</>}
      </Text>
    </li>
  );
}

function Work({ of: c }: { of: CaseView }) {
  const { t } = useTranslation("cases");
  const all = c.work_items ?? [];
  if (all.length === 0) return null;
  return (
    <Panel title={t("work.title")}>
      <ul className={classes.rows}>
        {all.map((w) => {
          const what = headword("work_kind", w.kind);
          const ended = isOver(w);
          return (
            <li key={w.id}>
              <div className={classes.line}>
                <To to="/desk/$item" params={{ item: w.id }} size="sm" fw={600}>
                  {what}
                </To>
                <Mark tone={ended ? "plain" : "warn"}>{word("work_state", w.state)}</Mark>
                <span className={classes.end}>
                  <Why id={w.id} what={what} />
                </span>
              </div>
              <Text size="xs" c="var(--dim)">
                {w.queue && t("work.queue", { queue: w.queue })}
                {!ended && w.due && (
                  <>
                    {" · "}
                    <Due at={w.due} />
                  </>
                )}
              </Text>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

const consentTones: Record<string, Tone> = { granted: "good", refused: "bad" };

function Who({ of: c }: { of: CaseView }) {
  const { t } = useTranslation("cases");
  const who = useQuery(customerQuery(c.customer_id));
  return (
    <Panel
      title={t("who.title")}
      aside={
        <To to="/customers/$customer" params={{ customer: c.customer_id }} size="xs">
          {t("who.open")}
        </To>
      }
    >
      <Read of={who}>{(d) => <Facts of={c} d={d} />}</Read>
    </Panel>
  );
}

function Facts({ of: c, d }: { of: CaseView; d: CustomerDetail }) {
  const { t } = useTranslation("cases");
  const phone = c.phone || d.phone;
  const calls = c.call_consent || d.consent.calls;
  const facts: [string, ReactNode][] = [];
  if (d.time_zone) facts.push([t("who.localTime"), <LocalTime key="z" zone={d.time_zone} />]);
  const lang = c.lang || d.lang;
  if (lang) facts.push([t("who.lang"), languageName(lang)]);
  if (phone)
    facts.push([
      t("who.phone"),
      <span key="p" className={classes.number}>
        {phone}
      </span>,
    ]);
  if (phone || calls)
    facts.push([
      t("who.calls"),
      <Mark key="c" tone={consentTones[calls ?? ""] ?? "plain"}>
        {word("consent", calls || "unasked")}
      </Mark>,
    ]);
  if (c.preferred?.text) facts.push([t("who.preferred"), `${c.preferred.not ? t("who.not") : ""}${c.preferred.text}`]);
  if (d.ref) facts.push([t("who.ref"), d.ref]);
  return (
    <>
      <div className={classes.line}>
        <strong>{d.name || t("who.unnamed")}</strong>
        {d.tier && <Mark tone="accent">{d.tier}</Mark>}
        {d.consent.stopped && <Mark tone="bad">{t("who.stopped")}</Mark>}
      </div>
      <ul className={classes.identities}>
        {(d.identities ?? []).map((i) => (
          <li key={`${i.network}/${i.account}/${i.author}`} className={classes.line}>
            <NetworkIcon network={i.network} size={14} />
            <span className={classes.handle}>{i.handle ? `@${i.handle}` : i.author}</span>
            <Mark tone={i.proven ? "good" : "plain"}>{t(i.proven ? "who.proven" : "who.unproven")}</Mark>
          </li>
        ))}
      </ul>
      <dl className={classes.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function OrdersPanel({ of: c }: { of: CaseView }) {
  const { t } = useTranslation("cases");
  const orders = useQuery(ordersQuery(c.customer_id));
  if (orders.data?.length === 0) return null;
  return (
    <Panel title={t("orders.title")}>
      <Read of={orders} lines={2}>
        {(all) => <Orders all={all} named={c.order_refs ?? []} />}
      </Read>
    </Panel>
  );
}

/** What was asked of whom, and what is listened for. */
function Found({ of: c }: { of: CaseView }) {
  const { t } = useTranslation("cases");
  const subscriptions = useQuery(subscriptionsQuery(c.customer_id));
  const history = useHistory(c.customer_id, { ofCase: c.id });
  const known = c.known ?? [];
  const mine = (subscriptions.data ?? []).filter((s) => s.case === c.id);
  if (known.length + mine.length === 0) return null;
  const asked = (f: FactView) => history.data?.find((l) => l.kind === "answer" && l.what === f.name)?.ref ?? c.id;
  return (
    <Panel title={t("found.title")}>
      <ul className={classes.rows}>
        {known.map((f) => (
          <li key={f.name}>
            <div className={classes.line}>
              <strong>{headword("component", f.name)}</strong>
              {f.key && <span className={classes.dim}>{f.key}</span>}
              <Mark tone={f.error ? "bad" : f.found ? "good" : "plain"}>
                {t(f.error ? "found.error" : f.found ? "found.yes" : "found.no")}
              </Mark>
              <span className={classes.end}>
                <span className={classes.dim}>
                  <When at={f.at} />
                </span>
                <Why id={asked(f)} what={word("component", f.name)} />
              </span>
            </div>
            <Text size="xs" c="var(--dim)" lineClamp={2}>
              {f.error || factText(f.data)}
            </Text>
          </li>
        ))}
        {mine.map((s) => (
          <Subscribed key={s.id} s={s} />
        ))}
      </ul>
    </Panel>
  );
}

function Subscribed({ s }: { s: SubscriptionView }) {
  const { t } = useTranslation("cases");
  return (
    <li>
      <div className={classes.line}>
        <strong>{t("found.listens", { to: s.to })}</strong>
        <span className={classes.dim}>{s.anchor.value}</span>
        <span className={classes.end}>
          <Why id={s.id} what={s.to} />
        </span>
      </div>
      <Text size="xs" c="var(--dim)">
        {t("found.until", { at: shortTime(s.expires) })}
        {s.reason && ` · ${said(s.reason, s.reason_said)}`}
      </Text>
    </li>
  );
}

/** The plain values of an answer, in a line. */
function factText(data: unknown): string {
  if (data === null || typeof data !== "object") return "";
  return Object.entries(data)
    .filter(([, v]) => ["string", "number", "boolean"].includes(typeof v) && v !== "")
    .map(([k, v]) => `${k.replaceAll("_", " ")}: ${v}`)
    .join(" · ");
}

function OtherCases({ of: c }: { of: CaseView }) {
  const { t } = useTranslation("cases");
  const cases = useQuery(customerCasesQuery(c.customer_id));
  const others = (cases.data ?? []).filter((o) => o.id !== c.id).slice(0, 8);
  if (others.length === 0) return null;
  return (
    <Panel title={t("others.title")}>
      <ul className={classes.rows}>
        {others.map((o) => (
          <li key={o.id}>
            <div className={classes.line}>
              <To to="/cases/$case" params={{ case: o.id }} size="sm" fw={600}>
                {headword("intent", o.intent)}
              </To>
              <Mark tone={o.state === "resolved" ? "plain" : "good"}>{word("case_state", o.state)}</Mark>
              <span className={`${classes.end} ${classes.dim}`}>
                <Ago at={o.updated_at} />
              </span>
            </div>
            <Text size="xs" c="var(--dim)" truncate>
              {o.quote}
            </Text>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
