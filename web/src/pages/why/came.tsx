import { Badge, Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AnswerView, Post as PostView, Understanding } from "@/api/schema";
import { said, says } from "@/i18n/said";
import { nameOf } from "@/pages/customers/name";
import { customerQuery, identitiesQuery } from "@/pages/customers/queries";
import { languageName, percent } from "@/ui/format";
import { Person } from "@/ui/person";
import { Post } from "@/ui/post";
import { DayOrTime, When } from "@/ui/time";
import { headword, word } from "@/ui/word";
import type { ExplanationView, InputView, RecordView } from "./logic";
import classes from "./why.module.css";

/** What came in, as it looked. */
export function Came({ of: i, record, x }: { of: InputView; record: RecordView; x: ExplanationView }) {
  const { t } = useTranslation("why");
  return (
    <section className={classes.part}>
      <h3 className={classes.label}>{t("part.came")}</h3>
      {i.post && (
        <>
          <Post
            network={i.post.network}
            handle={i.post.author.handle || i.post.author.id}
            name={i.post.author.name}
            text={i.post.deleted ? t("came.gone") : i.post.text}
            at={i.post.at}
            visibility={i.post.visibility}
            url={i.post.url}
            ours={i.kind === "own_reply"}
            state={i.edited ? <Badge color="gray">{t("edited")}</Badge> : undefined}
          />
          {i.kind === "post" && <Whose post={i.post} customer={x.customer_id} />}
          {i.understanding && !i.post.deleted && <Understood of={i.understanding} />}
        </>
      )}
      {i.event && (
        <Lines
          of={[
            [t("event.type"), <code key="t">{i.event.type}</code>],
            [t("event.source"), i.event.source],
            [t("event.order"), i.event.orderid],
            [t("event.sku"), i.event.sku],
            [t("event.area"), i.event.area],
            [t("event.time"), <When key="w" at={i.event.time} />],
          ]}
        />
      )}
      {i.answer && <Answer of={i.answer} record={record} />}
      {i.outcome && (
        <Lines
          of={[
            [t("outcome.effect"), <code key="e">{i.outcome.effect}</code>],
            [t("outcome.state"), word("effect_state", i.outcome.state)],
            [t("outcome.attempts"), i.outcome.attempts],
            [t("outcome.reason"), i.outcome.reason && said(i.outcome.reason, i.outcome.reason_said)],
          ]}
        />
      )}
      {i.command && (
        <Lines
          of={[
            [t("command.by"), i.command.by && <Person key="b" login={i.command.by} />],
            [t("command.what"), word("command", i.command.kind)],
            [t("command.text"), i.command.text],
            [t("command.disposition"), word("outcome", i.command.disposition)],
            [t("command.note"), i.command.note],
            [t("command.agent"), i.command.agent && <Person key="a" login={i.command.agent} />],
            [t("command.queue"), i.command.queue],
          ]}
        />
      )}
      {i.kind === "timer" && <p className={classes.dim}>{t("came.timerText")}</p>}
    </section>
  );
}

export function Lines({ of }: { of: [string, ReactNode][] }) {
  const there = of.filter(([, value]) => value);
  return (
    <dl className={classes.lines}>
      {there.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Which customer a post was taken for, and what makes that so. */
function Whose({ post, customer }: { post: PostView; customer: string }) {
  const { t } = useTranslation("why");
  const who = useQuery(customerQuery(customer));
  const identities = useQuery(identitiesQuery(customer));
  const identity = (identities.data ?? []).find(
    (i) => i.network === post.network && i.author === post.author.id && (i.account ?? "") === (post.account ?? ""),
  );
  return (
    <p className={classes.sentence}>
      <strong>{t("whose.is")}</strong>{" "}
      <Link to="/customers/$customer" params={{ customer }}>
        {who.data ? nameOf(who.data) : customer}
      </Link>
      {identity && (
        <span className={classes.dim}>
          {" "}
          {(identity.evidence ?? []).map((e) => (
            <span key={`${e.kind} ${e.at}`}>
              · {word("evidence", e.kind)}
              {e.order && ` ${e.order}`}
              {e.by && (
                <>
                  {" "}
                  (<Person login={e.by} />)
                </>
              )}
              , <When at={e.at} />{" "}
            </span>
          ))}
          · {t(identity.proven ? "whose.proven" : "whose.unproven")}
        </span>
      )}
      {identities.data && !identity && <span className={classes.dim}> · {t("whose.moved")}</span>}
    </p>
  );
}

/** What was read out of the text, with how sure that is. */
function Understood({ of: u }: { of: Understanding }) {
  const { t } = useTranslation("why");
  const flags = [
    u.stop && t("read.stop"),
    u.wants_person && t("read.person"),
    u.call_consent === "granted" && t("read.call"),
    u.call_consent === "refused" && t("read.noCall"),
    u.thanks && t("read.thanks"),
    u.continues && t("read.continues"),
    u.general_question && t("read.general"),
    u.lacks && t("read.lacks"),
    u.preferred && t("read.when", { text: u.preferred.text ?? "" }),
  ].filter((f): f is string => !!f);
  return (
    <div className={classes.understood}>
      <h3 className={classes.label}>
        {t("part.understood")} {u.model && <span className={classes.dim}>{u.model}</span>}
      </h3>
      <dl className={classes.lines}>
        <Sure name={t("read.intent")} value={word("intent", u.intent)} share={u.intent_confidence} />
        {u.second_intent && <Sure name={t("read.second")} value={word("intent", u.second_intent)} />}
        <Sure name={t("read.sentiment")} value={word("sentiment", u.sentiment)} share={u.sentiment_confidence} />
        <Sure name={t("read.needs")} value={t(u.needs_agent ? "yes" : "no")} share={u.needs_agent_confidence} />
        <Sure name={t("read.urgency")} value={word("urgency", u.urgency)} />
        <Sure
          name={t("read.lang")}
          value={u.lang === "und" ? t("read.unknown") : languageName(u.lang)}
          share={u.lang_confidence}
        />
        {(u.topics ?? []).length > 0 && (
          <Sure name={t("read.topics")} value={(u.topics ?? []).map((x) => word("topic", x)).join(", ")} />
        )}
        {(u.entities ?? []).map((e) => (
          <Sure
            key={`${e.kind} ${e.start}`}
            name={headword("entity", e.kind)}
            value={<code>{e.text}</code>}
            share={e.confidence}
          />
        ))}
        {flags.length > 0 && <Sure name={t("read.also")} value={flags.join(", ")} />}
      </dl>
    </div>
  );
}

function Sure({ name, value, share }: { name: string; value: ReactNode; share?: number }) {
  const { t } = useTranslation("why");
  return (
    <div>
      <dt>{name}</dt>
      <dd className={classes.sure}>
        <span>{value}</span>
        {share !== undefined && share > 0 && (
          <span className={classes.share}>
            <Progress
              value={share * 100}
              size={5}
              w={48}
              color={share < 0.5 ? "yellow" : "accent"}
              aria-label={t("read.sure")}
            />
            {percent(share)}
          </span>
        )}
      </dd>
    </div>
  );
}

function Answer({ of: a, record }: { of: AnswerView; record: RecordView }) {
  const { t } = useTranslation("why");
  // A component may have answered what this customer may not have.
  const kept =
    a.found &&
    (record.entries ?? []).some(
      (e) => e.kind === "answer" && e.what === a.component && e.ref === a.effect && says("nothing_found", e.text_said),
    );
  const data = a.data && typeof a.data === "object" ? Object.entries(a.data as Record<string, unknown>) : [];
  return (
    <Lines
      of={[
        [t("answer.component"), word("component", a.component)],
        [t("answer.asked"), a.id ? <code key="i">{a.id}</code> : a.query],
        [t("answer.found"), a.error || t(kept ? "answer.kept" : a.found ? "yes" : "answer.nothing")],
        ...(a.orders ?? []).map((o): [string, ReactNode] => [
          o.id,
          <span key={o.id}>
            {word("order_status", o.status)}
            {o.promised && (
              <>
                {" "}
                · {t("answer.promised")} <DayOrTime at={o.promised} />
              </>
            )}
            {o.eta && (
              <>
                {" "}
                · {t("answer.eta")} <DayOrTime at={o.eta} />
              </>
            )}
          </span>,
        ]),
        ...data
          .filter(([, v]) => v !== null && typeof v !== "object")
          .slice(0, 12)
          .map(([k, v]): [string, ReactNode] => [k.replaceAll("_", " "), String(v)]),
      ]}
    />
  );
}
