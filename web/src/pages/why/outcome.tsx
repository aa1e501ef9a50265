import { Badge } from "@mantine/core";
import { IconMessageOff } from "@tabler/icons-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { CauseView, EntryView } from "@/api/schema";
import { said } from "@/i18n/said";
import { isOurs } from "@/ui/history";
import { Post } from "@/ui/post";
import { When } from "@/ui/time";
import { WhyLink } from "@/ui/why";
import { happening, word } from "@/ui/word";
import { InputWords } from "./inputwords";
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
              <Reply of={e} r={r} x={x} end={e.ref ? ends.get(e.ref) : undefined} />
            ) : (
              <Line of={e} x={x} end={e.ref ? ends.get(e.ref) : undefined} />
            )}
          </li>
        ))}
        {held.map((e) => (
          <li key={`${e.kind} ${e.what} ${e.rule}`} className={classes.entry}>
            <span className={classes.entryText}>
              <Badge color="yellow">{t("rule.held")}</Badge> {word("effect", e.kind)} <code>{e.what}</code>
              {e.rule && <span className={classes.dim}> {t("outcome.byRule", { rule: e.rule })}</span>}:{" "}
              {said(e.suppressed ?? "", e.suppressed_said)}
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
  const { reason, text, said: parts } = silenceOf(r);
  return (
    <p className={classes.silence}>
      <IconMessageOff size={16} aria-hidden />
      <span>
        <strong>{t("silence.title")}</strong> {t(`silence.${reason}`)}
        {text && `: ${said(text, parts)}`}
      </span>
    </p>
  );
}

function Reply({ of: e, r, x, end }: { of: EntryView; r: RecordView; x: ExplanationView; end?: EffectEnd }) {
  const { t } = useTranslation(["why", "history"]);
  const network = (r.inputs ?? []).find((i) => i.post)?.post?.network ?? "";
  return (
    <Post
      network={network}
      name={e.by || t("history:advocate")}
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
        <Cause of={(x.causes ?? []).find((c) => c.effect === e.ref)} r={r} />
        <End of={end} />
      </p>
    </Post>
  );
}

/** What led to a message: a rule, or, where none asked for it, what it follows from. A person's has their name. */
function Cause({ of: c, r }: { of?: CauseView; r: RecordView }) {
  const { t } = useTranslation("why");
  if (c?.kind === "rule") return <span>{t("outcome.askedByRule", { rule: c.rule })}</span>;
  if (c?.kind !== "engine") return null;
  return (
    <span>
      {t("outcome.byEngine")}
      {(c.inputs ?? []).map((i) => {
        const input = r.inputs?.[i];
        return (
          input && (
            <Fragment key={i}>
              {" "}
              <InputWords of={input} />
            </Fragment>
          )
        );
      })}
    </span>
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
      <Badge color={good ? "green" : bad ? "red" : "yellow"}>{word("effect_state", end.state)}</Badge>
      {end.attempts ? ` ${t("outcome.tries", { count: end.attempts })}` : ""}
      {end.at && (
        <>
          {" · "}
          <When at={end.at} />
        </>
      )}
      {end.reason && <span className={bad ? classes.bad : undefined}> · {said(end.reason, end.said)}</span>}
      {open && end.attempts ? (
        <>
          {" · "}
          {t("outcome.next")} <When at={end.next} />
        </>
      ) : null}
    </span>
  );
}

function Line({ of: e, x, end }: { of: EntryView; x: ExplanationView; end?: EffectEnd }) {
  const bad = e.kind === "alarm" || e.kind === "not_sent";
  const happened = happening(e.kind, e.what);
  return (
    <div className={classes.entry} data-bad={bad || undefined}>
      <span className={classes.entryText}>
        <strong>{happened}</strong>{" "}
        {e.text && e.kind !== "sent" && <span className={classes.dim}>{said(e.text, e.text_said)}</span>}
        {e.by && <span className={classes.dim}> · {e.by}</span>} {e.kind === "lookup" && <End of={end} />}
      </span>
      {isOurs(e.ref) && e.ref !== x.id && <WhyLink id={e.ref} of={happened} />}
    </div>
  );
}
