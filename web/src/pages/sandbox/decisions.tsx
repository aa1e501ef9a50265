import { Anchor, Badge } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { InputView, RecordView } from "@/api/schema";
import { said, saidIn } from "@/i18n/said";
import { When } from "@/ui/time";
import { capital, word } from "@/ui/word";
import { useMay } from "./context";
import classes from "./inside.module.css";

/** What was decided, newest first, each with the rules that fired. */
export function Decisions({ list, timeZone }: { list: RecordView[]; timeZone: string | undefined }) {
  return (
    <>
      {list.map((d) => (
        <Decision key={d.version} of={d} timeZone={timeZone} />
      ))}
    </>
  );
}

function Decision({ of: d, timeZone }: { of: RecordView; timeZone: string | undefined }) {
  const { t } = useTranslation("sandbox");
  const may = useMay();
  const input = useInputWords();
  const rules = d.rules ?? [];
  const told = rules.filter((r) => r.outcome === "fired" || r.outcome === "error");
  const skipped = (d.skipped ?? []).reduce((n, s) => n + (s.false?.length ?? 0) + (s.once?.length ?? 0), 0);
  const held = (d.effects ?? []).filter((e) => e.suppressed);
  const effect = (d.effects ?? []).find((e) => e.id);
  const fired = told.filter((r) => r.outcome === "fired").length;
  return (
    <details className={classes.decision}>
      <summary>
        <strong>#{d.version}</strong> <When at={d.at} timeZone={timeZone} />{" "}
        {capital((d.inputs ?? []).map(input).join(", "))}{" "}
        {fired > 0 && (
          <Badge c="var(--good)" bg="var(--good-soft)">
            {t("decision.fired", { count: fired })}
          </Badge>
        )}
      </summary>
      {told.map((r) => (
        <div
          key={`${r.input} ${r.rule} ${r.case_id}`}
          className={classes.rule}
          data-error={r.outcome === "error" || undefined}
        >
          <strong>{r.rule}</strong> {r.line && <small>{t("decision.line", { line: r.line })}</small>}
          {r.when && (
            <div>
              <code>{r.when}</code>
            </div>
          )}
          {r.values?.map((v) => (
            <div key={v.expr}>
              <code>
                {v.expr} = {v.value}
              </code>
            </div>
          ))}
          {r.error && <div>{r.error}</div>}
          {r.deeds?.map((d, i) => (
            <div key={r.did?.[i]}>
              →{" "}
              {d.held
                ? t("decision.suppressed", { what: saidIn(d.did ?? []), why: saidIn(d.note ?? []) })
                : saidIn(d.did ?? []) + (d.note ? ` (${saidIn(d.note)})` : "")}
            </div>
          ))}
        </div>
      ))}
      {held.map((e) => (
        <p key={e.id ?? `${e.kind} ${e.what}`} className={classes.none}>
          {t("decision.suppressed", {
            what: [word("effect", e.kind), e.what].filter(Boolean).join(" "),
            why: said(e.suppressed ?? "", e.suppressed_said),
          })}
        </p>
      ))}
      <p className={classes.none}>{t("decision.quiet", { count: rules.length - told.length + skipped })}</p>
      {effect?.id && may("read_customers") && (
        <Anchor component={Link} to={`/why/${effect.id}`} size="sm">
          {t("link.why")}
        </Anchor>
      )}
    </details>
  );
}

/** What was decided upon, in a word or two. */
function useInputWords(): (input: InputView) => string {
  const { t } = useTranslation("sandbox");
  return (i) => {
    switch (i.kind) {
      case "event":
        return word("event", i.event?.type) || word("input", i.kind);
      case "answer":
        return t("input.answer", { component: i.answer?.component ?? "?" });
      case "outcome":
        return t("input.outcome", {
          what: [word("effect", i.outcome?.kind), word("effect_state", i.outcome?.state)].filter(Boolean).join(" "),
        });
      case "command":
        return word("command", i.command?.kind);
      default:
        return word("input", i.kind);
    }
  };
}
