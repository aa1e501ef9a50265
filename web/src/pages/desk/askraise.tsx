import { Button, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldTime } from "@/ui/format";
import { nextPriority, type Priority, priorities } from "@/ui/priority";
import { headword, wordsOf } from "@/ui/word";
import type { AskProps } from "./asking";
import classes from "./item.module.css";

/** How pressing it is, and until when: a supervisor's to say. */
export function AskRaise({ item: w, moves, onClose }: AskProps) {
  const { t } = useTranslation("desk");
  const before = fieldTime(w.due);
  const [priority, setPriority] = useState<string>(nextPriority(w.priority) ?? "urgent");
  const [due, setDue] = useState(before);
  const [note, setNote] = useState("");
  return (
    <form
      className={classes.ask}
      onSubmit={(e) => {
        e.preventDefault();
        const text = note.trim();
        onClose();
        void moves.raise(w, {
          priority: priorities[priority as Priority],
          ...(due && due !== before && { due: new Date(due).toISOString() }),
          ...(text && { note: text }),
        });
      }}
    >
      <div>
        <div className={classes.label} id="raise-priority">
          {t("raise.priority")}
        </div>
        <SegmentedControl
          fullWidth
          aria-labelledby="raise-priority"
          value={priority}
          onChange={setPriority}
          data={wordsOf("priority").map((value) => ({ value, label: headword("priority", value) }))}
        />
      </div>
      <TextInput
        type="datetime-local"
        label={t("raise.due")}
        value={due}
        onChange={(e) => setDue(e.currentTarget.value)}
      />
      <Textarea
        label={t("raise.note")}
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
        maxLength={4000}
        autosize
        minRows={2}
        maxRows={6}
      />
      <Button type="submit" size="sm" data-autofocus>
        {t("act.raise")}
      </Button>
    </form>
  );
}
