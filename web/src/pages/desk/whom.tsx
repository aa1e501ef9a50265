import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { agentsQuery } from "@/api/queries/agent";
import { queueNamesQuery } from "@/api/queries/queue";
import type { WorkItemView } from "@/api/schema";
import { word } from "@/ui/word";

/** A colleague, or a queue in which anybody may have it: who is asked, or gets the work item. */
export function useWhom(w: WorkItemView, me: string) {
  const [queue, setQueue] = useState(w.queue);
  const [agent, setAgent] = useState<string | null>(null);
  const queues = useQuery(queueNamesQuery);
  const agents = useQuery(agentsQuery);
  const people = (agents.data ?? [])
    .filter((a) => a.id !== me && !a.disabled && a.queues?.includes(queue))
    .sort((a, b) => Number(b.doing === "available") - Number(a.doing === "available") || a.id.localeCompare(b.id));
  return {
    queue,
    agent,
    people,
    queues: queues.data ?? [w.queue],
    /** What the API is told: nothing is said of the queue that it is in. */
    place: { ...(agent && { agent }), ...(queue !== w.queue && { queue }) },
    /** Who or which queue, in words. */
    name: agent ? people.find((a) => a.id === agent)?.name || agent : queue,
    setAgent,
    setQueue: (next: string | null) => {
      setQueue(next ?? w.queue);
      setAgent(null);
    },
  };
}

interface WhomProps {
  of: ReturnType<typeof useWhom>;
  agentLabel: string;
  agentText?: string;
  queueLabel: string;
  /** The focus begins here. */
  first?: boolean;
}

export function Whom({ of, agentLabel, agentText, queueLabel, first }: WhomProps) {
  const { t } = useTranslation("desk");
  return (
    <>
      <Select
        label={agentLabel}
        description={agentText}
        placeholder={t("transfer.anyone")}
        searchable
        clearable
        data={of.people.map((a) => ({ value: a.id, label: `${a.name || a.id} · ${word("activity", a.doing)}` }))}
        value={of.agent}
        onChange={of.setAgent}
        nothingFoundMessage={t("transfer.nobody", { queue: of.queue })}
        data-autofocus={first || undefined}
      />
      <Select label={queueLabel} data={of.queues} value={of.queue} allowDeselect={false} onChange={of.setQueue} />
    </>
  );
}
