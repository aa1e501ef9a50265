import { Button, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AskProps } from "./asking";
import classes from "./item.module.css";
import { useWhom, Whom } from "./whom";

/** To whom: a person, another queue, or back to the item's own. */
export function AskTransfer({ item: w, login, moves, onClose, onDone }: AskProps) {
  const { t } = useTranslation("desk");
  const [note, setNote] = useState("");
  const whom = useWhom(w, login);
  const moved = Object.keys(whom.place).length > 0;
  return (
    <form
      className={classes.ask}
      onSubmit={(e) => {
        e.preventDefault();
        const text = note.trim();
        onClose();
        moves.transfer(w, { ...whom.place, ...(text && { note: text }) }, whom.name);
        onDone();
      }}
    >
      <Whom
        of={whom}
        agentLabel={t("transfer.agent")}
        agentText={t("transfer.agentText")}
        queueLabel={t("transfer.queue")}
        first
      />
      <Textarea
        label={t("transfer.note")}
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
        maxLength={4000}
        autosize
        minRows={2}
        maxRows={6}
      />
      <Button type="submit" size="sm">
        {moved ? t("act.transfer") : t("transfer.back", { queue: whom.queue })}
      </Button>
    </form>
  );
}
