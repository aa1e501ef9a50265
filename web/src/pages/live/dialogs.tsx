import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { IconStack2, IconUser } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { now as atServer } from "@/api/clock";
import { queueNamesQuery } from "@/api/queries/queue";
import type { AgentView, WorkItemView } from "@/api/schema";
import { showError } from "@/ui/act";
import { fieldTime } from "@/ui/format";
import type { Moves } from "@/ui/moves";
import { type Priority, priorities, priorityName } from "@/ui/priority";
import { headword, wordsOf } from "@/ui/word";
import { holderOf } from "@/ui/workitem";
import classes from "./live.module.css";

export type Asking = { what: "pass" | "due" | "cancel"; item: WorkItemView } | null;

interface DialogsProps {
  asking: Asking;
  close: () => void;
  moves: Moves;
  agents: AgentView[];
}

/** What is asked before a work item is moved. */
export function Dialogs({ asking, close, moves, agents }: DialogsProps) {
  const { t } = useTranslation(["live", "ui"]);
  const titles = { pass: t("act.passTitle"), due: t("act.dueTitle"), cancel: t("act.cancelTitle") };
  const item = asking?.item;
  return (
    <Modal
      opened={asking !== null}
      onClose={close}
      title={asking ? titles[asking.what] : ""}
      closeButtonProps={{ "aria-label": t("ui:close") }}
    >
      {item && (
        <Stack gap="sm">
          <Text size="sm" c="var(--dim)" lineClamp={2}>
            {item.post_text}
          </Text>
          {asking.what === "pass" && <Pass item={item} moves={moves} agents={agents} close={close} />}
          {asking.what === "due" && <DueTime item={item} moves={moves} close={close} />}
          {asking.what === "cancel" && <Cancel item={item} moves={moves} close={close} />}
        </Stack>
      )}
    </Modal>
  );
}

interface DialogProps {
  item: WorkItemView;
  moves: Moves;
  close: () => void;
}

interface Target {
  id: string;
  name: string;
  icon: ReactNode;
  note: string;
  off: boolean;
  go: () => void;
}

function Pass({ item, moves, agents, close }: DialogProps & { agents: AgentView[] }) {
  const { t } = useTranslation("live");
  const queues = useQuery(queueNamesQuery);
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [note, setNote] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const holder = holderOf(item);
  const to = (place: { queue?: string; agent?: string }, name: string) => () => {
    const text = note.trim();
    const done = t(place.agent ? "act.passedAgent" : "act.passedQueue", { who: name, queue: name });
    void moves.pass(item, { ...place, ...(text && { note: text }) }, done);
    close();
  };
  const people = agents.filter((a) => !a.disabled && a.activity !== "offline" && (a.queues ?? []).includes(item.queue));
  const targetsFor = (names: string[]): Target[] =>
    [
      ...people
        .toSorted((a, b) => b.room - a.room)
        .map((a) => ({
          id: `a ${a.id}`,
          name: a.name || a.id,
          icon: <IconUser size={16} aria-hidden />,
          note:
            a.id === holder
              ? t("act.here")
              : `${headword("activity", a.doing)}, ${a.room > 0 ? t("act.room", { count: a.room }) : t("act.full")}`,
          off: a.id === holder,
          go: to({ agent: a.id }, a.name || a.id),
        })),
      ...names.map((queue) => ({
        id: `q ${queue}`,
        name: queue,
        icon: <IconStack2 size={16} aria-hidden />,
        note: queue === item.queue && !holder && !item.for ? t("act.here") : t("act.toQueue"),
        off: queue === item.queue && !holder && !item.for,
        go: to({ queue }, queue),
      })),
    ].filter((x) => x.name.toLowerCase().includes(text.trim().toLowerCase()));
  const targets = targetsFor(queues.data ?? []);
  // What stands there as Enter is pressed is meant, also where it is pressed before the names are there.
  const enter = async () => {
    if (!text.trim()) return;
    const names = queues.data ?? (await client.ensureQueryData(queueNamesQuery).catch(showError)) ?? [];
    targetsFor(names)
      .find((x) => !x.off)
      ?.go();
  };
  const arrows = (e: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!by) return;
    const all = [...(box.current?.querySelectorAll<HTMLElement>("input, button:not(:disabled)") ?? [])];
    all[all.indexOf(document.activeElement as HTMLElement) + by]?.focus();
    e.preventDefault();
  };
  return (
    <div ref={box}>
      <TextInput
        data-autofocus
        label={t("act.search")}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Enter") void enter();
          arrows(e);
        }}
      />
      <div className={classes.choices}>
        {targets.map((x) => (
          <UnstyledButton key={x.id} className={classes.choice} disabled={x.off} onClick={x.go} onKeyDown={arrows}>
            {x.icon}
            <span className={classes.clip}>{x.name}</span>
            <Text span size="xs" c="var(--dim)" ml="auto">
              {x.note}
            </Text>
          </UnstyledButton>
        ))}
        {targets.length === 0 && !queues.isPending && (
          <Text size="sm" c="var(--dim)" p="xs">
            {t("act.nobody")}
          </Text>
        )}
      </div>
      <Textarea
        label={t("act.note")}
        description={t("act.noteHint")}
        autosize
        minRows={1}
        maxRows={5}
        maxLength={4000}
        mt="xs"
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
      />
    </div>
  );
}

function DueTime({ item, moves, close }: DialogProps) {
  const { t } = useTranslation(["live", "ui"]);
  const was = fieldTime(item.due);
  const named = priorityName(item.priority);
  const [priority, setPriority] = useState<string>(named ?? "");
  const [due, setDue] = useState(was);
  const moved = due !== was;
  const bad = moved && !(Date.parse(due) > atServer());
  const send = (e: FormEvent) => {
    e.preventDefault();
    const body = {
      ...(priority && priority !== named && { priority: priorities[priority as Priority] }),
      ...(moved && { due: new Date(due).toISOString() }),
    };
    if (bad) return;
    if (Object.keys(body).length > 0) void moves.raise(item, body);
    close();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <Select
          data-autofocus
          label={t("act.priority")}
          value={priority || null}
          placeholder={t("priority.of", { n: item.priority })}
          onChange={(v) => setPriority(v ?? "")}
          allowDeselect={false}
          comboboxProps={{ withinPortal: true }}
          data={wordsOf("priority").map((p) => ({ value: p, label: headword("priority", p) }))}
        />
        <TextInput
          type="datetime-local"
          label={t("act.dueAt")}
          value={due}
          onChange={(e) => setDue(e.currentTarget.value)}
          error={bad && t("act.dueBad")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("ui:cancel")}
          </Button>
          <Button type="submit">{t("act.save")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

const reasons = ["handled", "withdrawn", "twice"] as const;

function Cancel({ item, moves, close }: DialogProps) {
  const { t } = useTranslation("live");
  const [why, setWhy] = useState("");
  const [missing, setMissing] = useState(false);
  const send = (e: FormEvent) => {
    e.preventDefault();
    if (!why.trim()) {
      setMissing(true);
      return;
    }
    moves.cancel(item, { note: why.trim() });
    close();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <Textarea
          data-autofocus
          label={t("act.why")}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={4000}
          value={why}
          onChange={(e) => setWhy(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key === "Enter" && !e.shiftKey) send(e);
          }}
          error={missing && !why.trim() && t("act.whyMissing")}
        />
        <Group gap="xs">
          {reasons.map((r) => (
            <Button key={r} variant="default" onClick={() => setWhy(t(`act.reasons.${r}`))}>
              {t(`act.reasons.${r}`)}
            </Button>
          ))}
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("act.keep")}
          </Button>
          <Button color="red" type="submit">
            {t("act.cancelDo")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
