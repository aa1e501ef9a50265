import { Button, Select, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AskProps } from "./asking";
import { agentsQuery, queueNamesQuery } from "./data";
import classes from "./item.module.css";
import { word } from "./words";

/** What an expert is asked. The item stays where it is. */
export function AskExpert({ item: w, login, moves, onClose }: AskProps) {
  const { t } = useTranslation("desk");
  const [note, setNote] = useState("");
  const [queue, setQueue] = useState(w.queue);
  const [agent, setAgent] = useState<string | null>(null);
  const queues = useQuery(queueNamesQuery);
  const agents = useQuery(agentsQuery);
  const people = (agents.data ?? [])
    .filter((a) => a.id !== login && !a.disabled && a.queues?.includes(queue))
    .map((a) => ({ value: a.id, label: `${a.name || a.id} · ${word(t, "activity", a.doing)}` }));
  return (
    <form
      className={classes.ask}
      onSubmit={(e) => {
        e.preventDefault();
        onClose();
        moves.expert(w, { note: note.trim(), ...(queue !== w.queue && { queue }), ...(agent && { agent }) });
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
      <Select
        label={t("expert.queue")}
        data={queues.data?.items ?? [w.queue]}
        value={queue}
        allowDeselect={false}
        onChange={(next) => {
          setQueue(next ?? w.queue);
          setAgent(null);
        }}
      />
      <Select
        label={t("expert.agent")}
        placeholder={t("transfer.anyone")}
        searchable
        clearable
        data={people}
        value={agent}
        onChange={setAgent}
        nothingFoundMessage={t("transfer.nobody", { queue })}
      />
      <Text size="xs" c="var(--dim)">
        {t("expert.hint")}
      </Text>
      <Button type="submit" size="sm" disabled={!note.trim()}>
        {t("act.expert")}
      </Button>
    </form>
  );
}
