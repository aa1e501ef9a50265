import { Badge, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconBolt, IconCheck, IconHandStop } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { saidIn } from "@/i18n/said";
import { considered, type RecordView, type RuleTrace, type Skipped, type UsedRule } from "./logic";
import classes from "./why.module.css";

interface RulesProps {
  of: RecordView;
  input: number;
  known: Map<string, UsedRule>;
  /** Of the playbook that decided; missing where it is not kept. */
  version?: number;
}

/** The rules that an input was held against, in file order: those that fired first of all. */
export function Rules({ of: r, input, known, version }: RulesProps) {
  const { t } = useTranslation("why");
  const { traces, skipped } = considered(r, input, known);
  if (traces.length === 0 && skipped.length === 0) return null;
  return (
    <section className={classes.part}>
      <h3 className={classes.label}>{t("part.rules")}</h3>
      {traces.length === 0 && <p className={classes.dim}>{t("rule.none")}</p>}
      {traces.map((x) => (
        <Fired key={x.rule} of={x} version={version} />
      ))}
      {skipped.length > 0 && <NotFired of={skipped} version={version} />}
    </section>
  );
}

/** A rule's name, leading to its line in the version that decided. */
function RuleName({ name, line, version }: { name: string; line?: number; version?: number }) {
  const { t } = useTranslation("why");
  if (!version || !line) return <code className={classes.rule}>{name}</code>;
  return (
    <Link
      to="/playbooks/$version"
      params={{ version: String(version) }}
      search={{ line }}
      className={classes.rule}
      title={t("rule.open")}
    >
      <code>{name}</code> <span className={classes.dim}>{t("rule.line", { line })}</span>
    </Link>
  );
}

function Fired({ of: x, version }: { of: RuleTrace; version?: number }) {
  const { t } = useTranslation("why");
  const failed = x.outcome === "error";
  const values = x.values ?? [];
  return (
    <div className={classes.fired} data-failed={failed || undefined}>
      <p className={classes.ruleHead}>
        {failed ? <IconAlertTriangle size={15} aria-hidden /> : <IconBolt size={15} aria-hidden />}
        <RuleName name={x.rule} line={x.line} version={version} />
        <Badge color={failed ? "red" : "green"}>{t(failed ? "rule.failed" : "rule.fired")}</Badge>
      </p>
      {x.error && <p className={classes.bad}>{x.error}</p>}
      {values.length > 0 ? (
        <table className={classes.values}>
          <thead className="sr-only">
            <tr>
              <th>{t("rule.condition")}</th>
              <th>{t("rule.value")}</th>
            </tr>
          </thead>
          <tbody>
            {values.map((v) => (
              <tr key={v.expr}>
                <td>
                  <code>{v.expr}</code>
                </td>
                <td>
                  {v.value === "true" ? (
                    <span className={classes.true}>
                      <IconCheck size={14} aria-hidden /> {t("true")}
                    </span>
                  ) : (
                    <code className={classes.value}>{v.value}</code>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : x.when ? (
        <p className={classes.when}>
          <code>{x.when}</code>
        </p>
      ) : (
        !failed && <p className={classes.dim}>{t("rule.always")}</p>
      )}
      {(x.deeds ?? []).length > 0 && (
        <ul className={classes.did}>
          {(x.deeds ?? []).map((d, i) => (
            <li key={x.did?.[i]} data-held={d.held || undefined}>
              {d.held ? <IconHandStop size={14} aria-hidden /> : "→"} {saidIn(d.did ?? [])}
              {d.note && (
                <span className={d.held ? classes.held : classes.dim}>
                  {" "}
                  {d.held ? `${t("rule.held")}: ${saidIn(d.note)}` : `(${saidIn(d.note)})`}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The many that did nothing, out of the way until they are asked for. */
function NotFired({ of, version }: { of: Skipped[]; version?: number }) {
  const { t } = useTranslation("why");
  const [text, setText] = useState("");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = of.filter((s) => {
    const all = `${s.name} ${s.rule?.when ?? ""}`.toLowerCase();
    return words.every((w) => all.includes(w));
  });
  return (
    <details className={classes.rest}>
      <summary>{t("rule.rest", { count: of.length })}</summary>
      <TextInput
        size="xs"
        aria-label={t("rule.filter")}
        placeholder={t("rule.filter")}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        autoComplete="off"
        my="xs"
      />
      <p className="sr-only" role="status">
        {text && t("rule.left", { count: shown.length })}
      </p>
      <ul className={classes.skipped}>
        {shown.map((s) => (
          <li key={`${s.trigger} ${s.name} ${s.why}`}>
            <span className={classes.ruleHead}>
              <RuleName name={s.name} line={s.rule?.line} version={version} />
              <Badge color="gray">{t(s.why === "once" ? "rule.once" : "rule.false")}</Badge>
            </span>
            {s.rule?.when && <code className={classes.small}>{s.rule.when}</code>}
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className={classes.dim}>{t("rule.noneLeft")}</p>}
    </details>
  );
}
