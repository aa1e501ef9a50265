import { Button, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { caseQuery } from "@/api/queries/case";
import { useNames } from "@/api/queries/person";
import type { WorkItemView } from "@/api/schema";
import type { AskProps } from "./asking";
import classes from "./item.module.css";
import { openPromises, ownerWithout, promiseBy } from "./promised";

/** Why the work is no longer needed. */
export function AskCancel({ item: w, moves, onClose, onDone }: AskProps) {
  const { t } = useTranslation("desk");
  const [note, setNote] = useState("");
  return (
    <form
      className={classes.ask}
      onSubmit={(e) => {
        e.preventDefault();
        onClose();
        moves.cancel(w, { note: note.trim() });
        onDone();
      }}
    >
      <Textarea
        label={t("cancel.why")}
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
        maxLength={4000}
        autosize
        minRows={2}
        maxRows={6}
        required
        data-autofocus
      />
      <Promised item={w} />
      <Text size="xs" c="var(--dim)">
        {t("cancel.hint")}
      </Text>
      <Button type="submit" size="sm" color="red" disabled={!note.trim()}>
        {t("act.cancel")}
      </Button>
    </form>
  );
}

/** What the customer waits for all the same, and who answers for it from then on. */
function Promised({ item: w }: { item: WorkItemView }) {
  const { t } = useTranslation("desk");
  const name = useNames();
  const { data: matter } = useQuery(caseQuery(w.case_id));
  const told = openPromises(matter).filter((p) => p.heard !== "not_told");
  if (!matter || told.length === 0) return null;
  const what = told.map((p) => promiseBy(p, w.time_zone)).join(" · ");
  const who = ownerWithout(matter, w);
  return (
    <div className={classes.warn} role="note">
      {who ? t("cancel.promisedOwner", { what, who: name(who) }) : t("cancel.promised", { what })}
    </div>
  );
}
