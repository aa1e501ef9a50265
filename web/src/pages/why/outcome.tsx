import { Badge } from "@mantine/core";
import { IconMessageOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Entry } from "@/api/schema";
import { isOurs, withTimes } from "@/pages/customers/logic";
import { useWords } from "@/pages/customers/words";
import { dateTime } from "@/ui/format";
import { Post } from "@/ui/post";
import { When } from "@/ui/time";
import { WhyLink } from "./link";
import { type EffectEnd, type ExplanationView, type RecordView, silenceOf, silent } from "./logic";
import classes from "./why.module.css";

interface OutcomeProps {
  of: RecordView;
  x: ExplanationView;
  ends: Map<string, EffectEnd>;
}

/** What came of a decision: for the customer, for people, and what it set going. */
export function Outcome({ of: r, x, ends }: OutcomeProps) {
  const { t } = useTranslation("why");
  // What came in is told above.
  const entries = (r.entries ?? []).filter((e) => e.kind !== "post" && e.kind !== "answer" && e.kind !== "event");
  const held = (r.effects ?? []).filter((e) => e.suppressed);
  const quiet = silent(r);
  return (
    <section className={classes.part}>
      <h3 className={classes.label}>{t("part.outcome")}</h3>
      {quiet && <Silence of={r} />}
      {entries.length === 0 && !quiet && <p className={classes.dim}>{t("outcome.nothing")}</p>}
      <ul className={classes.entries}>
        {entries.map((e, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a record's entries never move
          <li key={i} data-asked={(e.ref && e.ref === x.id) || undefined}>
            {e.kind === "reply" || e.kind === "staff" ? (
              <Reply of={e} r={r} end={e.ref ? ends.get(e.ref) : undefined} />
            ) : (
              <Line of={e} x={x} end={e.ref ? ends.get(e.ref) : undefined} />
            )}
          </li>
        ))}
        {held.map((e) => (
          <li key={`${e.kind} ${e.what} ${e.rule}`} className={classes.entry}>
            <span className={classes.entryText}>
              <Badge color="yellow">{t("rule.held")}</Badge> {t(`effect.${e.kind}` as never, { defaultValue: e.kind })}{" "}
              <code>{e.what}</code>
              {e.rule && <span className={classes.dim}> {t("outcome.byRule", { rule: e.rule })}</span>}: {e.suppressed}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Says that nothing was said, and why. */
function Silence({ of: r }: { of: RecordView }) {
  const { t } = useTranslation("why");
  const { reason, text } = silenceOf(r);
  return (
    <p className={classes.silence}>
      <IconMessageOff size={16} aria-hidden />
      <span>
        <strong>{t("silence.title")}</strong> {t(`silence.${reason}`)}
        {text && `: ${text}`}
      </span>
    </p>
  );
}

function Reply({ of: e, r, end }: { of: Entry; r: RecordView; end?: EffectEnd }) {
  const { t } = useTranslation(["why", "customers"]);
  const network = (r.inputs ?? []).find((i) => i.post)?.post?.network ?? "";
  return (
    <Post
      network={network}
      name={e.by || t("customers:history.advocate")}
      text={e.text ?? ""}
      at={e.at}
      visibility={e.visibility}
      ours
    >
      <p className={classes.meta}>
        {e.what && (
          <span>
            {t("outcome.template")} <code>{e.what}</code>
          </span>
        )}
        <End of={end} />
      </p>
    </Post>
  );
}

/** How an effect ended: with how many attempts, and what stood in the way. */
function End({ of: end }: { of?: EffectEnd }) {
  const { t } = useTranslation("why");
  if (!end) return null;
  const good = end.state === "done" || end.state === "answered";
  const bad = end.state === "dead" || end.state === "failed";
  const open = end.state === "pending" || end.state === "sending" || end.state === "held";
  return (
    <span>
      <Badge color={good ? "green" : bad ? "red" : "yellow"}>
        {t(`state.${end.state}` as never, { defaultValue: end.state })}
      </Badge>
      {end.attempts ? ` ${t("outcome.tries", { count: end.attempts })}` : ""}
      {end.at && (
        <>
          {" · "}
          <When at={end.at} />
        </>
      )}
      {end.reason && <span className={bad ? classes.bad : undefined}> · {end.reason}</span>}
      {open && end.attempts ? (
        <>
          {" · "}
          {t("outcome.next")} <When at={end.next} />
        </>
      ) : null}
    </span>
  );
}

function Line({ of: e, x, end }: { of: Entry; x: ExplanationView; end?: EffectEnd }) {
  const { t } = useTranslation(["why", "customers"]);
  const word = useWords();
  const what = e.kind === "lookup" ? e.what : word("did", e.what);
  const bad = e.kind === "alarm" || e.kind === "not_sent";
  const kind = t(`customers:kind.${e.kind}` as never, { defaultValue: e.kind }) as string;
  return (
    <div className={classes.entry} data-bad={bad || undefined}>
      <span className={classes.entryText}>
        <strong>{kind}</strong> {what}{" "}
        {e.text && e.kind !== "sent" && <span className={classes.dim}>{withTimes(e.text, (at) => dateTime(at))}</span>}
        {e.by && <span className={classes.dim}> · {e.by}</span>} {e.kind === "lookup" && <End of={end} />}
      </span>
      {isOurs(e.ref) && e.ref !== x.id && <WhyLink id={e.ref} of={kind} />}
    </div>
  );
}
