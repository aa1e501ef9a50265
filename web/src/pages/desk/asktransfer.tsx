import { Button, Select, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AskProps } from "./asking";
import { agentsQuery, queueNamesQuery } from "./data";
import classes from "./item.module.css";
import { word } from "./words";

/** To whom: a person, another queue, or back to the item's own. */
export function AskTransfer({ item: w, login, moves, onClose, onDone }: AskProps) {
  const { t } = useTranslation("desk");
  const [queue, setQueue] = useState(w.queue);
  const [agent, setAgent] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const queues = useQuery(queueNamesQuery);
  const agents = useQuery(agentsQuery);
  const people = (agents.data ?? [])
    .filter((a) => a.id !== login && !a.disabled && a.queues?.includes(queue))
    .sort((a, b) => Number(b.doing === "available") - Number(a.doing === "available") || a.id.localeCompare(b.id))
    .map((a) => ({ value: a.id, label: `${a.name || a.id} · ${word(t, "activity", a.doing)}` }));
  const send = () => {
    const to = agent ? (agents.data?.find((a) => a.id === agent)?.name ?? agent) : queue;
    const text = note.trim();
    onClose();
    moves.transfer(
      w,
      { ...(agent && { agent }), ...(queue !== w.queue && { queue }), ...(text && { note: text }) },
      to,
    );
    onDone();
  };
  return (
    <form
      className={classes.ask}
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      <Select
        label={t("transfer.agent")}
        description={t("transfer.agentText")}
        placeholder={t("transfer.anyone")}
        searchable
        clearable
        data={people}
        value={agent}
        onChange={setAgent}
        nothingFoundMessage={t("transfer.nobody", { queue })}
        data-autofocus
      />
      <Select
        label={t("transfer.queue")}
        data={queues.data?.items ?? [w.queue]}
        value={queue}
        allowDeselect={false}
        onChange={(next) => {
          setQueue(next ?? w.queue);
          setAgent(null);
        }}
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
        {agent || queue !== w.queue ? t("act.transfer") : t("transfer.back", { queue })}
      </Button>
    </form>
  );
}
