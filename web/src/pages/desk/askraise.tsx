import { Button, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AskProps } from "./asking";
import classes from "./item.module.css";
import { localInput } from "./times";

const steps = [20, 50, 80, 100] as const;

/** How pressing it is, and until when: a supervisor's to say. */
export function AskRaise({ item: w, moves, onClose }: AskProps) {
  const { t } = useTranslation("desk");
  const before = localInput(new Date(w.due));
  const [priority, setPriority] = useState(String(steps.find((p) => p > w.priority) ?? 100));
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
          priority: Number(priority),
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
          data={steps.map((p) => ({ value: String(p), label: t(`raise.p${p}`) }))}
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
