import { Button, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AskProps } from "./asking";
import classes from "./item.module.css";

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
      <Text size="xs" c="var(--dim)">
        {t("cancel.hint")}
      </Text>
      <Button type="submit" size="sm" color="red" disabled={!note.trim()}>
        {t("act.cancel")}
      </Button>
    </form>
  );
}
