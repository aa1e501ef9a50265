import { Button, Text, UnstyledButton } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconWand } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Folded } from "@/ui/problem";
import type { Checked } from "./check";
import classes from "./dock.module.css";
import { mistake } from "./mistake";
import type { Problem } from "./spot";

interface ProblemsProps {
  checked: Checked | undefined;
  /** Set while what is shown is about an older text. */
  checking: boolean;
  show: (p: Problem) => void;
  mend: (p: Problem) => void;
}

/** What is wrong with the text, each with the way to it and, where one is known, the word that was meant. */
export function Problems({ checked, checking, show, mend }: ProblemsProps) {
  const { t } = useTranslation("playbooks");
  if (!checked)
    return (
      <Text c="var(--dim)" size="sm" p="sm">
        {t("problems.checking")}
      </Text>
    );
  if (checked.error !== undefined)
    return (
      <Text c="var(--bad)" size="sm" p="sm">
        {checked.error ? t("problems.unchecked", { why: checked.error }) : t("problems.empty")}
      </Text>
    );
  if (checked.problems.length === 0)
    return (
      <Text size="sm" p="sm" className={classes.fine}>
        <IconCircleCheck size={16} aria-hidden />
        {t(checking ? "problems.checking" : "problems.none")}
      </Text>
    );
  return (
    <ul className={classes.list} aria-label={t("problems.title")}>
      {checked.problems.map((p, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two mistakes may be told in the same words
        <li key={`${i} ${p.message}`} className={classes.problem}>
          <Mistake of={p} show={show} mend={mend} />
        </li>
      ))}
    </ul>
  );
}

function Mistake({ of: p, show, mend }: Pick<ProblemsProps, "show" | "mend"> & { of: Problem }) {
  const { t } = useTranslation("playbooks");
  const { text, detail, expected } = mistake(p);
  return (
    <>
      <div className={classes.told}>
        <UnstyledButton className={classes.goto} onClick={() => show(p)}>
          <IconCircleX size={16} aria-hidden className={classes.bad} />
          <span className={classes.line}>{p.line ? t("problems.line", { line: p.line }) : t("problems.whole")}</span>
          <span className={classes.what}>
            {text}
            {expected && <span className={classes.expected}>{t("problems.expected", { what: expected })}</span>}
          </span>
        </UnstyledButton>
        {detail && <Folded>{detail}</Folded>}
      </div>
      {p.did_you_mean && (
        <Button
          variant="light"
          size="compact-xs"
          leftSection={<IconWand size={13} />}
          onClick={() => mend(p)}
          className={classes.fix}
        >
          {t("problems.use", { word: p.did_you_mean })}
        </Button>
      )}
    </>
  );
}
