import { Badge } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { span } from "@/ui/format";
import { When } from "@/ui/time";
import { word } from "@/ui/word";
import { Came } from "./came";
import { InputWords } from "./inputwords";
import { type EffectEnd, type ExplanationView, type RecordView, rulesOf, type Step } from "./logic";
import { Outcome } from "./outcome";
import { Rules } from "./rules";
import classes from "./why.module.css";

interface StepProps {
  of: Step;
  index: number;
  x: ExplanationView;
  ends: Map<string, EffectEnd>;
  open: boolean;
  current: boolean;
  /** It made what is asked about. */
  asked: boolean;
  toggle: () => void;
}

/** One decision: what came, what was understood, which rules fired and why, what came of it. */
export function StepCard({ of: { record: r, sinceMs }, index, x, ends, open, current, asked, toggle }: StepProps) {
  const { t } = useTranslation("why");
  const inputs = r.inputs ?? [];
  const known = rulesOf(x, r.playbook);
  return (
    <li className={classes.step} data-of={index}>
      {sinceMs !== undefined && (
        <p className={classes.gap}>{sinceMs < 1000 ? t("atOnce") : t("later", { time: span(sinceMs) })}</p>
      )}
      <article className={classes.card} data-asked={asked || undefined} data-current={current || undefined}>
        <h2 className={classes.head}>
          <button type="button" className={classes.toggle} aria-expanded={open} data-step={index} onClick={toggle}>
            <IconChevronRight size={16} aria-hidden className={classes.chevron} />
            <span className={classes.number}>{index + 1}</span>
            <span className={classes.headline}>
              <Headline of={r} />
            </span>
            {asked && <Badge>{t("asked")}</Badge>}
            <span className={classes.time}>
              <When at={r.at} />
            </span>
          </button>
        </h2>
        {open && (
          <div className={classes.body}>
            {inputs.map((input, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a record's inputs never move
              <div key={i} className={classes.input}>
                <Came of={input} record={r} x={x} />
                <Rules of={r} input={i} known={known} version={versionOf(x, r)} />
              </div>
            ))}
            <Outcome of={r} x={x} ends={ends} />
            <Decided of={r} x={x} />
          </div>
        )}
      </article>
    </li>
  );
}

const versionOf = (x: ExplanationView, r: RecordView) =>
  (x.playbooks ?? []).find((p) => p.hash === r.playbook)?.version;

/** What came and what came of it, in a line. */
function Headline({ of: r }: { of: RecordView }) {
  const { t } = useTranslation(["why", "customers"]);
  const inputs = r.inputs ?? [];
  const entries = r.entries ?? [];
  const led = [
    ...new Set(
      entries
        .filter((e) =>
          ["reply", "work_item", "promise", "set_aside", "not_sent", "lookup", "subscription", "alarm"].includes(
            e.kind,
          ),
        )
        .map((e) => word("entry", e.kind)),
    ),
  ];
  return (
    <>
      {inputs.slice(0, 2).map((input, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a record's inputs never move
        <span key={i} className={classes.came}>
          <InputWords of={input} />
        </span>
      ))}
      {inputs.length > 2 && <span className={classes.dim}> {t("more", { count: inputs.length - 2 })}</span>}
      {led.length > 0 && <span className={classes.led}>→ {led.join(", ")}</span>}
    </>
  );
}

/** Which version of the rules decided. */
function Decided({ of: r, x }: { of: RecordView; x: ExplanationView }) {
  const { t } = useTranslation("why");
  const p = (x.playbooks ?? []).find((v) => v.hash === r.playbook);
  return (
    <p className={classes.decided}>
      {t("decision", { number: r.version })} ·{" "}
      {p?.version ? (
        <Link to="/playbooks/$version" params={{ version: String(p.version) }} search={{}}>
          {t("playbook", { name: p.name, version: p.version })}
        </Link>
      ) : (
        t("playbookGone")
      )}{" "}
      · <code title={r.playbook}>{r.playbook.slice(0, 8)}</code> · {t("engine", { version: r.engine })}
    </p>
  );
}
