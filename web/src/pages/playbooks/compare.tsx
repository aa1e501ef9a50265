import { Button, Text } from "@mantine/core";
import { Fragment, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./compare.module.css";
import { counts, difference, type Line, pieces } from "./difference";

interface CompareProps {
  before: string;
  after: string;
  /** What is compared, for screen readers. */
  label: string;
}

/** What differs between two texts, line by line, with words and signs beside the colours. */
export function Compare({ before, after, label }: CompareProps) {
  const { t } = useTranslation("playbooks");
  const lines = useMemo(() => difference(before, after), [before, after]);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const n = counts(lines);
  if (n.added + n.removed === 0)
    return (
      <Text size="sm" c="var(--dim)">
        {t("compare.same")}
      </Text>
    );
  return (
    <div className={classes.compare}>
      <p className={classes.counts}>
        {n.added > 0 && <span data-kind="added">{t("compare.added", { count: n.added })}</span>}
        {n.removed > 0 && <span data-kind="removed">{t("compare.removed", { count: n.removed })}</span>}
      </p>
      <section className={classes.scroll} tabIndex={0} aria-label={label}>
        <table className={classes.table}>
          <thead className="sr-only">
            <tr>
              <th>{t("compare.before")}</th>
              <th>{t("compare.after")}</th>
              <th>{t("compare.change")}</th>
              <th>{t("compare.text")}</th>
            </tr>
          </thead>
          <tbody>
            {pieces(lines).map((piece) => {
              const run = "lines" in piece ? piece.lines : piece.hidden;
              const at = run[0]!.after ?? run[0]!.before ?? 0;
              if ("hidden" in piece && !open.has(at))
                return (
                  <tr key={`gap ${at}`}>
                    <td colSpan={4} className={classes.gap}>
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        color="gray"
                        onClick={() => setOpen((was) => new Set(was).add(at))}
                      >
                        {t("compare.hidden", { count: piece.hidden.length })}
                      </Button>
                    </td>
                  </tr>
                );
              return (
                <Fragment key={`run ${run[0]!.before ?? ""} ${at}`}>
                  {run.map((l, i) => (
                    <Row key={`${l.before ?? ""} ${l.after ?? ""}`} line={l} first={run[i - 1]?.kind !== l.kind} />
                  ))}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      </section>
    </div>
  );
}

function Row({ line, first }: { line: Line; first: boolean }) {
  const { t } = useTranslation("playbooks");
  const { kind, text, mark } = line;
  const word = kind === "same" ? "" : t(`compare.${kind}Word`);
  return (
    <tr data-kind={kind}>
      <td className={classes.number}>{line.before}</td>
      <td className={classes.number}>{line.after}</td>
      <td className={classes.sign}>
        {kind !== "same" && (
          <>
            <span aria-hidden>{kind === "added" ? "+" : "−"}</span>
            <span className={first ? classes.word : "sr-only"}>{word}</span>
          </>
        )}
      </td>
      <td className={classes.text}>
        {mark ? (
          <>
            {text.slice(0, mark[0])}
            <mark>{text.slice(...mark)}</mark>
            {text.slice(mark[1])}
          </>
        ) : (
          text
        )}
      </td>
    </tr>
  );
}
