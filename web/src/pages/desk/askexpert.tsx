import { Button, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AskProps } from "./asking";
import classes from "./item.module.css";
import { useWhom, Whom } from "./whom";

/** What an expert is asked. The item stays where it is. */
export function AskExpert({ item: w, login, moves, onClose }: AskProps) {
  const { t } = useTranslation("desk");
  const [note, setNote] = useState("");
  const whom = useWhom(w, login);
  return (
    <form
      className={classes.ask}
      onSubmit={(e) => {
        e.preventDefault();
        onClose();
        moves.expert(w, { note: note.trim(), ...whom.place });
      }}
    >
      <Textarea
        label={t("expert.question")}
        placeholder={t("expert.placeholder")}
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
        maxLength={4000}
        autosize
        minRows={3}
        maxRows={8}
        required
        data-autofocus
      />
      <Whom of={whom} agentLabel={t("expert.agent")} queueLabel={t("expert.queue")} />
      <Text size="xs" c="var(--dim)">
        {t("expert.hint")}
      </Text>
      <Button type="submit" size="sm" disabled={!note.trim()}>
        {t("act.expert")}
      </Button>
    </form>
  );
}
